import type { ViewTable } from '../../declaration/view.ts';
import { count, grouped, number } from '../../format.ts';
import type { FitResult } from '../result.ts';

/** Sentences on a federated fit: who took part, in which form and why, and what it does not promise. */
export function federatedNotes({ federated }: FitResult): string[] {
  if (!federated) return [];
  const { clients, perRound, ranks, form, why, rounds, up, down, noise } = federated;
  const some = perRound < clients ? `, ${perRound} in a round` : '';
  const where = ranks > 1 ? ` on ${count(ranks, 'rank')}` : '';
  const over = noise > 0 ? ` over links with noise of variance ${number(noise)}` : '';
  return [
    `${count(clients, 'client')}${where}${some}: ${count(rounds, 'round')}${over}, in which clients sent ${grouped(up)} numbers and received ${grouped(down)}.`,
    `Form ${form === 'dual' ? 'with duals' : 'without duals'}: ${why}.`,
    'No row left its client, but this is no guarantee of privacy: sums and models tell of rows, the more the fewer there are. Models with a guarantee are those of fit-private.',
  ];
}

/** What each rank sent, by kind. */
export function federatedTables({ federated }: FitResult): ViewTable[] {
  if (!federated || federated.left.length === 0) return [];
  return [
    {
      title: 'What left each rank',
      columns: ['rank', 'kind', 'messages', 'bytes', 'what'],
      rows: federated.left.map(({ rank, kind, messages, bytes, what }) => [rank, kind, messages, bytes, what]),
    },
  ];
}
