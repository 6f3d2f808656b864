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
  /** Student's confidence interval of the exponent; infinite for two points. */
  readonly ci: readonly [low: number, high: number];
  /** Standard error of the exponent; NaN for two points. */
  readonly standardError: number;
  /** The value of the law at x above 0. */
  at(x: number): number;
}

/**
 * Fits y = c·xᵖ to positive points by least squares of logarithms, with a confidence interval of p that assumes
 * independent normal errors of log y with equal variance. Several points may have the same x. O(n).
 *
 * @example fitPowerLaw([4, 8, 16], [23, 128, 1448]).exponent; // 2.99
 * @param x the independent variable, such as numbers of patches. @param y the measurements, such as numbers of examples
 * needed.
 * @throws INVALID_SHAPE, INVALID_PARAMETER; NON_FINITE, with the position.
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
      fail('NON_FINITE', `${name} is ${value} at position ${i + 1}: leave out points that are not finite.`);
    }
    if (value <= 0) fail('INVALID_PARAMETER', `${name} is ${value} at position ${i + 1}, but must be above 0.`);
    return elementary.log(value);
  });
}
