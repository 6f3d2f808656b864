import { type Folder, isFolder } from './io/folder.ts';
import { guarded } from './io/guard.ts';
import type { Input } from './io/source.ts';
import { open } from './open.ts';
import { readers } from './readers.ts';
import type { ReadOptions, Table } from './table.ts';

/**
 * Reads a table or sparse matrix from bytes, a Blob (a dropped File) or a stream of bytes: CSV/TSV, LIBSVM/SVMlight,
 * Matrix Market, NumPy .npy/.npz, Parquet, or a point cloud (PLY, PCD, XYZ), each possibly gzipped. The content
 * determines the format, with the extension as a hint. A folder of PNG and JPEG files gives one row per picture. Text
 * is parsed as it arrives; Parquet and .npz are read in pieces if the input allows it.
 * @throws SouthwellError INVALID_FORMAT, with file and line, for data that cannot be read; the signal's reason when
 * aborted.
 */
export async function readTable(input: Input | Folder, options: ReadOptions = {}): Promise<Table> {
  // Imported on demand, because decoders are needed for pictures only.
  if (isFolder(input)) return (await import('./images/picture-folder.ts')).readPictureFolder(input, options);
  const opened = await open(input, options);
  return guarded(opened.context.name, () => readers[opened.format](opened.source, opened.context));
}
