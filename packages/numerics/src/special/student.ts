import { exp, log } from './elementary.ts';
import { logGamma } from './gamma.ts';
import { normalQuantile } from './normal.ts';

/** Maximum number of terms of the continued fraction; about √max(a, b) are needed. */
const MOST_TERMS = 10_000;
const TINY = 1e-300;

/** The continued fraction of the incomplete beta function by Lentz's method (Abramowitz & Stegun 26.5.8). */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / nonzero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonzero(1 + even * d);
    c = nonzero(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonzero(1 + odd * d);
    c = nonzero(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return value;
}
const nonzero = (v: number): number => (Math.abs(v) < TINY ? TINY : v);

/**
 * The regularised incomplete beta function I_x(a, b) for a, b > 0 and x in [0, 1], NaN outside. Relative error about
 * 1e-13, larger for large a + b (1e-11 at 10⁴).
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(x >= 0 && x <= 1 && a > 0 && b > 0)) return Number.NaN;
  if (x === 0 || x === 1) return x;
  const front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log(1 - x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(a, b, x)) / a : 1 - (front * betaFraction(b, a, 1 - x)) / b;
}

/** P(T ≤ t) of Student's t distribution with `df` > 0 degrees of freedom; NaN otherwise. */
export function studentCdf(t: number, df: number): number {
  if (!(df > 0) || Number.isNaN(t)) return Number.NaN;
  if (!Number.isFinite(t)) return t > 0 ? 1 : 0;
  const square = t * t;
  // Uses the smaller of the two arguments, since the other is 1 minus it and loses digits.
  const middle = square < df ? incompleteBeta(square / (df + square), 0.5, df / 2) : undefined;
  const tail = middle === undefined ? incompleteBeta(df / (df + square), df / 2, 0.5) / 2 : (1 - middle) / 2;
  return t > 0 ? 1 - tail : tail;
}

/**
 * The quantile of Student's t distribution with `df` > 0 degrees of freedom: the t with P(T ≤ t) = p, for p in [0, 1];
 * ±∞ at the ends, NaN outside. By bisection, with a relative error of about 1e-10.
 */
export function studentQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1 && df > 0)) return Number.NaN;
  if (p === 0 || p === 1) return p === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (p > 0.5) return -studentQuantile(1 - p, df);
  if (p === 0.5) return 0;
  // The normal quantile is a bound nearer to 0, since tails are heavier with fewer degrees of freedom.
  let high = normalQuantile(p);
  let low = 2 * high;
  while (studentCdf(low, df) > p) [high, low] = [low, 2 * low];
  for (let k = 0; k < 100 && high - low > 1e-14 * Math.abs(low); k++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, df) > p) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
