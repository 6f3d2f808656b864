/** What a chart shows, as plain data. */

export interface ChartAxis {
  /** With its unit. */
  readonly label: string;
  readonly log?: boolean;
  /** The values at its ends, if not determined by the curves. */
  readonly range?: readonly [from: number, to: number];
  /** Larger values on the left. */
  readonly reversed?: boolean;
}

export interface Series {
  readonly name: string;
  /** Points are joined in its order. */
  readonly x: readonly number[];
  /** As long as x. Values that are null, not finite, or have no logarithm on a logarithmic axis are left out. */
  readonly y: ReadonlyArray<number | null>;
  /** The ends of an interval about each value: drawn as a band. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
  /** Which of the eight colours, beyond eight with a dash. Default: its place in the list. */
  readonly colour?: number;
  /**
   * `ghost`: an earlier course of a curve of the same name, pale beneath it, which is not read and has a label only while
   * it is the only one of its name. `faint`: a thin grey line that is context for the others, without a label.
   */
  readonly style?: 'ghost' | 'faint';
}

/** A line across the chart at a value. */
export type Rule = { readonly x: number; readonly label?: string } | { readonly y: number; readonly label?: string };

export interface ChartSpec {
  readonly title: string;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  readonly series: readonly Series[];
  readonly rules?: readonly Rule[];
}
