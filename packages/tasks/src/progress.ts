import type { ChooseColumns, Folder, NumberColumn, ReadOptions, Source, Table } from '@southwell/data';
import type { CheckpointStore } from './checkpoints.ts';
import type { Columns } from './declaration/columns.ts';
import type { SavedModel } from './saved-model.ts';
import type { JobRanks } from './spread/ranks.ts';

/** Progress reports of a running job. */
export interface JobProgress {
  readonly text: string;
  readonly iteration?: number;
  readonly objective?: number;
  /** A certificate relative to its initial value, for the current part. */
  readonly gap?: number;
  /** Number of completed parts, and total. */
  readonly done?: number;
  readonly total?: number;
  /** The text in columns, of methods that have a table of iterations. */
  readonly columns?: Readonly<Record<string, string>>;
}

/** `zeroBased`: the first column of a LIBSVM file has index 0. */
export type Blocks = (
  columns: readonly string[],
  rows: number,
  options?: { readonly zeroBased?: boolean },
) => AsyncIterable<readonly NumberColumn[]>;

/** A table that is processed block by block; on several ranks, each has a block in every round. */
export interface RowBlocks {
  /** Name of the table: known after the first round. */
  readonly name: string;
  /** Applies a function to every block; yields its results, plain data, for each round together. */
  rounds<T>(work: (block: Table) => Promise<T>): AsyncIterable<readonly T[]>;
  /** Notes on the whole table, after the last round. */
  notes(): Promise<readonly string[]>;
}

/**
 * Receives columns block by block: for a file, for the screen, or to keep them. On several ranks, to be called on all
 * of them.
 */
export interface RowSink {
  /** A block of this rank. @param first Whether it begins with the first row of the table. */
  add(columns: Columns, first: boolean): Promise<void> | void;
  /** Called at the end of a round. */
  flush(): Promise<void> | void;
  /** Called when everything is written. */
  finish(): Promise<void> | void;
  /** Removes a partially written file; does nothing after `finish`. */
  discard(): void;
  /** Whether rows go to standard output, those of a round when the next is flushed; they cannot be removed from there. */
  readonly printed?: boolean;
  /** The columns, if they were kept. */
  readonly columns?: Readonly<Record<string, Array<number | string | null>>>;
}

/** Capabilities that a job only has beside a shell. */
export interface JobHost {
  /**
   * Runs a shell command and returns its standard output, up to 10,000 characters. Rejects with a sentence if its exit
   * code is not 0; an abort terminates it, with its child processes.
   */
  shell(line: string, signal?: AbortSignal): Promise<string>;
  /** The URL of a JavaScript file, for workers to import. Throws a sentence if there is none. */
  moduleUrl(path: string): string;
}

/** Tools of a job: access to its tables, an abort signal, and progress reports. */
export interface JobTools {
  /** The table of an input by name; `more.1` is the first of a list. Default: `data`. */
  read(input?: string, options?: ReadOptions): Promise<Table>;
  /** The text of a file that an option names; absent if there are no files. */
  contents?(option: string): Promise<string>;
  /** The bytes of a file input, with random access. */
  file?(input: string): Promise<Source>;
  /** The text of the file that has the name of a file input with another ending, if there is one. */
  beside?(input: string, ending: string): Promise<string | undefined>;
  /** Ranges of the files beside a file input, by their names relative to it. */
  ranges?(input: string): (location: string, from: number, length: number | undefined) => Uint8Array;
  /** A folder input. */
  folder?(input: string): Promise<Folder>;
  /** A saved model input. */
  model?(input: string): Promise<SavedModel>;
  /** The table of an input in blocks of rows, with the chosen columns; without a choice as a single block. */
  blocksOf?(input: string, options: ReadOptions & { readonly choose?: ChooseColumns }): Promise<RowBlocks>;
  /** The sink of an output that is produced in blocks. */
  rows?(output: string): Promise<RowSink>;
  /**
   * The whole table on every rank, where `read` may return only a part: to be called on all ranks. Absent without
   * ranks.
   */
  whole?(input?: string, options?: ReadOptions): Promise<Table>;
  /**
   * Columns of the file of `data` in blocks of rows, each time from the beginning; absent if there is no file to read.
   */
  readonly blocks?: Blocks;
  readonly signal: AbortSignal;
  progress(p: JobProgress): void;
  /** Shows a note of the result at once, for those that matter before the job ends. Absent if nobody reads it. */
  tell?(note: string): void;
  /** Where the job stores its state for resuming, if requested. */
  readonly checkpoint?: CheckpointStore;
  /** Where unrequested checkpoints are stored, for tasks whose results they do not change. */
  readonly unasked?: CheckpointStore;
  /** Absent on a page. */
  readonly host?: JobHost;
  /** Whether the result should include the data for pictures. */
  readonly pictures?: boolean;
  /** Number of threads if the request does not say and the data are large. Default: 1. */
  readonly cores?: number;
  /**
   * The other ranks if the job runs on several: tables are then this rank's part. Only for tasks that support ranks.
   */
  readonly ranks?: JobRanks;
}
