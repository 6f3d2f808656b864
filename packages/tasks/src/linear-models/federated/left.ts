import { gatherOf } from '../../spread/gather.ts';
import type { JobRanks } from '../../spread/ranks.ts';
import type { Left } from '../result.ts';

/** What the phases of the communication carry. */
const KINDS: Readonly<Record<string, string>> = {
  '': 'columns, texts, row counts',
  levels: 'classes and counts',
  largest: 'extremes of columns',
  sums: 'sums over its rows',
  setup: 'options, clients, curvature',
  down: 'models for clients',
  up: 'models of clients',
  result: 'the last model',
  checkpoint: 'models for a checkpoint',
};

/** What each rank sent so far, by kind; on all ranks. Collective. */
export function leftRanks(ranks: JobRanks): Left[] {
  const own = ranks.together((comm) => comm.traffic());
  const text = JSON.stringify(Object.entries(own).map(([phase, { messages, bytes }]) => ({ phase, messages, bytes })));
  return gatherOf(ranks)(new TextEncoder().encode(text)).flatMap((told, rank) => {
    const sent = JSON.parse(new TextDecoder().decode(told)) as Array<{
      phase: string;
      messages: number;
      bytes: number;
    }>;
    return sent
      .filter(({ messages }) => messages > 0)
      .map(({ phase, messages, bytes }) => ({
        ...{ rank, kind: phase === '' ? 'reading' : phase, what: KINDS[phase] ?? 'other messages', messages, bytes },
      }));
  });
}
