/** The data of a curve in a chart: x, y, and other measures of work by name, each as long as x. */
export interface Curve {
  readonly name: string;
  /** Place among the colours. Default: its place among the curves. */
  readonly colour?: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly work: Readonly<Record<string, readonly number[]>>;
}

/** A curve that grows in place. */
export interface GrowingCurve extends Curve {
  readonly x: number[];
  readonly y: number[];
  readonly work: Record<string, number[]>;
}
