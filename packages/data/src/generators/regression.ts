import type { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import {
  checkDesign,
  checkPositive,
  correlatedColumns,
  type DesignParameters,
  generator,
  product,
  type SignalParameters,
  scaleNoise,
  sparseCoefficients,
} from './common.ts';

export interface RegressionData {
  readonly X: DenseMatrix;
  readonly y: Float64Array;
  /** The true coefficients. */
  readonly coefficients: Float64Array;
}

/**
 * y = X w + noise with autoregressive columns and sparse w: the simulated design of celer and skglm
 * (make_correlated_data). snr = ‖X w‖ / ‖noise‖ holds exactly in the sample; default 3; ∞ for no noise. O(n·p).
 * @throws INVALID_PARAMETER.
 */
export function correlatedRegression(parameters: SignalParameters & { snr?: number }): RegressionData {
  checkDesign(parameters);
  const { n, p, rho = 0.6, snr = 3, seed } = parameters;
  checkPositive('snr', snr);
  const random = generator(seed);
  const X = correlatedColumns(random, n, p, rho);
  const coefficients = sparseCoefficients(random, parameters);
  const y = product(X, coefficients);
  addNoise(
    y,
    Float64Array.from({ length: n }, () => random.normal()),
    snr,
  );
  return { X, y, coefficients };
}

export interface GroupRegressionData extends RegressionData {
  /** The group of each column: groups are contiguous and of equal size. */
  readonly groups: Int32Array;
}

/**
 * Like {@link correlatedRegression}, but w is standard normal in `activeGroups` of p / groupSize groups of adjacent
 * columns and zero in the others. O(n·p).
 * @throws INVALID_PARAMETER unless groupSize divides p.
 */
export function groupRegression(
  parameters: DesignParameters & { groupSize: number; activeGroups: number; snr?: number },
): GroupRegressionData {
  checkDesign(parameters);
  const { n, p, rho = 0.6, snr = 3, groupSize, activeGroups, seed } = parameters;
  checkPositive('snr', snr);
  if (!Number.isInteger(groupSize) || groupSize < 1 || p % groupSize !== 0) {
    fail('INVALID_PARAMETER', `groupSize must divide the number of columns, ${p}; ${groupSize} does not.`);
  }
  const count = p / groupSize;
  if (!Number.isInteger(activeGroups) || activeGroups < 1 || activeGroups > count) {
    fail('INVALID_PARAMETER', `activeGroups must be a whole number from 1 to ${count}, not ${activeGroups}.`);
  }
  const random = generator(seed);
  const X = correlatedColumns(random, n, p, rho);
  const coefficients = new Float64Array(p);
  for (const g of random.sample(count, activeGroups)) {
    for (let k = 0; k < groupSize; k++) coefficients[g * groupSize + k] = random.normal();
  }
  const y = product(X, coefficients);
  addNoise(
    y,
    Float64Array.from({ length: n }, () => random.normal()),
    snr,
  );
  const groups = Int32Array.from({ length: p }, (_, j) => Math.floor(j / groupSize));
  return { X, y, coefficients, groups };
}

function addNoise(y: Float64Array, noise: Float64Array, snr: number): void {
  scaleNoise(y, noise, snr);
  for (let i = 0; i < y.length; i++) y[i] += noise[i];
}
