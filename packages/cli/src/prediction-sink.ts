import { AtomicFile, ParquetBlocks, writeCsv } from '@southwell/data/node';
import type { Columns } from '@southwell/tasks';
import { listsOf } from './table-job.ts';

/** Takes predictions by blocks of rows. */
export interface PredictionSink {
  append(columns: Columns): Promise<void> | void;
  /** All is written. */
  finish(): void;
  /** Leaves no half of a file behind; nothing after `finish`. */
  discard(): void;
  /** What was kept, where it was. */
  readonly columns?: Columns;
}

/** .csv or .parquet by the ending of the name, which was checked; the file is there whole or not at all. */
export function fileSink(path: string): PredictionSink {
  const file = new AtomicFile(path);
  const parquet = /\.parquet$/i.test(path) ? new ParquetBlocks((bytes) => file.write(bytes)) : undefined;
  let header = true;
  return {
    append(columns) {
      if (parquet) parquet.append(listsOf(columns));
      else file.write(writeCsv(listsOf(columns), { header }));
      header = false;
    },
    finish() {
      parquet?.finish();
      file.commit();
    },
    discard: () => file.discard(),
  };
}

/** CSV to the screen or a pipe, no faster than it is taken. */
export function screenSink(): PredictionSink {
  let header = true;
  return {
    async append(columns) {
      const flows = process.stdout.write(writeCsv(listsOf(columns), { header }));
      header = false;
      if (!flows) await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
    },
    finish() {},
    discard() {},
  };
}

/** In memory, for a document that holds them all. */
export function keptSink(): PredictionSink {
  const columns: Record<string, Array<string | number | null>> = {};
  return {
    append(block) {
      for (const [name, values] of Object.entries(block)) {
        columns[name] ??= [];
        for (const value of values) columns[name].push(value);
      }
    },
    finish() {},
    discard() {},
    columns,
  };
}
