import type { LeftOut, RunResult } from '@southwell/papers/node';

export type { LeftOut, RunResult };

/** The part of a result store that the workbench needs. */
export interface ResultStore {
  /** All results, in any order. */
  list(): Promise<readonly RunResult[]>;
  /** Files that hold no result. Default: none. */
  leftOut?(): Promise<readonly LeftOut[]>;
}

/** The part of a result in feeds and mails. */
export type Judgement = Pick<
  RunResult,
  'id' | 'date' | 'paper' | 'slug' | 'experiment' | 'size' | 'seed' | 'set' | 'locked' | 'verdicts'
>;

/** Milliseconds since 1970; 0 for an invalid date, so that one bad result cannot empty a list. */
export const timeOf = (date: string): number => Date.parse(date) || 0;

/** Newest first; equal dates by id, so that pages of a list do not overlap. */
export function newestFirst<R extends Pick<RunResult, 'id' | 'date'>>(results: readonly R[]): R[] {
  return [...results].sort((a, b) => timeOf(b.date) - timeOf(a.date) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));
}
