import type { Series } from '@southwell/charts';

/** The data of a curve in a chart, and other measures of work by name, each as long as x. */
export interface Curve extends Series {
  readonly work: Readonly<Record<string, readonly number[]>>;
}

/** A curve that grows in place. */
export interface GrowingCurve extends Curve {
  readonly x: number[];
  readonly y: number[];
  readonly work: Record<string, number[]>;
}
