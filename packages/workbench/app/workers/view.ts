import type { ChartSpec } from '@southwell/charts';
import type { Cell, Picture } from '@southwell/data';
import type { Status } from '@southwell/numerics/core';
import type { RemedyValue } from '@southwell/tasks';

/** What a message advises, and the form can apply: an option with its value. */
export interface Remedy {
  readonly option: string;
  readonly value: RemedyValue;
  /** As the message says it. */
  readonly text: string;
}

/** Plain data for display. */
export interface View {
  readonly headline: string;
  readonly status: Status;
  readonly notes: readonly string[];
  /** What the headline and the notes advise. */
  readonly remedies: readonly Remedy[];
  readonly pictures: ReadonlyArray<{ readonly title: string; readonly picture: Picture }>;
  readonly tables: ReadonlyArray<{
    readonly title: string;
    readonly columns: readonly string[];
    readonly rows: ReadonlyArray<readonly Cell[]>;
    /** A caption below it. */
    readonly below?: string;
  }>;
  readonly charts?: readonly ChartSpec[];
  readonly files: ReadonlyArray<{
    readonly name: string;
    readonly type: string;
    readonly content: string | Uint8Array;
  }>;
}
