import { exp, log } from './elementary.ts';

// 1/√π and √2 to full precision.
const INVERSE_ROOT_PI = 0.5641895835477563;
const LOG_ROOT_2PI = 0.9189385332046727;

/** Below the first, erf uses its series; from the second on, erfc uses its continued fraction. */
const SERIES_BELOW = 2;
const FRACTION_FROM = 1;

/**
 * The error function 2/√π ∫₀ˣ e^(−t²)dt, within about 4 ulp: the series with positive terms e^(−x²)·2x/√π Σ
 * (2x²)ⁿ/(1·3·…·(2n+1)) near 0 (Abramowitz & Stegun 7.1.6), otherwise {@link erfc}.
 */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (!(size < SERIES_BELOW)) return x > 0 ? 1 - erfc(x) : x < 0 ? erfc(-x) - 1 : x;
  let term = 1;
  let sum = 1;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return 2 * INVERSE_ROOT_PI * x * exp(-x * x) * sum;
}

/**
 * 1 − erf(x) without cancellation, with a relative error of about 1e-14 wherever the value is a normal number:
 * Legendre's continued fraction for x ≥ 1 (Abramowitz & Stegun 7.1.14), by Lentz's method.
 */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < FRACTION_FROM) return 1 - erf(x);
  if (x > 27.3) return 0;
  // e^(−x²), corrected for the rounding error of x².
  const high = Math.fround(x);
  const density = exp(-high * high) * exp((high - x) * (high + x));
  // x + (1/2)/(x + 1/(x + (3/2)/(x + 2/(x + …)))).
  let f = x;
  let C = x;
  let D = 0;
  for (let n = 1; n < 500; n++) {
    const a = n / 2;
    D = 1 / (x + a * D);
    C = x + a / C;
    const factor = C * D;
    f *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return (density * INVERSE_ROOT_PI) / f;
}

/** P(Z ≤ x) of a standard normal variable; full relative accuracy in the lower tail. */
export const normalCdf = (x: number): number => erfc(-x / Math.SQRT2) / 2;

/**
 * log P(Z ≤ x), finite far into the tail where the probability itself underflows: Mills' ratio by its continued
 * fraction.
 */
export function logNormalCdf(x: number): number {
  if (x > 0) {
    // log(1 − q), corrected for the rounding error of 1 − q.
    const q = normalCdf(-x);
    const rest = 1 - q;
    return rest === 1 ? -q : (log(rest) * -q) / (rest - 1);
  }
  if (x > -30) return log(normalCdf(x));
  // P = φ(x)/(−x)·(1 − 1/x² + 3/x⁴ − …), where six terms are accurate to rounding.
  const z = 1 / (x * x);
  const series = 1 - z * (1 - 3 * z * (1 - 5 * z * (1 - 7 * z * (1 - 9 * z))));
  return -0.5 * x * x - LOG_ROOT_2PI - log(-x) + log(series);
}

/**
 * The x with P(Z ≤ x) = p: −∞ for 0, ∞ for 1, NaN outside [0, 1]. Newton's method on log P of the smaller tail, which
 * is concave, so that the iteration converges from the asymptotic starting value. Error about 1e-15 times max(1, |x|).
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? Number.NEGATIVE_INFINITY : p === 1 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (p > 0.5) return -normalQuantile(1 - p);
  const target = log(p);
  let x = p < 0.02 ? -Math.sqrt(Math.max(0, -2 * (target + LOG_ROOT_2PI + 0.5 * log(-2 * target)))) : -0.1;
  for (let step = 0; step < 60; step++) {
    const value = logNormalCdf(x);
    const slope = exp(-0.5 * x * x - LOG_ROOT_2PI - value);
    const move = (target - value) / slope;
    x += move;
    if (Math.abs(move) <= 1e-15 * Math.max(1, Math.abs(x))) break;
  }
  return x;
}
