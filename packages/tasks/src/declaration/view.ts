import type { Cell, Picture } from '@southwell/data';
import type { Status } from '@southwell/numerics/core';

/** Lines over a common x axis. */
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
  /** Where it is shown; default: both. */
  readonly on?: 'shell' | 'page';
  /** Significant digits of columns at the shell, if not four. */
  readonly digits?: Readonly<Record<string, number>>;
  /** A caption below it. */
  readonly below?: string;
}

/** The presentation of a result at the shell and on the page, as plain data. Files are the task's outputs. */
export interface View {
  readonly status: Status;
  /** The data and the method: "cells.csv: 150 rows, 4 features, kmeans". */
  readonly about: string;
  /** The main result as a sentence, if there is one. */
  readonly headline?: string;
  /** The outcome, as the rest of a sentence: "objective 12.3 after 5 iterations". */
  readonly outcome?: string;
  /** How it ended: a sentence that replaces the one made from status and outcome. */
  readonly ending?: string;
  /** Suggestions for improvement, as sentences. */
  readonly advice?: readonly string[];
  /** The amount of work: "100 alphas". */
  readonly work?: string;
  /** Including the time for reading. */
  readonly seconds: number;
  readonly notes: readonly string[];
  readonly tables: readonly ViewTable[];
  readonly charts?: readonly ViewChart[];
  readonly pictures: ReadonlyArray<{ readonly title: string; readonly picture: Picture }>;
}
