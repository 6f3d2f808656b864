import type { ExperimentEvent } from '../experiment.ts';
import type { Panel } from '../panels.ts';
import type { Pause } from '../pauses.ts';
import type { Emit } from '../streamed.ts';
import { type armor, type Compressed, compressed, type Subject } from './lab.ts';

export const DENSE = 'dense';
export const NOWAG = 'NoWag-P 2:4';
export const WANDA = 'Wanda 2:4';
export const MAGNITUDE = 'magnitude 2:4';
/** SparseGPT without a pattern, as many bytes as ARMOR. */
export const EQUAL = 'SparseGPT, same bytes';
const rivals = {
  [MAGNITUDE]: 'magnitude',
  [WANDA]: 'wanda',
  [NOWAG]: 'nowag',
  'SparseGPT 2:4': 'sparsegpt',
} as const;
export const armorName = (blockSize: number): string => `ARMOR, blocks of ${blockSize}`;

/** A network compressed in one way, as it is and, if asked for, reconstructed. */
export interface Both {
  readonly plain: Compressed;
  readonly fitted?: Compressed;
}
export type Results = ReadonlyMap<string, Both>;

const PLAIN = 'As they are';
const FITTED = 'Reconstructed';

/** The loss of each way by the bytes of a weight. */
export const panelsOf = (label: string, blocks: readonly number[]): Panel[] =>
  [PLAIN, FITTED].map((title) => ({
    title,
    x: { label: 'bytes a weight' },
    y: { label, log: true },
    series: [...blocks.map(armorName), ...Object.keys(rivals), EQUAL],
    control: NOWAG,
  }));

interface Contest {
  readonly subject: Subject;
  readonly blocks: readonly number[];
  readonly steps: number;
  readonly seed: number;
  /** Whether every way is also reconstructed. */
  readonly again: boolean;
  readonly method: typeof armor;
}

/** Compresses a network in all ways, each as it is and perhaps reconstructed. `emit` draws them, where they are drawn. */
export async function contest(
  { subject, blocks, steps, seed, again, method }: Contest,
  emit: Emit | undefined,
  pause: Pause,
): Promise<Results> {
  const found = new Map<string, Both>();
  const put = async (name: string, of: (reconstruct: boolean) => Promise<Compressed>): Promise<void> => {
    const both: Both = { plain: await of(false), ...(again && { fitted: await of(true) }) };
    found.set(name, both);
    for (const [panel, one] of [
      [PLAIN, both.plain],
      [FITTED, both.fitted],
    ] as const)
      if (one) emit?.({ kind: 'points', panel, series: name, x: [one.bytes / one.weights], y: [one.loss] });
  };
  const dense = { ...(await subject.judge(subject.parameters)), bytes: Number.NaN, weights: Number.NaN };
  found.set(DENSE, { plain: dense, fitted: dense });
  for (const [name, way] of Object.entries(rivals))
    await put(name, (refit) => compressed(subject, { method: way, pattern: '2:4' }, refit, pause));
  for (const blockSize of blocks)
    await put(armorName(blockSize), (refit) => method(subject, { blockSize, steps, seed }, refit, pause));
  const { bytes, weights } = found.get(armorName(blocks[0]))!.plain;
  // A bit for each weight, and four bytes for those that stay.
  const density = Math.min(1, (bytes / weights - 1 / 8) / 4);
  await put(EQUAL, (refit) => compressed(subject, { method: 'sparsegpt', density }, refit, pause));
  return found;
}

/** The share of NoWag-P's damage that is undone. */
export const undone = (results: Results, name: string): number => {
  const loss = (of: string): number => results.get(of)!.plain.loss;
  return (loss(NOWAG) - loss(name)) / (loss(NOWAG) - loss(DENSE));
};

/** All ways with their bytes. */
export function tableOf(results: readonly Results[], loss: string, score: string): ExperimentEvent {
  const rows = results.flatMap((found, k) =>
    Array.from(found, ([name, { plain, fitted }]) => [
      ...[
        k + 1,
        name,
        plain.bytes / plain.weights,
        plain.loss,
        fitted?.loss ?? null,
        plain.score,
        fitted?.score ?? null,
      ],
    ]),
  );
  const columns = [
    ...['network', 'way', 'bytes a weight', loss, `${loss}, reconstructed`],
    ...[score, `${score}, reconstructed`],
  ];
  return { kind: 'table', title: 'Networks after compression', columns, rows };
}
