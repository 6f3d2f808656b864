import { medianInterval, normalQuantile, studentQuantile } from '@southwell/numerics/special';

/** Statistics of independent draws, with confidence intervals. */

export const statistics = ['mean', 'geometric mean', 'median', 'share'] as const;
export type Statistic = (typeof statistics)[number];

export interface Estimate {
  readonly value: number;
  /** The interval; infinite if there are too few draws. */
  readonly low: number;
  readonly high: number;
}

/**
 * The statistic of draws and its two-sided confidence interval at a level such as 0.95: Student's for the mean, and on
 * logarithms for the geometric mean; order statistics for the median (valid for any distribution); Wilson's for the
 * share, the fraction of draws that are 1 (all are 0 or 1). The interval of equal draws is a single point. All values
 * are NaN if a draw is.
 */
export function estimate(statistic: Statistic, draws: readonly number[], level: number): Estimate {
  if (draws.length === 0) throw new RangeError('There is no statistic of no draws.');
  if (draws.some(Number.isNaN)) return { value: Number.NaN, low: Number.NaN, high: Number.NaN };
  switch (statistic) {
    case 'mean':
      return ofMean(draws, level);
    case 'geometric mean': {
      const { value, low, high } = ofMean(draws.map(Math.log), level);
      return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) };
    }
    case 'median':
      return medianInterval(draws, level);
    case 'share':
      return ofShare(draws, level);
  }
}

function ofMean(draws: readonly number[], level: number): Estimate {
  const n = draws.length;
  const value = draws.reduce((a, b) => a + b, 0) / n;
  if (draws.every((v) => v === draws[0])) return point(draws[0], n);
  const deviation = Math.sqrt(draws.reduce((a, v) => a + (v - value) ** 2, 0) / (n - 1));
  const half = (studentQuantile((1 + level) / 2, n - 1) * deviation) / Math.sqrt(n);
  // With an infinite draw the spread is unknown.
  return Number.isNaN(half)
    ? { value, low: -Infinity, high: Infinity }
    : { value, low: value - half, high: value + half };
}

/** The spread of a single draw is unknown; several equal draws have none. */
const point = (value: number, n: number): Estimate =>
  n === 1 ? { value, low: -Infinity, high: Infinity } : { value, low: value, high: value };

function ofShare(draws: readonly number[], level: number): Estimate {
  if (draws.some((v) => v !== 0 && v !== 1)) throw new RangeError('A share is of draws that are 0 or 1.');
  const n = draws.length;
  const value = draws.reduce((a, b) => a + b, 0) / n;
  const z = normalQuantile((1 + level) / 2);
  const centre = (value + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((value * (1 - value)) / n + z ** 2 / (4 * n ** 2));
  return { value, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
