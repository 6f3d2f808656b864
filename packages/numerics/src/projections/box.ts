import { fail } from '@southwell/numerics/core';
import { checkOut } from './checks.ts';

/** The number in [low, high] nearest to v; NaN stays NaN. Arguments are not checked. */
export const clamp = (v: number, low: number, high: number): number => Math.min(Math.max(v, low), high);

/**
 * Projection of x onto the box lower ≤ z ≤ upper: min(max(x, lower), upper), elementwise. O(n).
 *
 * @param x n values; infinite ones are moved to the bounds of their coordinate.
 * @param lower one bound for all coordinates, or n of them; may be −∞.
 * @param upper the same; may be +∞.
 * @param out n values, newly allocated by default; may be x itself.
 * @throws INVALID_SHAPE; INVALID_PARAMETER unless lower ≤ upper; NON_FINITE for NaN, and for an infinite value without
 * a finite bound.
 */
export function projectBox(
  x: ArrayLike<number>,
  lower: number | ArrayLike<number>,
  upper: number | ArrayLike<number>,
  out: Float64Array = new Float64Array(x.length),
): Float64Array {
  const n = x.length;
  checkOut(out, n);
  for (const [name, bound] of [['lower', lower] as const, ['upper', upper] as const]) {
    if (typeof bound !== 'number' && bound.length !== n) {
      fail('INVALID_SHAPE', `There are ${bound.length} ${name} bounds, but the point has ${n} values.`);
    }
  }
  for (let i = 0; i < n; i++) {
    const low = typeof lower === 'number' ? lower : lower[i];
    const high = typeof upper === 'number' ? upper : upper[i];
    if (!(low <= high) || low === Number.POSITIVE_INFINITY || high === Number.NEGATIVE_INFINITY) {
      fail(
        'INVALID_PARAMETER',
        `The bounds of coordinate ${i + 1} are ${low} and ${high}: no number lies between them.`,
      );
    }
    const v = clamp(x[i], low, high);
    if (!Number.isFinite(v)) fail('NON_FINITE', `A point to be projected has ${x[i]} in entry ${i + 1}.`);
    out[i] = v;
  }
  return out;
}
