import { type Folder, isFolder } from './io/folder.ts';
import { guarded } from './io/guard.ts';
import type { Input } from './io/source.ts';
import { open } from './open.ts';
import { readers } from './readers.ts';
import type { ReadOptions, Table } from './table.ts';

/**
 * Reads a table or sparse matrix from bytes, a Blob (a dropped File) or a stream of bytes: CSV/TSV, LIBSVM/SVMlight,
 * Matrix Market, NumPy .npy/.npz, Parquet, or a cloud of points (PLY, PCD, XYZ), each possibly gzipped. The content decides the format, the extension of
 * the name helps. A folder of PNG and JPEG is a row for each picture. Text is parsed as it arrives; Parquet and .npz are read by pieces where the input allows it.
 * @throws SouthwellError INVALID_FORMAT, with file and line, for what cannot be read; the signal's reason when aborted.
 */
export async function readTable(input: Input | Folder, options: ReadOptions = {}): Promise<Table> {
  // With decoders, which are needed for pictures alone.
  if (isFolder(input)) return (await import('./images/picture-folder.ts')).readPictureFolder(input, options);
  const opened = await open(input, options);
  return guarded(opened.context.name, () => readers[opened.format](opened.source, opened.context));
}
