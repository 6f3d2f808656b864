import { gatherOf, type JobTools } from '@southwell/tasks';
import type { Place } from '../ranks/ranks.ts';
import { inspectTable, type TableSummary } from './inspect-table.ts';

export interface InspectRequest {
  /** The file, as `data`, and how it is read. */
  readonly asked: Readonly<Record<string, unknown>>;
  readonly place: Place;
}

/** Inspects a file on several ranks: each looks at its own rows. */
export async function inspectJob(_: InspectRequest, { read, ranks, progress }: JobTools): Promise<TableSummary> {
  const table = await read();
  const turn = async (done: number) => progress({ text: `looking at columns: ${done}/${table.columns.length}` });
  return inspectTable(table, turn, ranks && { rank: ranks.rank, gather: gatherOf(ranks) });
}
