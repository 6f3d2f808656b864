import { fail } from '@southwell/numerics/core';
import { guarded } from './io/guard.ts';
import { FORMAT_NAMES } from './io/sniff.ts';
import { type Input, toSource } from './io/source.ts';
import { type Opened, open } from './open.ts';
import { BLOCKS, type FileBlocks } from './part/blocks.ts';
import { Company, type Gather, share } from './part/company.ts';
import { checkSame, openOnAll } from './part/same-file.ts';
import type { ChooseColumns, ReadOptions, Table } from './table.ts';

export interface PartBlockOptions extends ReadOptions {
  /** The index of this rank, from 0, and the number of ranks. */
  readonly rank: number;
  readonly size: number;
  readonly choose: ChooseColumns;
  /** All-gather of bytes, in rank order; all ranks make the same calls. */
  readonly gather: Gather;
}

/**
 * Why ranks cannot each read their own blocks of a file, as the end of a sentence after its name; undefined if they
 * can.
 * @throws FILE, INVALID_FORMAT.
 */
export async function undivided(input: Input, options: ReadOptions = {}): Promise<string | undefined> {
  const raw = toSource(input, options.name);
  if (!raw.restartable) return 'can be read only once';
  const { source, format } = await open(raw, options);
  if (!BLOCKS[format]) return `holds ${FORMAT_NAMES[format]} and cannot be read in parts`;
  if (!source.slice || source.size === undefined) return 'is compressed and cannot be read in parts';
  return undefined;
}

/**
 * A file that all ranks read together in blocks of rows, those of {@link readTableBlocks}: block b is read by rank b
 * modulo the number of ranks, so that blocks are processed in the order of the file with one block in memory on each
 * rank. An error on one rank is thrown on all, with the same message. All methods are collective.
 */
export class PartBlocks {
  private constructor(
    readonly name: string,
    private readonly opened: Opened,
    private readonly company: Company,
    private readonly file: FileBlocks,
  ) {}

  /**
   * @throws as `readTableBlocks` does; NOT_SUPPORTED for the reasons that {@link undivided} gives; FILE for a file that
   * changes, or is not the same on all ranks.
   */
  static async open(given: Input | (() => Input), options: PartBlockOptions): Promise<PartBlocks> {
    const { rank, size, gather, choose, ...reading } = options;
    const company = new Company(rank, size, gather, options.signal);
    return shared(async () => {
      let opened!: Opened;
      const seen = await openOnAll(
        company,
        () => toSource(typeof given === 'function' ? given() : given, options.name),
        async (raw) => {
          const why = await undivided(raw, reading);
          if (why !== undefined) fail('NOT_SUPPORTED', `${raw.name} ${why}: let one rank read it.`);
          opened = await open(raw, reading);
          return opened;
        },
      );
      checkSame(seen);
      const { source, format, context } = opened;
      const file = await guarded(context.name, () => BLOCKS[format]!(source, context, company, choose));
      return new PartBlocks(context.name, opened, company, file);
    });
  }

  /** Applies `work` to every block; yields the results, which must be plain data, of one block per rank at a time. */
  async *rounds<T>(work: (block: Table) => Promise<T>): AsyncGenerator<readonly T[], void> {
    const { company, file, opened, name } = this;
    const { rank, size } = company;
    for (let first = 0; first < file.count; first += size) {
      const block = first + rank;
      const told = await shared(() =>
        company.agree(async () => {
          if (block >= file.count) return null;
          const notes = [...opened.context.notes];
          const table = await guarded(name, () => file.read(block, notes));
          opened.context.progress((table.before ?? 0) + table.rows);
          return { of: await work({ name, format: opened.format, ...table, notes }) };
        }),
      );
      yield told.flatMap((each) => (each ? [each.of] : []));
    }
  }

  /** Notes on the whole file. To be called when all blocks are done. */
  async notes(): Promise<readonly string[]> {
    const { file, opened } = this;
    const { notes } = opened.context;
    return file.notes ? [...notes, ...(await shared(() => file.notes!()))] : notes;
  }
}

/** Marks errors as common to all ranks. */
async function shared<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw share(error);
  }
}
