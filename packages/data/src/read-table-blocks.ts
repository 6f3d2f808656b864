import { npyBlocks } from './binary/npy.ts';
import { guarded } from './io/guard.ts';
import type { Input, Source } from './io/source.ts';
import { open } from './open.ts';
import { readers } from './readers.ts';
import type { ChooseColumns, Column, Format, ReadContext, ReadOptions, Table } from './table.ts';
import { CsvReader, noteDirt } from './text/csv.ts';
import { libsvmMatrices } from './text/libsvm.ts';
import { rowPieces } from './text/pieces.ts';

export interface TableBlockOptions extends ReadOptions {
  readonly choose: ChooseColumns;
}

type Part = Pick<Table, 'columns' | 'sparse' | 'rows'>;

/**
 * A table by blocks of rows, for files larger than memory: the columns that `choose` names, as what it names. What is
 * in memory is a block and a piece of the file, of Parquet a row group; formats that have no blocks come whole, and so
 * does what can be read only once though it would take two passes. `before` of a block are the rows before it; its
 * notes are complete when the last one was given. In a column of numbers of a CSV file a few other values are missing,
 * with a note.
 * @throws as {@link readTable} does, and INVALID_FORMAT at the end where a required column has one in ten such values
 * or more.
 */
export async function* readTableBlocks(input: Input, options: TableBlockOptions): AsyncGenerator<Table, void> {
  const { source, format, context } = await open(input, options);
  const { name, notes } = context;
  const parts = PARTS[format];
  // A stream of LIBSVM cannot be looked through first; .npy may be by columns, and Parquet has its directory at the end.
  const once = format === 'libsvm' ? !source.restartable : format !== 'csv' && !source.slice;
  if (!parts || once) {
    yield await guarded(name, () => readers[format](source, context));
    return;
  }
  let before = 0;
  for await (const part of parts(source, context, options.choose)) {
    yield { name, format, notes, before, ...part };
    before += part.rows;
  }
}

/** Where nothing was chosen of a file there are no rows to speak of. */
const ofColumns = (columns: readonly Column[]): Part => {
  const first = columns.at(0);
  const rows = first && (first.type === 'number' ? first.values : first.codes).length;
  return { columns, rows: rows ?? 0 };
};

const PARTS: Partial<
  Record<Format, (source: Source, context: ReadContext, choose: ChooseColumns) => AsyncIterable<Part>>
> = {
  csv: async function* (source, context, choose) {
    // Without the size of the file, by which columns would be made for all of it.
    const reader = new CsvReader({ ...context, size: undefined }, { choose });
    const rows = {
      get rows() {
        return reader.complete;
      },
      feed: (bytes: Uint8Array) => reader.feed(bytes),
      end: () => reader.end(),
    };
    yield* rowPieces(source, context, rows, () => ofColumns(reader.takeChosen()));
    noteDirt(reader.dirt, reader.choice, context);
  },
  libsvm: async function* (source, context) {
    for await (const sparse of libsvmMatrices(source, context)) yield { columns: [], sparse, rows: sparse.X.rows };
  },
  npy: async function* (source, context, choose) {
    for await (const columns of npyBlocks(source, context, choose)) yield ofColumns(columns);
  },
  parquet: async function* (source, context, choose) {
    const { parquetGroups } = await import('./binary/parquet.ts');
    for await (const columns of parquetGroups(source, context, choose)) yield ofColumns(columns);
  },
};
