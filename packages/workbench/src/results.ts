import type { Cell, Size, Verdict } from '@southwell/papers';

/** What the workbench needs of a store of results, and no more. */

/** One run of an experiment. */
export interface RunResult {
  readonly id: string;
  /** ISO 8601. */
  readonly date: string;
  /** Number of the paper. */
  readonly paper: number;
  readonly slug: string;
  /** Id of the experiment. */
  readonly experiment: string;
  readonly size: Size;
  readonly seed: number;
  /** Parameters that were given, by name. */
  readonly set: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly verdicts: readonly Verdict[];
  readonly tables: ReadonlyArray<{
    readonly title: string;
    readonly columns: readonly string[];
    readonly rows: ReadonlyArray<readonly Cell[]>;
  }>;
  /** Large: left out of lists. */
  readonly curves: unknown;
  readonly machine: unknown;
  readonly versions: unknown;
  readonly commit?: string;
}

export interface ResultStore {
  /** All results, in any order. */
  list(): Promise<readonly RunResult[]>;
}

/** Milliseconds since 1970; 0 for what is no date, so that one bad file cannot empty a list. */
export const timeOf = (date: string): number => Date.parse(date) || 0;

/** Newest first; equal dates by id, so that pages of a list do not overlap. */
export function newestFirst<R extends Pick<RunResult, 'id' | 'date'>>(results: readonly R[]): R[] {
  return [...results].sort((a, b) => timeOf(b.date) - timeOf(a.date) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));
}
