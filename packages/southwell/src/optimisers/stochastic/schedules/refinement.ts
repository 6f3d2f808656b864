import { fail, knownKeys, type OptionKeys, wholeNumber } from '@southwell/numerics/core';
import { medianFilter } from './medianFilter.ts';
import { refinedWeights } from './refinedWeights.ts';

/** Schedules from the gradient norms of an earlier run (Defazio, Cutkosky, Mehta & Mishchenko, arXiv 2310.07831). */

/** Which norm was recorded: that of gradients themselves, for SGD, or the sum of their absolute values, for Adam and its like. */
export type NormKind = 'l2' | 'l1';

export interface RefineOptions {
  /** Default 'l2'. */
  readonly norm?: NormKind;
  /** A step weighs norm^−power. Default 2 for 'l2', 1 for 'l1'. */
  readonly power?: 1 | 2;
  /** Norms are replaced by medians over this part of the run, from 0, which takes them as they are, to 1. Default 0.1. */
  readonly smoothing?: number;
  /** How many values are wanted. Default: as many as there are norms. */
  readonly outputSteps?: number;
}
const refineKeys: OptionKeys<RefineOptions> = { norm: true, power: true, smoothing: true, outputSteps: true };

/** What norms are at least, as a part of their median: a norm of 0 would weigh without end. */
const FLOOR = 1e-12;

/**
 * The schedule that a run would have wanted, from the norms of its T gradients: s_t ∝ w_t·Σ_{p>t} w_p, w_t = norm_t^−power, which
 * minimises the bound on the last iterate for norms as they were. Norms are smoothed by {@link smoothNorms} before.
 *
 * All values lie in [0, 1], the largest is 1 and the last 0: the T-th gradient is that at the point that is returned. For N
 * steps that all move, ask for N + 1 values. Where other than T are wanted, the curve is read off at even distances. Norms times a
 * constant give the same schedule; equal norms give the line (T − t)/(T − 1), t = 1 … T.
 *
 * @param norms At least two, all of them finite and at least 0: of the gradients that were used, each of them, before
 * clipping and decay, as {@link GradientNorms} records them.
 * @returns A factor of the rate for each step; {@link tabulatedSchedule} makes a schedule of it.
 * @throws INVALID_PARAMETER, EMPTY for fewer than two norms or norms that are all zero, NON_FINITE with the place. O(T log T).
 */
export function refineSchedule(norms: ArrayLike<number>, options: RefineOptions = {}): Float64Array {
  knownKeys('refineSchedule', options, refineKeys);
  const { norm = 'l2', smoothing = 0.1, outputSteps = norms.length } = options;
  if (norm !== 'l2' && norm !== 'l1') fail('INVALID_PARAMETER', `norm is 'l2' or 'l1', not '${String(norm)}'.`);
  const { power = norm === 'l2' ? 2 : 1 } = options;
  if (power !== 1 && power !== 2) fail('INVALID_PARAMETER', `power is 1 or 2, not ${String(power)}.`);
  const smooth = smoothNorms(norms, smoothing);
  wholeNumber('outputSteps', outputSteps, 2);
  const weights = refinedWeights(smooth, power);
  const T = weights.length;
  const schedule = new Float64Array(T);
  let after = 0;
  for (let t = T - 1; t >= 0; t--) {
    schedule[t] = weights[t] * after;
    after += weights[t];
  }
  return divideByLargest(outputSteps === T ? schedule : resample(schedule, outputSteps));
}

/**
 * Norms as {@link refineSchedule} weighs them, over their median: running medians over 2⌊smoothing·T/2⌋ + 1 of them, the first
 * standing for what came before and the last ones in mirror order for what comes after; none below 1e-12.
 * @throws INVALID_PARAMETER, EMPTY for fewer than two norms or norms that are all zero, NON_FINITE with the place. O(T log T).
 */
export function smoothNorms(norms: ArrayLike<number>, smoothing = 0.1): Float64Array {
  if (!(smoothing >= 0 && smoothing <= 1)) {
    fail('INVALID_PARAMETER', `smoothing is a part of the run, from 0 to 1, but is ${smoothing}.`);
  }
  const T = norms.length;
  if (T < 2) fail('EMPTY', `A schedule comes from the norms of at least two steps, not of ${T}.`);
  checkNorms(norms);
  const above = Float64Array.from(norms)
    .filter((g) => g > 0)
    .sort();
  if (above.length === 0) {
    fail('EMPTY', 'All norms are zero: the run stood where no step is wanted, and no schedule follows from it.');
  }
  const scale = above[above.length >> 1];
  const relative = Float64Array.from(norms, (g) => g / scale);
  const smooth = medianFilter(relative, Math.floor((smoothing * T) / 2));
  for (let t = 0; t < T; t++) smooth[t] = Math.max(smooth[t], FLOOR);
  return smooth;
}

/** @throws NON_FINITE for a norm that is none, INVALID_PARAMETER for one below zero, with the place. */
export function checkNorms(norms: ArrayLike<number>): void {
  for (let t = 0; t < norms.length; t++) {
    if (!Number.isFinite(norms[t])) {
      fail('NON_FINITE', `The norm of step ${t + 1} is ${norms[t]}: leave such steps out.`);
    }
    if (norms[t] < 0) fail('INVALID_PARAMETER', `The norm of step ${t + 1} is ${norms[t]}, but norms are at least 0.`);
  }
}

/** The curve through the values at even distances, both ends included. */
export function resample(values: Float64Array, count: number): Float64Array {
  const gap = (values.length - 1) / (count - 1);
  return Float64Array.from({ length: count }, (_, k) => {
    const at = Math.min(k * gap, values.length - 1);
    const left = Math.min(Math.floor(at), values.length - 2);
    return k === count - 1 ? values[values.length - 1] : values[left] + (at - left) * (values[left + 1] - values[left]);
  });
}

function divideByLargest(values: Float64Array): Float64Array {
  const most = values.reduce((a, b) => Math.max(a, b));
  for (let t = 0; t < values.length; t++) values[t] /= most;
  return values;
}
