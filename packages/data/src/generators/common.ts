import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, Random } from '@southwell/numerics/core';

/** Parameters shared by the linear generators. */
export interface DesignParameters {
  /** Number of rows. */
  n: number;
  /** Number of columns. */
  p: number;
  /** Correlation of adjacent columns, in [0, 1): that of columns i and j is rho^|i−j|. Default 0.6. */
  rho?: number;
  seed?: number;
}

export interface SignalParameters extends DesignParameters {
  /** Number of non-zero coefficients. Default: a fifth of all, at least one. */
  nonZeros?: number;
  /** 'signs' (+1 or −1) or 'normal' (standard normal). Default 'normal'. */
  coefficients?: 'signs' | 'normal';
}

/** @throws INVALID_PARAMETER. */
export function checkDesign({ n, p, rho = 0.6 }: DesignParameters): void {
  for (const [name, value] of [
    ['n', n],
    ['p', p],
  ] as const) {
    if (!Number.isInteger(value) || value < 1)
      fail('INVALID_PARAMETER', `${name} must be a whole number of at least 1, not ${value}.`);
  }
  if (!(rho >= 0 && rho < 1)) fail('INVALID_PARAMETER', `rho must lie in [0, 1), but is ${rho}.`);
}

/** @throws INVALID_PARAMETER. */
export function checkPositive(name: string, value: number): void {
  if (!(value > 0)) fail('INVALID_PARAMETER', `${name} must be positive, not ${value}.`);
}

/**
 * Standard normal columns, each correlated with the preceding one: x_j = ρ x_{j−1} + √(1−ρ²) ε_j, so that E[x_i x_j] =
 * ρ^|i−j|. O(n·p).
 */
export function correlatedColumns(random: Random, n: number, p: number, rho: number): DenseMatrix {
  const X = DenseMatrix.create(n, p, { fill: false });
  const { data } = X;
  const sigma = Math.sqrt(1 - rho * rho);
  for (let i = 0; i < n; i++) data[i] = random.normal();
  for (let k = n; k < n * p; k++) data[k] = rho * data[k - n] + sigma * random.normal();
  return X;
}

/**
 * p coefficients, `nonZeros` of them on a random support.
 * @throws INVALID_PARAMETER.
 */
export function sparseCoefficients(
  random: Random,
  { p, nonZeros, coefficients = 'normal' }: SignalParameters,
): Float64Array {
  const count = nonZeros ?? Math.max(1, Math.floor(p / 5));
  if (!Number.isInteger(count) || count < 1 || count > p) {
    fail('INVALID_PARAMETER', `nonZeros must be a whole number from 1 to ${p}, not ${count}.`);
  }
  const w = new Float64Array(p);
  for (const j of random.sample(p, count)) {
    w[j] = coefficients === 'normal' ? random.normal() : random.integer(2) === 0 ? 1 : -1;
  }
  return w;
}

/** X w. O(n·p). */
export function product(X: DenseMatrix, w: Float64Array): Float64Array {
  const out = new Float64Array(X.rows);
  for (let j = 0; j < X.cols; j++) {
    if (w[j] === 0) continue;
    const column = X.column(j);
    for (let i = 0; i < out.length; i++) out[i] += w[j] * column[i];
  }
  return out;
}

export function norm(v: Float64Array): number {
  return Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
}

/** Scales the noise in place such that ‖signal‖ / ‖noise‖ = snr; no noise for snr = ∞. */
export function scaleNoise(signal: Float64Array, noise: Float64Array, snr: number): void {
  const scale = snr === Number.POSITIVE_INFINITY ? 0 : norm(signal) / (snr * norm(noise));
  for (let i = 0; i < noise.length; i++) noise[i] *= scale;
}

/** @throws INVALID_PARAMETER. */
export function generator(seed = 0): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    fail('INVALID_PARAMETER', `seed must be a whole number from 0 to 2^53 - 1, not ${seed}.`);
  }
  return new Random(seed);
}
