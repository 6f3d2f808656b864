import { fail } from 'southwell';
import { FORMAT_NAMES } from './io/sniff.ts';
import type { Input } from './io/source.ts';
import { pieces } from './io/window.ts';
import { open } from './open.ts';
import type { NumberColumn, ReadOptions } from './table.ts';
import { CsvReader } from './text/csv.ts';

export interface BlockOptions extends ReadOptions {
  /** Rows of a block; the last may have fewer. */
  readonly rows: number;
  /** Names of the columns to give, in this order; others may hold anything. Default: all, which must then be numbers. */
  readonly columns?: readonly string[];
}

/**
 * A CSV file, gzipped or not, by blocks of rows: what is in memory is a block and a piece of the file. Numbers alone, as
 * the levels of a category are known only at the end; NaN is a missing value. Throws as {@link readTable} does, and
 * INVALID_FORMAT for a text in a column that is asked for, INVALID_PARAMETER for an unknown column, NOT_SUPPORTED for
 * other formats.
 */
export async function* readBlocks(input: Input, options: BlockOptions): AsyncGenerator<readonly NumberColumn[], void> {
  const { rows } = options;
  if (!(Number.isInteger(rows) && rows >= 1)) {
    fail('INVALID_PARAMETER', `rows must be a whole number of at least 1, but is ${rows}.`);
  }
  const { source, format, context } = await open(input, options);
  if (format !== 'csv') {
    fail('NOT_SUPPORTED', `${context.name} holds ${FORMAT_NAMES[format]}; only CSV is read by blocks of rows.`);
  }
  // Without the size of the file, by which columns would be made for all of it.
  const reader = new CsvReader({ ...context, size: undefined }, { numbers: options.columns ?? 'all' });
  let given = 0;
  for await (const piece of pieces(source.stream())) {
    reader.feed(piece);
    context.progress(given + reader.rows);
    while (reader.rows >= rows) {
      yield reader.take(rows);
      given += rows;
    }
  }
  reader.end();
  while (reader.rows > 0) yield reader.take(Math.min(rows, reader.rows));
}
