import { readNpy } from './binary/npy.ts';
import { readNpz } from './binary/npz.ts';
import { readPcd } from './clouds/pcd.ts';
import { readPly } from './clouds/ply.ts';
import { readXyz } from './clouds/xyz.ts';
import { readIdx } from './images/idx.ts';
import type { Source } from './io/source.ts';
import type { Format, ReadContext, Table } from './table.ts';
import { readCharacters } from './text/characters.ts';
import { readLibsvm } from './text/libsvm.ts';
import { readMatrixMarket } from './text/matrix-market.ts';
import { readCsv } from './text/read-csv.ts';

export const readers: Readonly<Record<Format, (source: Source, context: ReadContext) => Promise<Table>>> = {
  csv: readCsv,
  libsvm: readLibsvm,
  'matrix-market': readMatrixMarket,
  npy: readNpy,
  npz: readNpz,
  // Imported on demand, because its decoders are larger than everything else.
  parquet: async (source, context) => (await import('./binary/parquet.ts')).readParquet(source, context),
  text: readCharacters,
  idx: readIdx,
  ply: readPly,
  pcd: readPcd,
  xyz: readXyz,
  // Imported on demand, like Parquet.
  netcdf: async (source, context) => (await import('./binary/netcdf.ts')).readNetcdf(source, context),
  // Imported on demand, like Parquet.
  picture: async (source, context) => (await import('./images/picture.ts')).readPicture(source, context),
};
