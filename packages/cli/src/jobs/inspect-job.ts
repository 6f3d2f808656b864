import { gatherOf, type JobTools } from '@southwell/tasks';
import { inspectTable, type TableSummary } from './inspect-table.ts';

/** Inspects a file; on several ranks each inspects its own rows. */
export async function inspectJob(_: object, { read, ranks, signal, progress }: JobTools): Promise<TableSummary> {
  const table = await read();
  const turn = async (done: number) => {
    progress({ text: `looking at columns: ${done}/${table.columns.length}` });
    signal.throwIfAborted();
  };
  return inspectTable(table, turn, ranks && { rank: ranks.rank, gather: gatherOf(ranks) });
}
