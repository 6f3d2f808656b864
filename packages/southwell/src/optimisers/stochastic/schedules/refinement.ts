import {
  checkOption,
  checkOptions,
  choiceOption,
  fail,
  integerOption,
  numberOption,
  type OptionsOf,
} from '@southwell/numerics/core';
import { medianFilter } from './medianFilter.ts';
import { refinedWeights } from './refinedWeights.ts';

/** Schedules from the gradient norms of an earlier run (Defazio, Cutkosky, Mehta & Mishchenko, arXiv 2310.07831). */

export const refineRecords = {
  /** Recorded norm: 'l2', the Euclidean norm, for SGD, or 'l1', the sum of absolute values, for Adam and its variants. Default 'l2'. */
  norm: choiceOption(
    { l2: 'Euclidean, for SGD', l1: 'sum of sizes, for Adam' },
    {
      title: 'Norm',
      about: 'recorded norm: l2 for SGD, l1 for Adam and its variants',
      argument: 'norm',
      default: 'l2',
    },
  ),
  /** Steps are weighted by norm^−power. Default 2 for 'l2', 1 for 'l1'. */
  power: integerOption(
    { min: 1, max: 2 },
    { title: 'Power', about: 'steps are weighted by norm^−power', otherwise: '2 with l2, 1 with l1' },
  ),
  /** Width of the running median as a fraction of the run; 0 for no smoothing. Default 0.1. */
  smoothing: numberOption(
    { min: 0, max: 1 },
    {
      title: 'Smoothing',
      about: 'width of the running median as a fraction of the run; 0 for no smoothing',
      argument: 'part',
      default: 0.1,
    },
  ),
  /** Number of values of the schedule. Default: the number of norms. */
  outputSteps: integerOption({ min: 2 }),
};

export interface RefineOptions extends OptionsOf<typeof refineRecords> {
  /** Steps are weighted by norm^−power. Default 2 for 'l2', 1 for 'l1'. */
  readonly power?: 1 | 2;
}

/** The recorded norm: that of gradients for SGD, or the sum of absolute values for Adam and its variants. */
export type NormKind = NonNullable<RefineOptions['norm']>;

/** Lower bound on norms, relative to their median: a norm of 0 would have infinite weight. */
const FLOOR = 1e-12;

/**
 * The refined schedule from the gradient norms of a run with T steps: s_t ∝ w_t·Σ_{p>t} w_p, w_t = norm_t^−power, which
 * minimises the bound on the last iterate for these norms. Norms are first smoothed by {@link smoothNorms}.
 *
 * All values lie in [0, 1]; the largest is 1 and the last 0, since the T-th gradient is at the returned point. For N
 * steps with non-zero rates, request N + 1 values. If their number differs from T, the curve is resampled at even
 * distances. Scaling the norms does not change the schedule; equal norms give the line (T − t)/(T − 1), t = 1 … T.
 *
 * @param norms At least two, all finite and at least 0: of every gradient that was used, before clipping and decay, as
 * {@link GradientNorms} records them.
 * @returns A learning-rate multiplier for each step; {@link tabulatedSchedule} makes a schedule of it.
 * @throws INVALID_PARAMETER, EMPTY for fewer than two norms or norms that are all zero, NON_FINITE naming the step. O(T
 * log T).
 */
export function refineSchedule(norms: ArrayLike<number>, options: RefineOptions = {}): Float64Array {
  checkOptions('refineSchedule', refineRecords, options);
  const { norm = 'l2', smoothing = 0.1, outputSteps = norms.length } = options;
  const { power = norm === 'l2' ? 2 : 1 } = options;
  const smooth = smoothNorms(norms, smoothing);
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
 * Norms as {@link refineSchedule} uses them, relative to their median: running medians over 2⌊smoothing·T/2⌋ + 1 of
 * them, padded by the first value at the beginning and by reflection at the end; at least 1e-12.
 * @throws INVALID_PARAMETER, EMPTY for fewer than two norms or norms that are all zero, NON_FINITE naming the step. O(T
 * log T).
 */
export function smoothNorms(norms: ArrayLike<number>, smoothing = 0.1): Float64Array {
  checkOption('smoothing', refineRecords.smoothing, smoothing);
  const T = norms.length;
  if (T < 2) fail('EMPTY', `A schedule needs the norms of at least two steps, not of ${T}.`);
  checkNorms(norms);
  const above = Float64Array.from(norms)
    .filter((g) => g > 0)
    .sort();
  if (above.length === 0) {
    fail('EMPTY', 'All norms are zero, so that they do not determine a schedule.');
  }
  const scale = above[above.length >> 1];
  const relative = Float64Array.from(norms, (g) => g / scale);
  const smooth = medianFilter(relative, Math.floor((smoothing * T) / 2));
  for (let t = 0; t < T; t++) smooth[t] = Math.max(smooth[t], FLOOR);
  return smooth;
}

/** @throws NON_FINITE for norms that are not finite, INVALID_PARAMETER for negative ones, naming the step. */
export function checkNorms(norms: ArrayLike<number>): void {
  for (let t = 0; t < norms.length; t++) {
    if (!Number.isFinite(norms[t])) {
      fail('NON_FINITE', `The norm of step ${t + 1} is ${norms[t]}: leave such steps out.`);
    }
    if (norms[t] < 0) fail('INVALID_PARAMETER', `The norm of step ${t + 1} is ${norms[t]}, but norms are at least 0.`);
  }
}

/** The curve resampled at even distances, both ends included. */
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
