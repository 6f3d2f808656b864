import type { ChartSpec } from '@southwell/charts';
import type { Cell, Picture } from '@southwell/data';
import type { Status } from '@southwell/numerics/core';

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
  readonly charts?: readonly ChartSpec[];
  readonly pictures: ReadonlyArray<{ readonly title: string; readonly picture: Picture }>;
}
