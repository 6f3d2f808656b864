import {
  checkOptions,
  fail,
  limitOption,
  numberOption,
  type OptionsNeeding,
  wholeNumber,
} from '@southwell/numerics/core';

const filterRecords = {
  /** Number of steps T: a whole number, or Infinity. */
  iterations: limitOption(0),
  /** Step size in units of 1/L, L the largest curvature: above 0 and below 2·(1 + momentum). Default 1. */
  rate: numberOption({ min: 0, open: true }),
  /** Heavy-ball momentum, in [0, 1). Default 0: gradient descent. */
  momentum: numberOption({ min: 0, below: 1 }),
};

export interface SpectralFilterOptions extends OptionsNeeding<typeof filterRecords, 'iterations'> {}

/**
 * Filter factors of gradient descent from zero after T steps, for each singular value: 1 − (1 − c·s²/s_max²)ᵀ without
 * momentum. Directions with s²/s_max² far below 1/(cT) are not fitted, which is the only effect of a finite number of
 * steps. The recurrence is composed with itself log₂ T times, so that T = 10⁹ costs at most 30 products, and small
 * factors keep their relative precision. O(n log T).
 *
 * @example gdSpectralFilter([1, 0.1], { iterations: 100 }); // 1, 0.634
 * @throws INVALID_PARAMETER; NON_FINITE.
 */
export function gdSpectralFilter(singularValues: ArrayLike<number>, options: SpectralFilterOptions): Float64Array {
  checkOptions('gdSpectralFilter', filterRecords, options);
  const { iterations, rate = 1, momentum = 0 } = options;
  if (iterations !== Number.POSITIVE_INFINITY) wholeNumber('iterations', iterations, 0);
  stableRate(rate, momentum);
  let most = 0;
  for (let i = 0; i < singularValues.length; i++) {
    const s = singularValues[i];
    if (!(s >= 0 && Number.isFinite(s))) {
      fail('NON_FINITE', `Singular value ${i + 1} is ${s}; it must be a finite number of at least 0.`);
    }
    most = Math.max(most, s);
  }
  return Float64Array.from(singularValues, (s) => {
    if (s === 0) return 0;
    if (iterations === Number.POSITIVE_INFINITY) return 1;
    const x = rate * (s / most) * (s / most);
    return fitted(x, momentum, iterations);
  });
}

/** @throws INVALID_PARAMETER if steps of this size would diverge. */
export function stableRate(rate: number, momentum: number): void {
  const most = 2 * (1 + momentum);
  if (!(rate > 0 && rate < most)) {
    fail(
      'INVALID_PARAMETER',
      `rate must be above 0 and below ${most}, in units of 1/L, for gradient descent to converge, but is ${rate}.`,
    );
  }
}

/**
 * φ after a number of steps: φ ← φ + d, d ← βd + x(1 − φ), an affine map of (φ, d), raised to a power by squaring. In
 * terms of φ, as 1 − φ would lose the precision of small values.
 */
function fitted(x: number, beta: number, iterations: number): number {
  let square: Affine = [1 - x, beta, -x, beta, x, x];
  let [phi, d] = [0, 0];
  for (let left = iterations; left > 0; left = Math.floor(left / 2)) {
    const [a, b, c, e, u, v] = square;
    if (left % 2 === 1) [phi, d] = [a * phi + b * d + u, c * phi + e * d + v];
    square = [a * a + b * c, a * b + b * e, c * a + e * c, c * b + e * e, a * u + b * v + u, c * u + e * v + v];
  }
  return phi;
}
/** (φ, d) → (aφ + bd + u, cφ + ed + v), as [a, b, c, e, u, v]. */
type Affine = readonly [number, number, number, number, number, number];
