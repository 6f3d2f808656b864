import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { checkFinitePoint, checkOut } from './checks.ts';
import { powerBelow } from './norm.ts';

/**
 * Pool-adjacent-violators algorithm: the increasing z that minimises Σ w (y − z)², as blocks of equal z in `means`,
 * `weights` and `ends` (each as long as y). Equal neighbours share a block. Returns the number of blocks. Every value
 * enters and leaves a block once: O(n), whatever the order. Arguments are not checked.
 *
 * Ayer, Brunk, Ewing, Reid, Silverman (1955); the stack as in Best & Chakravarti (1990).
 *
 * @param n number of values of y, and of weights w above 0, to use.
 * @param ends end of each block: the index after its last value.
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
      // As an increment of the old mean: no product can overflow, and equal means are unchanged.
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

/** Blocks of adjacent equal values. */
export interface IsotonicBlocks {
  readonly count: number;
  /** The value of each block, increasing. */
  readonly means: Float64Array;
  /** End of each block: the index after its last value. */
  readonly ends: Int32Array;
}

/**
 * As {@link poolAdjacentViolators}, then recomputes each mean from the deviations about it, which removes the rounding
 * error of many merges and leaves single or equal values unchanged. O(n). Arguments are not checked.
 *
 * @param w weights above 0, one per value.
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
  /** Weights above 0 of the norm √Σ w (x − z)², one per value. Default: all 1. */
  readonly weights?: ArrayLike<number>;
  /** Default 'increasing': z₁ ≤ z₂ ≤ … */
  readonly direction?: 'increasing' | 'decreasing';
}
const monotoneConeKeys: OptionKeys<MonotoneConeOptions> = { weights: true, direction: true };

/**
 * Projection of x onto the monotone cone z₁ ≤ z₂ ≤ … ≤ zₙ, or onto that of decreasing sequences: isotonic regression,
 * by {@link poolAdjacentViolators}. O(n).
 *
 * @param x n values.
 * @param out n values, newly allocated by default; may be x itself.
 * @throws INVALID_SHAPE, NON_FINITE, and INVALID_PARAMETER for weights that are not finite and positive.
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
  // Differences of the largest doubles overflow, and means of the smallest ones lose digits.
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
  // Sums of weights must not overflow, and sums of pooled weights must not be 0.
  const unit = powerBelow(most);
  return Float64Array.from({ length: n }, (_, i) => Math.max(weights[at(i)] * unit, Number.MIN_VALUE));
}
