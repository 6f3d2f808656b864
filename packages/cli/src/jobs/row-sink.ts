import { AtomicFile, ParquetBlocks, writeCsv } from '@southwell/data/node';
import { decodePlain, encodePlain } from '@southwell/numerics/core';
import type { Columns, JobRanks, RowSink } from '@southwell/tasks';
import { toScreen } from '../carriers/aside.ts';
import { listsOf } from './lists.ts';

/** Where rows are written: to a file, into a JSON document, or to standard output. */
export interface RowTarget {
  readonly path?: string;
  readonly kept?: boolean;
}

type Ending = Pick<RowSink, 'finish' | 'discard' | 'columns'> & {
  /** Called before the rows of each round. */
  begin?(): Promise<void>;
};
/** Receives rows in order, as bytes of CSV or as columns. */
type Writer =
  | (Ending & { readonly csv: true; write(bytes: Uint8Array): Promise<void> | void })
  | (Ending & { readonly csv: false; append(columns: Columns): Promise<void> | void });

const isCsv = ({ path, kept }: RowTarget): boolean => (path === undefined ? !kept : !/\.parquet$/i.test(path));

/** Writes a file atomically. */
function fileWriter(path: string, csv: boolean): Writer {
  const file = new AtomicFile(path);
  const discard = () => file.discard();
  if (csv) return { csv, write: (bytes) => file.write(bytes), finish: () => file.commit(), discard };
  const parquet = new ParquetBlocks((bytes) => file.write(bytes));
  return {
    csv,
    append: (columns) => parquet.append(listsOf(columns)),
    finish() {
      parquet.finish();
      file.commit();
    },
    discard,
  };
}

/** Collects all rows for a document. */
function memory(): Writer {
  const columns: Record<string, Array<string | number | null>> = {};
  return {
    csv: false,
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

/**
 * Prints the rows of a round, with backpressure, when those of the next have come: the rows of a table of one block are
 * printed only if there is no error.
 */
function screen(): Writer {
  let held: Uint8Array[] = [];
  const print = async () => {
    for (const bytes of held) await toScreen(bytes);
    held = [];
  };
  return { csv: true, begin: print, write: (bytes) => void held.push(bytes), finish: print, discard() {} };
}

function writerOf(target: RowTarget): Writer {
  if (target.path !== undefined) return fileWriter(target.path, isCsv(target));
  return target.kept ? memory() : screen();
}

const csvBytes = (columns: Columns, first: boolean) => writeCsv(listsOf(columns), { header: first });

/** Writes rows to their target; on several ranks the first writes the rows of all. */
export function rowSink(target: RowTarget, ranks?: JobRanks): RowSink {
  const writer = !ranks || ranks.rank === 0 ? writerOf(target) : undefined;
  let block: { readonly columns: Columns; readonly first: boolean } | undefined;
  const own = () => {
    if (!block) return new Uint8Array(0);
    const { columns, first } = block;
    return isCsv(target) ? csvBytes(columns, first) : new TextEncoder().encode(encodePlain(listsOf(columns)));
  };
  return {
    add(columns, first) {
      block = { columns, first };
    },
    async flush() {
      await writer?.begin?.();
      if (!ranks && writer && block) {
        if (writer.csv) await writer.write(csvBytes(block.columns, block.first));
        else await writer.append(block.columns);
      }
      for (const bytes of ranks ? collected(ranks, own()) : []) {
        if (bytes.length === 0) continue;
        if (writer!.csv) await writer!.write(bytes);
        // Preserving every bit.
        else await writer!.append(decodePlain(new TextDecoder().decode(bytes)) as Columns);
      }
      block = undefined;
    },
    finish: () => writer?.finish(),
    discard: () => writer?.discard(),
    printed: target.path === undefined && !target.kept,
    ...(writer?.columns && { columns: writer.columns }),
  };
}

/** The bytes of each rank in order, on the first rank; nothing on the others. */
function collected({ rank, size, together }: JobRanks, own: Uint8Array): Uint8Array[] {
  return together(function* (comm) {
    const lengths = new Float64Array(size);
    yield* comm.allGather(Float64Array.of(own.length), lengths);
    if (rank > 0) {
      if (own.length > 0) yield* comm.send(0, own, BLOCK);
      return [];
    }
    const blocks = [own];
    for (let from = 1; from < size; from++) {
      const bytes = new Uint8Array(lengths[from]);
      if (bytes.length > 0) yield* comm.receive(from, bytes, BLOCK);
      blocks.push(bytes);
    }
    return blocks;
  });
}

/** The message tag of a block. */
const BLOCK = 7;
