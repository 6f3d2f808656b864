import { fail, knownKeys, type OptionKeys, wholeNumber } from '@southwell/numerics/core';
import { medianFilter } from './medianFilter.ts';
import { refinedWeights } from './refinedWeights.ts';

/** Schedules from the gradient norms of an earlier run (Defazio, Cutkosky, Mehta & Mishchenko, arXiv 2310.07831). */

/**
 * The recorded norm: 'l2', the norm of gradients, for SGD; 'l1', the sum of absolute values, for Adam and its variants.
 */
export type NormKind = 'l2' | 'l1';

export interface RefineOptions {
  /** Default 'l2'. */
  readonly norm?: NormKind;
  /** The weight of a step is norm^−power. Default 2 for 'l2', 1 for 'l1'. */
  readonly power?: 1 | 2;
  /** Width of the median filter of the norms as a fraction of the run; 0 disables it. Default 0.1. */
  readonly smoothing?: number;
  /** Number of values returned. Default: the number of norms. */
  readonly outputSteps?: number;
}
const refineKeys: OptionKeys<RefineOptions> = { norm: true, power: true, smoothing: true, outputSteps: true };

/** Minimum of norms relative to their median: a norm of 0 would have an infinite weight. */
const FLOOR = 1e-12;

/**
 * The schedule that would have been optimal for a run, from the norms of its T gradients: s_t ∝ w_t·Σ_{p>t} w_p, w_t =
 * norm_t^−power, which minimises the bound on the last iterate for the recorded norms. Norms are first smoothed by
 * {@link smoothNorms}.
 *
 * All values are in [0, 1], the largest is 1 and the last 0: the T-th gradient is the one at the returned point. For N
 * non-zero steps, request N + 1 values. If their number is not T, the schedule is resampled at equal distances. Scaling
 * the norms does not change the schedule; equal norms give linear decay (T − t)/(T − 1), t = 1 … T.
 *
 * @param norms At least two, all of them finite and at least 0: the norm of each gradient used, before clipping and
 * decay, as recorded by {@link GradientNorms}.
 * @returns A factor of the rate for each step; {@link tabulatedSchedule} makes a schedule of it.
 * @throws INVALID_PARAMETER, EMPTY for fewer than two norms or norms that are all zero, NON_FINITE with the index. O(T
 * log T).
 */
export function refineSchedule(norms: ArrayLike<number>, options: RefineOptions = {}): Float64Array {
  knownKeys('refineSchedule', options, refineKeys);
  const { norm = 'l2', smoothing = 0.1, outputSteps = norms.length } = options;
  if (norm !== 'l2' && norm !== 'l1') fail('INVALID_PARAMETER', `norm must be 'l2' or 'l1', not '${String(norm)}'.`);
  const { power = norm === 'l2' ? 2 : 1 } = options;
  if (power !== 1 && power !== 2) fail('INVALID_PARAMETER', `power must be 1 or 2, not ${String(power)}.`);
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
 * Norms as weighted by {@link refineSchedule}, relative to their median: running medians over 2⌊smoothing·T/2⌋ + 1
 * values, padded with the first value at the beginning and by reflection at the end; at least 1e-12.
 * @throws INVALID_PARAMETER, EMPTY for fewer than two norms or norms that are all zero, NON_FINITE with the index. O(T
 * log T).
 */
export function smoothNorms(norms: ArrayLike<number>, smoothing = 0.1): Float64Array {
  if (!(smoothing >= 0 && smoothing <= 1)) {
    fail('INVALID_PARAMETER', `smoothing must be a fraction of the run, from 0 to 1, but is ${smoothing}.`);
  }
  const T = norms.length;
  if (T < 2) fail('EMPTY', `A schedule needs the norms of at least two steps, not of ${T}.`);
  checkNorms(norms);
  const above = Float64Array.from(norms)
    .filter((g) => g > 0)
    .sort();
  if (above.length === 0) {
    fail('EMPTY', 'All norms are zero: the run did not move, so no schedule can be derived from it.');
  }
  const scale = above[above.length >> 1];
  const relative = Float64Array.from(norms, (g) => g / scale);
  const smooth = medianFilter(relative, Math.floor((smoothing * T) / 2));
  for (let t = 0; t < T; t++) smooth[t] = Math.max(smooth[t], FLOOR);
  return smooth;
}

/** @throws NON_FINITE for a non-finite norm, INVALID_PARAMETER for a negative one, with the index. */
export function checkNorms(norms: ArrayLike<number>): void {
  for (let t = 0; t < norms.length; t++) {
    if (!Number.isFinite(norms[t])) {
      fail('NON_FINITE', `The norm of step ${t + 1} is ${norms[t]}: leave such steps out.`);
    }
    if (norms[t] < 0) fail('INVALID_PARAMETER', `The norm of step ${t + 1} is ${norms[t]}, but norms are at least 0.`);
  }
}

/** Linear interpolation of the values at equal distances, both ends included. */
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
