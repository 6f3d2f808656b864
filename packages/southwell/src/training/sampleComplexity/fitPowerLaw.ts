import { checkOptions, fail, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { elementary, studentQuantile } from '@southwell/numerics/special';

export const levelRecords = {
  /** Confidence level of the interval, in (0, 1). Default 0.95. */
  level: numberOption({ min: 0, max: 1, open: true }),
};

export interface FitPowerLawOptions extends OptionsOf<typeof levelRecords> {}

/** y = factor · x^exponent. */
export interface PowerLaw {
  /** The slope of log y in log x. */
  readonly exponent: number;
  readonly factor: number;
  /** Student's interval of the exponent; infinite for two points, which have no scatter. */
  readonly ci: readonly [low: number, high: number];
  /** Standard error of the exponent; NaN for two points. */
  readonly standardError: number;
  /** The law at a place above 0. */
  at(x: number): number;
}

/**
 * Fits y = c·xᵖ to points above 0 by least squares of logarithms, with the interval of p for errors of log y that are alike,
 * normal and independent. Points at one x may be several. O(n).
 *
 * @example fitPowerLaw([4, 8, 16], [23, 128, 1448]).exponent; // 2.99
 * @param x what grows, such as numbers of patches. @param y what is measured, such as examples that were needed.
 * @throws INVALID_SHAPE, INVALID_PARAMETER; NON_FINITE, with the place.
 */
export function fitPowerLaw(x: ArrayLike<number>, y: ArrayLike<number>, options: FitPowerLawOptions = {}): PowerLaw {
  checkOptions('fitPowerLaw', levelRecords, options);
  const { level = 0.95 } = options;
  if (x.length !== y.length)
    fail('INVALID_SHAPE', `A power law needs a y for each x, but has ${x.length} x and ${y.length} y.`);
  const [u, v] = [logarithms('x', x), logarithms('y', y)];
  const n = u.length;
  if (new Set(u).size < 2) fail('INVALID_PARAMETER', 'A power law needs points at two different x at least.');
  const mean = (a: Float64Array) => a.reduce((sum, value) => sum + value, 0) / n;
  const [ubar, vbar] = [mean(u), mean(v)];
  let [uu, uv] = [0, 0];
  for (let i = 0; i < n; i++) {
    uu += (u[i] - ubar) ** 2;
    uv += (u[i] - ubar) * (v[i] - vbar);
  }
  const exponent = uv / uu;
  let left = 0;
  for (let i = 0; i < n; i++) left += (v[i] - vbar - exponent * (u[i] - ubar)) ** 2;
  const standardError = n > 2 ? Math.sqrt(left / (n - 2) / uu) : Number.NaN;
  const half = n > 2 ? studentQuantile((1 + level) / 2, n - 2) * standardError : Number.POSITIVE_INFINITY;
  const offset = vbar - exponent * ubar;
  return {
    exponent,
    factor: elementary.exp(offset),
    ci: [exponent - half, exponent + half],
    standardError,
    at: (place) => elementary.exp(offset + exponent * elementary.log(place)),
  };
}

function logarithms(name: string, values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (value, i) => {
    if (!Number.isFinite(value)) {
      fail('NON_FINITE', `${name} is ${value} at place ${i + 1}: leave out points where nothing was reached.`);
    }
    if (value <= 0)
      fail('INVALID_PARAMETER', `${name} is ${value} at place ${i + 1}, but a power law has points above 0.`);
    return elementary.log(value);
  });
}
