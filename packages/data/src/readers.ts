import { readNpy } from './binary/npy.ts';
import { readNpz } from './binary/npz.ts';
import { readParquet } from './binary/parquet.ts';
import type { Source } from './io/source.ts';
import type { Format, ReadContext, Table } from './table.ts';
import { readLibsvm } from './text/libsvm.ts';
import { readMatrixMarket } from './text/matrix-market.ts';
import { readCsv } from './text/read-csv.ts';

export const readers: Readonly<Record<Format, (source: Source, context: ReadContext) => Promise<Table>>> = {
  csv: readCsv,
  libsvm: readLibsvm,
  'matrix-market': readMatrixMarket,
  npy: readNpy,
  npz: readNpz,
  parquet: readParquet,
};
