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

/** B_{2k} for k = 1 … 8. */
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];

/** xⁿ by multiplication, which has the same bits in every engine. */
function power(x: number, n: number): number {
  let y = 1;
  for (let k = 0; k < n; k++) y *= x;
  return y;
}

/** The n-th derivative of cot(πx). */
function cotangentDerivative(n: number, x: number): number {
  const turn = Math.PI * (x - Math.round(x));
  const cot = sin(turn + Math.PI / 2) / sin(turn);
  // Derivatives are polynomials in the cotangent, whose own one is −π(1 + cot²).
  let p = [0, 1];
  for (let m = 0; m < n; m++) {
    const next = new Array<number>(p.length + 1).fill(0);
    for (let k = 1; k < p.length; k++) {
      next[k - 1] -= Math.PI * k * p[k];
      next[k + 1] -= Math.PI * k * p[k];
    }
    p = next;
  }
  return p.reduceRight((sum, c) => sum * cot + c, 0);
}

/**
 * The n-th derivative of the digamma function: the asymptotic series (Abramowitz & Stegun 6.4.11) after shifting to
 * large x, the reflection formula below ½. NaN at 0, −1, −2, …. Relative error about 1e-14 for x > 0.
 */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  if (x <= 0 && Number.isInteger(x)) return Number.NaN;
  const sign = n % 2 === 0 ? -1 : 1;
  if (x < 0.5) return -sign * polygamma(n, 1 - x) - Math.PI * cotangentDerivative(n, x);
  if (!Number.isFinite(x)) return Number.isNaN(x) ? x : 0;
  let z = x;
  let sum = 0;
  for (; z < LARGE + n; z++) sum += 1 / power(z, n + 1);
  let factorial = 1;
  for (let k = 2; k < n; k++) factorial *= k;
  // Terms of the series: (n − 1)!/zⁿ, n!/2zⁿ⁺¹, and B_{2k}(2k + n − 1)!/((2k)!·z^{2k+n}).
  let tail = factorial / power(z, n) + (factorial * n) / (2 * power(z, n + 1));
  let term = (factorial * n) / power(z, n);
  BERNOULLI.forEach((b, i) => {
    const k = 2 * i + 2;
    term *= i === 0 ? (n + 1) / (2 * z * z) : ((k + n - 1) * (k + n - 2)) / (k * (k - 1) * z * z);
    tail += b * term;
  });
  return sign * (sum * factorial * n + tail);
}
