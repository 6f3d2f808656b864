import { log, sin } from './elementary.ts';

const LOG_ROOT_2PI = 0.9189385332046727;
/** From here on, eight terms of Stirling's series are accurate to rounding. */
const LARGE = 12;

/** B_{2k}/(2k(2k−1)) for k = 1 … 8, the coefficients of Stirling's series (Abramowitz & Stegun 6.1.40). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360, 1 / 156, -3617 / 122_400];
/** B_{2k}/2k for k = 1 … 8, those of the digamma function (6.3.18). */
const DIGAMMA = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32_760, 1 / 12, -3617 / 8160];

/** Σ c_k z^(1−2k), as used in both series. */
function series(coefficients: readonly number[], z: number): number {
  let sum = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) sum = (sum + coefficients[k]) / (k === 0 ? 1 : z * z);
  return sum;
}

/**
 * log |Γ(x)|: +∞ at 0, −1, −2, …; Stirling's series after shifting to x ≥ 12, the reflection formula below ½. Error
 * about 6e-15 times max(1, |value|); near the zeros at 1 and 2 the error is absolute.
 */
export function logGamma(x: number): number {
  if (x <= 0 && Number.isInteger(x)) return Number.POSITIVE_INFINITY;
  if (x < 0.5) return log(Math.PI / Math.abs(sin(Math.PI * (x - Math.round(x))))) - logGamma(1 - x);
  if (!Number.isFinite(x)) return x;
  let z = x;
  let product = 1;
  for (; z < LARGE; z++) product *= z;
  return (z - 0.5) * log(z) - z + LOG_ROOT_2PI + series(STIRLING, z) / z - log(product);
}

/** The derivative of log Γ(x), with the same method as {@link logGamma}: NaN at 0, −1, −2, …. */
export function digamma(x: number): number {
  if (x <= 0 && Number.isInteger(x)) return Number.NaN;
  if (x < 0.5) {
    const turn = Math.PI * (x - Math.round(x));
    return digamma(1 - x) - (Math.PI * sin(turn + Math.PI / 2)) / sin(turn);
  }
  if (!Number.isFinite(x)) return x;
  let z = x;
  let sum = 0;
  for (; z < LARGE; z++) sum += 1 / z;
  return log(z) - 0.5 / z - series(DIGAMMA, z) / (z * z) - sum;
}
