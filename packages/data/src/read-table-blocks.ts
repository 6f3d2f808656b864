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
 * Reads a table in blocks of rows, for files larger than memory: the columns that `choose` selects, with the given
 * types. Only a block and a piece of the file (for Parquet a row group) are in memory; formats without blocks come
 * whole, and so do inputs that can be read only once but would need two passes. `before` of a block is the number of
 * rows before it; its notes are complete after the last block. In a numeric column of a CSV file, a few other values
 * become missing, with a note.
 * @throws as {@link readTable} does, and INVALID_FORMAT at the end if at least a tenth of the values of a required
 * column are not numbers.
 */
export async function* readTableBlocks(input: Input, options: TableBlockOptions): AsyncGenerator<Table, void> {
  const { source, format, context } = await open(input, options);
  const { name, notes } = context;
  const parts = PARTS[format];
  // LIBSVM would need a pass over the stream first; .npy may be in column order, and Parquet has its directory at the
  // end.
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

/** If no columns were chosen, there are no rows to report. */
const ofColumns = (columns: readonly Column[]): Part => {
  const first = columns.at(0);
  const rows = first && (first.type === 'number' ? first.values : first.codes).length;
  return { columns, rows: rows ?? 0 };
};

const PARTS: Partial<
  Record<Format, (source: Source, context: ReadContext, choose: ChooseColumns) => AsyncIterable<Part>>
> = {
  csv: async function* (source, context, choose) {
    // The size of the file is omitted, because columns would be allocated for all of it.
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
    for await (const part of libsvmMatrices(source, context)) yield { columns: [], ...part, rows: part.sparse.X.rows };
  },
  npy: async function* (source, context, choose) {
    for await (const columns of npyBlocks(source, context, choose)) yield ofColumns(columns);
  },
  parquet: async function* (source, context, choose) {
    const { parquetGroups } = await import('./binary/parquet.ts');
    for await (const columns of parquetGroups(source, context, choose)) yield ofColumns(columns);
  },
};
