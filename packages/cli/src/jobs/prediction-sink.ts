import { AtomicFile, ParquetBlocks, writeCsv } from '@southwell/data/node';
import { decodePlain, encodePlain } from '@southwell/numerics/core';
import type { Columns } from '@southwell/tasks';
import { listsOf } from './table-job.ts';

/** Blocks of rows as bytes, which other ranks can make of theirs. */
export interface BlockForm {
  /** @param first Whether it is the first block. */
  bytes(columns: Columns, first: boolean): Uint8Array;
}

/** Takes predictions by blocks of rows. */
export interface PredictionSink {
  /** A block in its form. */
  take(block: Uint8Array): Promise<void> | void;
  append(columns: Columns): Promise<void> | void;
  /** All is written. */
  finish(): void;
  /** Leaves no half of a file behind; nothing after `finish`. */
  discard(): void;
  /** What was kept, where it was. */
  readonly columns?: Columns;
}

const isParquet = (path: string) => /\.parquet$/i.test(path);

/** As it is written. */
const CSV: BlockForm = { bytes: (columns, first) => writeCsv(listsOf(columns), { header: first }) };

/** With every bit. */
const PLAIN: BlockForm = { bytes: (columns) => new TextEncoder().encode(encodePlain(listsOf(columns))) };
const columnsIn = (block: Uint8Array) => decodePlain(new TextDecoder().decode(block)) as Columns;

/** What goes to the sink of the same names. */
export const formOf = (out: string | undefined, json: boolean | undefined): BlockForm =>
  out === undefined ? (json ? PLAIN : CSV) : isParquet(out) ? PLAIN : CSV;

/** To a file, or, without one, into a document or to the screen. */
export const sinkOf = (out: string | undefined, json: boolean | undefined): PredictionSink =>
  out !== undefined ? fileSink(out) : json ? keptSink() : screenSink();

/** .csv or .parquet by the ending of the name, which was checked; the file is there whole or not at all. */
function fileSink(path: string): PredictionSink {
  const file = new AtomicFile(path);
  if (isParquet(path)) {
    const parquet = new ParquetBlocks((bytes) => file.write(bytes));
    return {
      take: (block) => parquet.append(listsOf(columnsIn(block))),
      append: (columns) => parquet.append(listsOf(columns)),
      finish() {
        parquet.finish();
        file.commit();
      },
      discard: () => file.discard(),
    };
  }
  let first = true;
  return {
    take: (block) => file.write(block),
    append(columns) {
      file.write(CSV.bytes(columns, first));
      first = false;
    },
    finish: () => file.commit(),
    discard: () => file.discard(),
  };
}

/** CSV to the screen or a pipe, no faster than it is taken. */
function screenSink(): PredictionSink {
  let first = true;
  const take = async (bytes: Uint8Array) => {
    if (process.stdout.write(bytes)) return;
    await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
  };
  return {
    take,
    append(columns) {
      const bytes = CSV.bytes(columns, first);
      first = false;
      return take(bytes);
    },
    finish() {},
    discard() {},
  };
}

/** In memory, for a document that holds them all. */
function keptSink(): PredictionSink {
  const columns: Record<string, Array<string | number | null>> = {};
  const append = (block: Columns) => {
    for (const [name, values] of Object.entries(block)) {
      columns[name] ??= [];
      for (const value of values) columns[name].push(value);
    }
  };
  return { take: (block) => append(columnsIn(block)), append, finish() {}, discard() {}, columns };
}
