import type { Cell, Picture } from '@southwell/data';
import type { Status } from '@southwell/numerics/core';

/** Lines over a common axis. */
export interface ViewChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly logX?: boolean;
  readonly logY?: boolean;
  readonly curves: ReadonlyArray<{
    readonly name: string;
    readonly x: readonly number[];
    readonly y: readonly number[];
  }>;
}

export interface ViewTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: ReadonlyArray<readonly Cell[]>;
  /** Where it is shown, if not at both. */
  readonly on?: 'shell' | 'page';
  /** Significant digits at the shell of columns that have others than four. */
  readonly digits?: Readonly<Record<string, number>>;
  /** A line below it. */
  readonly below?: string;
}

/** What people are shown of a result, at the shell and on the page: plain data. Its files are the task's outputs. */
export interface View {
  readonly status: Status;
  /** What was worked on and how: "cells.csv: 150 rows, 4 features, kmeans". */
  readonly about: string;
  /** The answer, where there is one in a sentence. */
  readonly headline?: string;
  /** What came out, the rest of a sentence: "objective 12.3 after 5 iterations". */
  readonly outcome?: string;
  /** How it ended, a sentence in place of the one that the status and the outcome make. */
  readonly ending?: string;
  /** What might be better: sentences. */
  readonly advice?: readonly string[];
  /** What took the time: "100 alphas". */
  readonly work?: string;
  /** Reading included. */
  readonly seconds: number;
  readonly notes: readonly string[];
  readonly tables: readonly ViewTable[];
  readonly charts?: readonly ViewChart[];
  readonly pictures: ReadonlyArray<{ readonly title: string; readonly picture: Picture }>;
}
