import { fail } from '@southwell/numerics/core';
import { npyBlocks } from './binary/npy.ts';
import { FORMAT_NAMES } from './io/sniff.ts';
import type { Input, Source } from './io/source.ts';
import { open } from './open.ts';
import type { Format, NumberColumn, ReadContext, ReadOptions } from './table.ts';
import { CsvReader } from './text/csv.ts';
import { libsvmBlocks } from './text/libsvm.ts';
import { rowPieces } from './text/pieces.ts';

export interface BlockOptions extends ReadOptions {
  /** Number of rows per block; the last one may have fewer. */
  readonly rows: number;
  /**
   * Names of the columns to return, in this order; others may contain anything. Default: all columns, which must then
   * be numeric.
   */
  readonly columns?: readonly string[];
}

type Blocks = AsyncGenerator<readonly NumberColumn[], void>;

/** Columns in pieces of as many rows as suits the format. */
type BlockReader = (source: Source, context: ReadContext, columns: readonly string[] | undefined) => Blocks;

const instead = (format: Format, what: string): BlockReader =>
  // biome-ignore lint/correctness/useYield: it ends before there is a block.
  async function* (_, { name }) {
    fail('NOT_SUPPORTED', `${name} holds ${FORMAT_NAMES[format]}, ${what}`);
  };

const readers: Readonly<Record<Format, BlockReader>> = {
  csv: csvBlocks,
  libsvm: libsvmBlocks,
  'matrix-market': instead(
    'matrix-market',
    'by columns or in any order, so that no rows are complete before its end: convert it to CSV, .npy or LIBSVM.',
  ),
  async *npy(source, context, columns) {
    // Texts are read on request only.
    for await (const block of npyBlocks(source, context, columns)) yield block as readonly NumberColumn[];
  },
  npz: instead('npz', 'whose arrays are read whole: save the array by numpy.save, as .npy.'),
  idx: instead('idx', 'which is read whole: save the array by numpy.save, as .npy.'),
  picture: instead('picture', 'which is read whole.'),
  ply: instead('ply', 'which is read whole: convert it to CSV or .npy.'),
  pcd: instead('pcd', 'which is read whole: convert it to CSV or .npy.'),
  xyz: instead('xyz', 'which is read whole: convert it to CSV or .npy.'),
  netcdf: instead('netcdf', 'which is read whole: convert it to Parquet or .npy.'),
  text: instead('text', 'whose characters are not numbers.'),
  async *parquet(source, context, columns) {
    yield* (await import('./binary/parquet.ts')).parquetBlocks(source, context, columns);
  },
};

/**
 * Reads a file in blocks of rows, holding only a block and a piece of the file (for Parquet a row group) in memory.
 * CSV, LIBSVM and .npy in C order are read as they arrive, gzipped or not; .npy in Fortran order and Parquet need
 * random access. Numeric columns only, because the levels of a category are known only at the end; NaN is a missing
 * value. The columns of LIBSVM are x1, x2, …, as those of .npy, and `columns` is required.
 * @throws as {@link readTable} does, and INVALID_FORMAT for a text in a requested column, INVALID_PARAMETER for an
 * unknown column, NOT_SUPPORTED for other formats.
 */
export async function* readBlocks(input: Input, options: BlockOptions): Blocks {
  const { rows } = options;
  if (!(Number.isInteger(rows) && rows >= 1)) {
    fail('INVALID_PARAMETER', `rows must be a whole number of at least 1, but is ${rows}.`);
  }
  if (options.columns?.length === 0) fail('INVALID_PARAMETER', 'columns must name at least one column.');
  const { source, format, context } = await open(input, options);
  let held: Array<readonly NumberColumn[]> = [];
  let count = 0;
  for await (const piece of readers[format](source, context, options.columns)) {
    const length = piece[0].values.length;
    for (let at = 0; at < length; ) {
      const taken = Math.min(rows - count, length - at);
      held.push(piece.map((column) => ({ ...column, values: column.values.subarray(at, at + taken) })));
      at += taken;
      count += taken;
      if (count < rows) continue;
      yield joined(held);
      held = [];
      count = 0;
    }
  }
  if (count > 0) yield joined(held);
}

/** Concatenates parts of blocks to one block in arrays of its own. */
function joined(parts: ReadonlyArray<readonly NumberColumn[]>): readonly NumberColumn[] {
  return parts[0].map((column, j) => {
    const values = new Float64Array(parts.reduce((sum, part) => sum + part[j].values.length, 0));
    let at = 0;
    for (const part of parts) {
      values.set(part[j].values, at);
      at += part[j].values.length;
    }
    return { ...column, values };
  });
}

async function* csvBlocks(source: Source, context: ReadContext, columns: readonly string[] | undefined): Blocks {
  // The size of the file is omitted, because columns would be allocated for all of it.
  const reader = new CsvReader({ ...context, size: undefined }, { numbers: columns ?? 'all' });
  yield* rowPieces(source, context, reader, () => reader.take(reader.rows));
}
