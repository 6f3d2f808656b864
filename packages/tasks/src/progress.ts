import type { ChooseColumns, Folder, NumberColumn, ReadOptions, Source, Table } from '@southwell/data';
import type { CheckpointStore } from './checkpoints.ts';
import type { Columns } from './declaration/columns.ts';
import type { SavedModel } from './saved-model.ts';
import type { JobRanks } from './spread/ranks.ts';

/** What a running job tells. */
export interface JobProgress {
  readonly text: string;
  readonly iteration?: number;
  readonly objective?: number;
  /** A certificate relative to what it was at the start, of the part at hand. */
  readonly gap?: number;
  /** Parts that are done, of how many. */
  readonly done?: number;
  readonly total?: number;
}

/** `zeroBased`: the first column of a LIBSVM file has index 0. */
export type Blocks = (
  columns: readonly string[],
  rows: number,
  options?: { readonly zeroBased?: boolean },
) => AsyncIterable<readonly NumberColumn[]>;

/** A table that is gone through block by block; of several ranks each has a block in every round. */
export interface RowBlocks {
  /** Of the table: known after the first round. */
  readonly name: string;
  /** Does a work on every block; gives what it says of them, plain data, those of a round together. */
  rounds<T>(work: (block: Table) => Promise<T>): AsyncIterable<readonly T[]>;
  /** What there is to say of the whole table, after the last round. */
  notes(): Promise<readonly string[]>;
}

/** Takes columns block by block: into a file, to the screen, or to keep them. On several ranks, to be called on all alike. */
export interface RowSink {
  /** A block of this rank. @param first Whether its rows are the first of all. */
  add(columns: Columns, first: boolean): Promise<void> | void;
  /** At the end of a round. */
  flush(): Promise<void> | void;
  /** All is written. */
  finish(): void;
  /** Leaves no half of a file behind; does nothing after `finish`. */
  discard(): void;
  /** What was kept, where it was. */
  readonly columns?: Readonly<Record<string, Array<number | string | null>>>;
}

/** What a job can do only where it runs beside a shell. */
export interface JobHost {
  /**
   * Runs a line of the shell and gives what it printed on its standard output, the first 10,000 characters. Rejects with a
   * sentence where its exit code is not 0; an abort ends it, with what it started.
   */
  shell(line: string, signal?: AbortSignal): Promise<string>;
  /** The URL of a JavaScript file, for workers to import. Throws a sentence where there is none. */
  moduleUrl(path: string): string;
}

/** What a job is given: its tables, a way to stop it, somebody who listens. */
export interface JobTools {
  /** The table of an input by its name, one of a list by its place as `more.1`. Default: `data`. */
  read(input?: string, options?: ReadOptions): Promise<Table>;
  /** The text of a file that an option names; absent where there are no files. */
  contents?(option: string): Promise<string>;
  /** The bytes of an input that is a file, of which ranges can be read. */
  file?(input: string): Promise<Source>;
  /** An input that is a folder. */
  folder?(input: string): Promise<Folder>;
  /** An input that is a saved model. */
  model?(input: string): Promise<SavedModel>;
  /** The table of an input by blocks of rows, with the columns that are chosen; without a choice as one block. */
  blocksOf?(input: string, options: ReadOptions & { readonly choose?: ChooseColumns }): Promise<RowBlocks>;
  /** Where an output that is made by blocks goes. */
  rows?(output: string): Promise<RowSink>;
  /** The whole table on every rank, where `read` may give a part of it: to be called on all alike. Absent where there are no ranks. */
  whole?(input?: string, options?: ReadOptions): Promise<Table>;
  /** Columns of the file of `data` by blocks of rows, each time from its beginning; absent where there is no file to read. */
  readonly blocks?: Blocks;
  readonly signal: AbortSignal;
  progress(p: JobProgress): void;
  /** Where the job keeps what it needs to go on after it was cut off, if that is wanted. */
  readonly checkpoint?: CheckpointStore;
  /** Where checkpoints go that nobody asked for: of tasks whose results they do not change. */
  readonly unasked?: CheckpointStore;
  /** Absent on a page. */
  readonly host?: JobHost;
  /** Whether the result is to have what pictures of it are drawn from. */
  readonly pictures?: boolean;
  /** Threads to use where the request leaves that open and the data are large. Default: 1. */
  readonly cores?: number;
  /** The other ranks where the job runs on several: what is read is then this rank's part. Only tasks that say so have them. */
  readonly ranks?: JobRanks;
}
