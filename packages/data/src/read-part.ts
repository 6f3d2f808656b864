import { fail } from '@southwell/numerics/core';
import { guarded } from './io/guard.ts';
import { FORMAT_NAMES } from './io/sniff.ts';
import { type Input, type Source, toSource } from './io/source.ts';
import { type Opened, open } from './open.ts';
import { Company, type Gather, share } from './part/company.ts';
import { csvPart } from './part/csv.ts';
import { libsvmPart } from './part/libsvm.ts';
import { npyPart } from './part/npy.ts';
import { movedRows, ownPart } from './part/own.ts';
import { checkSame, openOnAll } from './part/same-file.ts';
import { type RowsOf, wholePart } from './part/whole.ts';
import type { Format, ReadContext, ReadOptions, Table } from './table.ts';

export interface PartOptions extends ReadOptions {
  /** Which of the ranks this is, from 0, and how many there are. */
  readonly rank: number;
  readonly size: number;
  /** The rows [first, end) that a rank is to have of all rows, one rank's after another's. */
  readonly rowsOf: RowsOf;
  /** Sends bytes to all ranks and gives those of all of them, in order: called by all ranks alike. */
  readonly gather: Gather;
  /** How the inputs of the ranks are called together, where each is a file of its own: their rows follow each other. */
  readonly own?: string;
}

type PartReader = (source: Source, context: ReadContext, company: Company, rowsOf: RowsOf) => Promise<Table>;

const PARTS: Partial<Record<Format, PartReader>> = {
  csv: csvPart,
  libsvm: libsvmPart,
  npy: npyPart,
  parquet: async (...given) => (await import('./part/parquet.ts')).parquetPart(...given),
};

/** Nobody minds that a smaller file is read whole by all ranks. */
const LARGE = 1 << 20;

/**
 * This rank's rows of a file that all ranks read together, each its own part: the tables of the ranks, one after another,
 * are that of {@link readTable}, whose columns, levels and notes they have. `before` and `all` say where the rows are. What
 * is wrong on one rank is thrown on all, in the words of one. Where each rank has a file of its own (`own`), the rows of
 * these follow each other, and those are sent that another rank is to have. Compressed files, .npz and Matrix Market are read whole.
 * @throws as {@link readTable} does; NOT_SUPPORTED for what can be read only once; FILE for a file that changes, or is not
 * the same on all ranks.
 */
export async function readPart(given: Input | (() => Input), options: PartOptions): Promise<Table> {
  try {
    return await agreedPart(given, options);
  } catch (error) {
    throw share(error);
  }
}

async function agreedPart(given: Input | (() => Input), options: PartOptions): Promise<Table> {
  const { rank, size, rowsOf, gather, own, ...reading } = options;
  const company = new Company(rank, size, gather, options.signal);
  let opened!: Opened & { readonly raw: Source };
  const seen = await openOnAll(
    company,
    () => toSource(typeof given === 'function' ? given() : given, options.name),
    async (raw) => {
      if (!raw.restartable) {
        fail(
          'NOT_SUPPORTED',
          `${raw.name} can be read only once, but ranks read what is their own: save it to a file.`,
        );
      }
      opened = { ...(await open(raw, reading)), raw };
      return opened;
    },
  );
  const { source, format, context, raw } = opened;
  if (own !== undefined) {
    seen.forEach((other, r) => {
      if (other.format === seen[0].format) return;
      const [a, b] = [FORMAT_NAMES[other.format], FORMAT_NAMES[seen[0].format]];
      fail('INVALID_FORMAT', `${other.name}, of rank ${r}, holds ${a} where ${seen[0].name}, of rank 0, holds ${b}.`);
    });
    const part = await guarded(context.name, () =>
      format === 'csv' ? csvPart(source, context, company, rowsOf, own) : ownPart(source, format, context, company),
    );
    return movedRows({ ...part, name: own }, company, rowsOf);
  }
  checkSame(seen);
  const part = PARTS[format];
  const split = source.slice !== undefined && source.size !== undefined;
  const table = await guarded(context.name, () =>
    // Text can be passed over.
    part && (split || format === 'csv' || format === 'libsvm')
      ? part(source, context, company, rowsOf)
      : wholePart(source, format, context, company, rowsOf),
  );
  if ((split && part) || (raw.size ?? LARGE) < LARGE) return table;
  const what = part ? 'is compressed' : `holds ${FORMAT_NAMES[format]}`;
  context.notes.push(
    `${context.name} ${what} and cannot be read in parts: each rank reads all of it to find its own rows.`,
  );
  return table;
}
