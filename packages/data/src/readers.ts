import type { Source } from './io/source.ts';
import type { Format, ReadContext, Table } from './table.ts';
import { readCsv } from './text/read-csv.ts';

const todo = async (_s: Source, _c: ReadContext): Promise<Table> => {
  throw new Error('todo');
};
export const readers: Readonly<Record<Format, (source: Source, context: ReadContext) => Promise<Table>>> = {
  csv: readCsv,
  libsvm: todo,
  'matrix-market': todo,
  npy: todo,
  npz: todo,
  parquet: todo,
};
