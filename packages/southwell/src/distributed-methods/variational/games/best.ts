import type { Payoffs } from './payoffs.ts';
import { largest, least } from './payoffs.ts';

/** Mixed strategies with the best guarantees seen so far, each on its own, in scaled payoffs. */
export class Best {
  readonly x: Float64Array;
  readonly y: Float64Array;
  lower = Number.NEGATIVE_INFINITY;
  upper = Number.POSITIVE_INFINITY;

  constructor(private readonly payoffs: Payoffs) {
    this.x = new Float64Array(payoffs.rows);
    this.y = new Float64Array(payoffs.cols);
  }

  get gap(): number {
    return Math.max(this.upper - this.lower, 0);
  }

  /** Takes x·factor, whose payoffs Aᵀx·factor are known, if it secures more. */
  offerX(x: Float64Array, toColumns: Float64Array, factor = 1): void {
    const secured = toColumns[least(toColumns)] * factor;
    if (!(secured > this.lower)) return;
    this.lower = secured;
    for (let i = 0; i < x.length; i++) this.x[i] = x[i] * factor;
  }

  /** Takes y·factor, whose payoffs Ay·factor are known, if it concedes less. */
  offerY(y: Float64Array, toRows: Float64Array, factor = 1): void {
    const conceded = toRows[largest(toRows)] * factor;
    if (!(conceded < this.upper)) return;
    this.upper = conceded;
    for (let j = 0; j < y.length; j++) this.y[j] = y[j] * factor;
  }

  /** Offers strategies whose payoffs are not known. O(mn). */
  offer(x: Float64Array, y: Float64Array): void {
    this.offerX(x, this.payoffs.ofColumns(x, new Float64Array(this.payoffs.cols)));
    this.offerY(y, this.payoffs.ofRows(y, new Float64Array(this.payoffs.rows)));
  }

  state() {
    return { x: this.x.slice(), y: this.y.slice(), lower: this.lower, upper: this.upper };
  }

  restore({ x, y, lower, upper }: ReturnType<Best['state']>): void {
    this.x.set(x);
    this.y.set(y);
    [this.lower, this.upper] = [lower, upper];
  }
}

/** Divides by the sum, which is 1 up to rounding; entries below 0 become 0. */
export function normalise(p: Float64Array): Float64Array {
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    if (!(p[i] > 0)) p[i] = 0;
    sum += p[i];
  }
  for (let i = 0; i < p.length; i++) p[i] /= sum;
  return p;
}
