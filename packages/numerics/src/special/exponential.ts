// Powers, roots, logarithms and hyperbolic functions, computed from additions, multiplications, divisions and square
// roots alone: the same bits in every engine. Within 4 ulp of the true value; for powers see there.
import { exp, log, power } from './elementary.ts';

/** eˣ − 1, without cancellation near 0. */
export function expm1(x: number): number {
  if (!(Math.abs(x) <= 1)) return exp(x) - 1;
  let sum = 0;
  for (let n = 20; n >= 2; n--) sum = (x * (1 + sum)) / n;
  return x === 0 ? x : x + x * sum;
}

/** log(1 + x), without cancellation near 0: the error of u = 1 + x cancels in x/(u − 1) (Kahan). */
export function log1p(x: number): number {
  const u = 1 + x;
  if (u === 1 || u === Number.POSITIVE_INFINITY) return u === 1 ? x : u;
  return log(u) * (x / (u - 1));
}

/** The logarithm to a base whose integer powers are `powerOf(k)`; exactly k at the k-th power. */
function logarithm(x: number, logBase: number, powerOf: (k: number) => number): number {
  const value = log(x) / logBase;
  const k = Math.round(value);
  // Tested exactly, because subnormal powers differ from their nominal values.
  return Math.abs(value - k) < 1e-9 && powerOf(k) === x ? k : value;
}

/** The logarithm to base 2; exact at powers of 2. */
export const log2 = (x: number): number => logarithm(x, Math.LN2, (k) => 2 ** k);

/** The logarithm to base 10; exact at powers of 10. */
export const log10 = (x: number): number => logarithm(x, Math.LN10, (k) => Number(`1e${k}`));

export function sinh(x: number): number {
  const size = Math.abs(x);
  const t = expm1(Math.min(size, 700));
  const half = size > 700 ? (exp(size / 2) / 2) * exp(size / 2) : (t + t / (t + 1)) / 2;
  return x < 0 ? -half : x === 0 ? x : half;
}

export function cosh(x: number): number {
  const size = Math.abs(x);
  const e = exp(size / 2);
  return size > 40 ? (e / 2) * e : (e * e + 1 / (e * e)) / 2;
}

export function tanh(x: number): number {
  const size = Math.abs(x);
  const t = expm1(2 * Math.min(size, 30));
  const value = t / (t + 2);
  return Number.isNaN(x) || x === 0 ? x : x < 0 ? -value : value;
}

/** The real cube root, by the logarithm and one Newton step. */
export function cbrt(x: number): number {
  const size = Math.abs(x);
  if (!(size > 0 && size < Number.POSITIVE_INFINITY)) return x;
  const y = exp(log(size) / 3);
  const root = y - (y - size / (y * y)) / 3;
  return x < 0 ? -root : root;
}

/** √(x² + y²), without spurious overflow or underflow. */
export function hypot(x: number, y: number): number {
  const [a, b] = [Math.abs(x), Math.abs(y)];
  if (a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const most = Math.max(a, b);
  if (most === 0) return 0;
  const least = Math.min(a, b) / most;
  return most * Math.sqrt(1 + least * least);
}

/** Integer exponents up to this are computed as products. */
const MOST_PRODUCTS = 64;

/**
 * xʸ. For integer |y| ≤ 64 by repeated squaring, within y ulp; otherwise by exp and log, where the relative error grows
 * with |y log x|. NaN for finite x < 0 and non-integer y; 1 for y = 0.
 */
export function pow(x: number, y: number): number {
  if (!Number.isInteger(y)) {
    const root = x < 0 && x > Number.NEGATIVE_INFINITY && Number.isFinite(y);
    return root ? Number.NaN : power(Math.abs(x), y);
  }
  if (Math.abs(y) <= MOST_PRODUCTS) {
    let value = 1;
    for (let [n, square] = [Math.abs(y), x]; n > 0; n = Math.floor(n / 2), square *= square) {
      if (n % 2 === 1) value *= square;
    }
    return y < 0 ? 1 / value : value;
  }
  const value = power(Math.abs(x), y);
  return (x < 0 || Object.is(x, -0)) && y % 2 !== 0 ? -value : value;
}

/** The inverse of {@link sinh}, without cancellation near 0. */
export function asinh(x: number): number {
  const size = Math.abs(x);
  // Beyond, x² + 1 is x² to rounding.
  const value = size > 1e9 ? log(size) + Math.LN2 : log1p(size + (size * size) / (1 + Math.sqrt(size * size + 1)));
  return x < 0 ? -value : x === 0 ? x : value;
}

/** The inverse of {@link cosh} on [1, ∞); NaN below. */
export function acosh(x: number): number {
  if (x < 1) return Number.NaN;
  const t = x - 1;
  return x > 1e9 ? log(x) + Math.LN2 : log1p(t + Math.sqrt(t * (t + 2)));
}

/** The inverse of {@link tanh} on [−1, 1]; NaN outside. */
export function atanh(x: number): number {
  const size = Math.abs(x);
  const value = log1p((2 * size) / (1 - size)) / 2;
  return x < 0 ? -value : x === 0 ? x : value;
}
