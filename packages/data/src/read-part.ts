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
  /** The index of this rank, from 0, and the number of ranks. */
  readonly rank: number;
  readonly size: number;
  /** The range of rows [first, end) of each rank; ranges are consecutive. */
  readonly rowsOf: RowsOf;
  /** All-gather of bytes, in rank order; all ranks make the same calls. */
  readonly gather: Gather;
  /** The collective name of the inputs, if each rank has a file of its own, whose rows follow each other. */
  readonly own?: string;
}

type PartReader = (source: Source, context: ReadContext, company: Company, rowsOf: RowsOf) => Promise<Table>;

const PARTS: Partial<Record<Format, PartReader>> = {
  csv: csvPart,
  libsvm: libsvmPart,
  npy: npyPart,
  parquet: async (...given) => (await import('./part/parquet.ts')).parquetPart(...given),
};

/** Smaller files are read whole by all ranks without a note. */
const LARGE = 1 << 20;

/**
 * Reads this rank's rows of a file that all ranks read together, each its own part: the concatenated tables of the
 * ranks equal that of {@link readTable}, whose columns, levels and notes they share. `before` and `all` give the
 * position of the rows. An error on one rank is thrown on all, with the same message. If each rank has a file of its
 * own (`own`), their rows follow each other, and rows that belong to another rank are sent there. Compressed files,
 * .npz and Matrix Market are read whole.
 * @throws as {@link readTable} does; NOT_SUPPORTED for inputs that can be read only once; FILE for a file that changes,
 * or is not the same on all ranks.
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
          `${raw.name} can be read only once, but each rank reads its own part: save it to a file.`,
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
    const named = { ...part, name: own };
    return options.stay ? named : movedRows(named, company, rowsOf);
  }
  checkSame(seen);
  const part = PARTS[format];
  const split = source.slice !== undefined && source.size !== undefined;
  const table = await guarded(context.name, () =>
    // Text can be skipped without parsing.
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
