import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { checkFinitePoint, checkOut } from './checks.ts';
import { powerBelow } from './norm.ts';

/**
 * Pools adjacent violators: the increasing z that minimises Σ w (y − z)², as blocks of equal z in `means`, `weights` and
 * `ends` (each as long as y). Equal neighbours share a block. Returns the number of blocks. Every value enters and leaves
 * a block once: O(n), whatever the order. Nothing is checked.
 *
 * Ayer, Brunk, Ewing, Reid, Silverman (1955); the stack as in Best & Chakravarti (1990).
 *
 * @param n how many values of y, and of weights w above 0, count.
 * @param ends where each block ends: the place behind its last value.
 */
export function poolAdjacentViolators(
  n: number,
  y: Float64Array,
  w: Float64Array,
  means: Float64Array,
  weights: Float64Array,
  ends: Int32Array,
): number {
  let top = -1;
  for (let i = 0; i < n; i++) {
    let mean = y[i];
    let weight = w[i];
    while (top >= 0 && means[top] >= mean) {
      const total = weight + weights[top];
      // As a step from the old mean: no product that can overflow, and equal means stay as they are.
      mean = means[top] + (mean - means[top]) * (weight / total);
      weight = total;
      top--;
    }
    top++;
    means[top] = mean;
    weights[top] = weight;
    ends[top] = i + 1;
  }
  return top + 1;
}

/** Runs of neighbours that share a value. */
export interface IsotonicBlocks {
  readonly count: number;
  /** The value of each one, rising. */
  readonly means: Float64Array;
  /** Where each one ends: the place behind its last value. */
  readonly ends: Int32Array;
}

/**
 * As {@link poolAdjacentViolators}, and takes the means anew about themselves: the rounding of many merges goes, and lone
 * or equal values stay as they are. O(n). Nothing is checked.
 *
 * @param w weights above 0, as many as values.
 */
export function isotonicBlocks(y: Float64Array, w: Float64Array): IsotonicBlocks {
  const n = y.length;
  const [means, weights, ends] = [new Float64Array(n), new Float64Array(n), new Int32Array(n)];
  const count = poolAdjacentViolators(n, y, w, means, weights, ends);
  for (let b = 0, i = 0; b < count; b++) {
    const mean = means[b];
    let sum = 0;
    for (const end = ends[b]; i < end; i++) sum += w[i] * (y[i] - mean);
    means[b] = mean + sum / weights[b];
    if (b > 0 && means[b] < means[b - 1]) means[b] = means[b - 1];
  }
  return { count, means, ends };
}

export interface MonotoneConeOptions {
  /** Of the norm √Σ w (x − z)², above 0, as many as values. Default ones. */
  readonly weights?: ArrayLike<number>;
  /** Default 'increasing': z₁ ≤ z₂ ≤ … */
  readonly direction?: 'increasing' | 'decreasing';
}
const monotoneConeKeys: OptionKeys<MonotoneConeOptions> = { weights: true, direction: true };

/**
 * The point nearest to x in the monotone cone z₁ ≤ z₂ ≤ … ≤ zₙ, or in that of falling values: isotonic regression, by
 * {@link poolAdjacentViolators}. O(n).
 *
 * @param x n values.
 * @param out n values, by default new ones; may be x itself.
 * @throws INVALID_SHAPE, NON_FINITE, and INVALID_PARAMETER for weights that are not finite and above 0.
 */
export function projectMonotoneCone(
  x: ArrayLike<number>,
  options: MonotoneConeOptions = {},
  out: Float64Array = new Float64Array(x.length),
): Float64Array {
  knownKeys('projectMonotoneCone', options, monotoneConeKeys);
  const { weights, direction = 'increasing' } = options;
  const n = x.length;
  checkOut(out, n);
  checkFinitePoint(x);
  if (direction !== 'increasing' && direction !== 'decreasing') {
    fail('INVALID_PARAMETER', `direction must be 'increasing' or 'decreasing', not '${direction}'.`);
  }
  const falling = direction === 'decreasing';
  const at = (i: number): number => (falling ? n - 1 - i : i);
  const w = checkedWeights(weights, n, at);
  let most = 0;
  for (let i = 0; i < n; i++) most = Math.max(most, Math.abs(x[i]));
  // Differences of the largest doubles overflow, and means of the smallest lose digits.
  const unit = most > 1e150 || most < 1e-150 ? powerBelow(most) : 1;
  const y = Float64Array.from({ length: n }, (_, i) => x[at(i)] * unit);
  const { count, means, ends } = isotonicBlocks(y, w);
  for (let b = 0, i = 0; b < count; b++) for (; i < ends[b]; i++) out[at(i)] = means[b] / unit;
  return out;
}

function checkedWeights(
  weights: ArrayLike<number> | undefined,
  n: number,
  at: (place: number) => number,
): Float64Array {
  if (weights === undefined) return new Float64Array(n).fill(1);
  if (weights.length !== n) fail('INVALID_SHAPE', `There are ${weights.length} weights, but ${n} values.`);
  let most = 0;
  for (let i = 0; i < n; i++) {
    const v = weights[i];
    if (!(v > 0 && v < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `Weights must be finite and above 0, but weight ${i + 1} is ${v}.`);
    }
    if (v > most) most = v;
  }
  // Sums of weights must not overflow, nor two weights that are pooled be 0.
  const unit = powerBelow(most);
  return Float64Array.from({ length: n }, (_, i) => Math.max(weights[at(i)] * unit, Number.MIN_VALUE));
}
