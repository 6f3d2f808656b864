import { fail } from '@southwell/numerics/core';
import { checkFinitePoint, checkOut } from './checks.ts';
import { powerBelow, scaledNorm } from './norm.ts';

/**
 * The point nearest to x = (t, v) in the second-order cone ‖v‖₂ ≤ t, whose axis is the first coordinate: x itself in it,
 * 0 where −x is in it (the cone is its own dual), else ((t + ‖v‖)/2)·(1, v/‖v‖). One value: max(t, 0). O(n).
 *
 * Parikh & Boyd 2014, Proximal algorithms, § 6.3.2.
 *
 * @param x n ≥ 1 values.
 * @param out n values, by default new ones; may be x itself.
 * @throws INVALID_SHAPE, for no values too, NON_FINITE, and NUMERICAL if the nearest point is beyond the largest double.
 */
export function projectSecondOrderCone(
  x: ArrayLike<number>,
  out: Float64Array = new Float64Array(x.length),
): Float64Array {
  const n = x.length;
  checkOut(out, Math.max(1, n));
  checkFinitePoint(x);
  const own = scaledNorm(x, 1);
  // t and ‖v‖ in one unit, in which neither overflows.
  const axis = Math.abs(x[0]);
  const fits = axis === 0 || (own.unit === 1 && axis < 1e150);
  const unit = fits ? own.unit : Math.min(own.unit, powerBelow(axis));
  const t = x[0] * unit;
  const length = own.unit === unit ? own.length : (own.length / own.unit) * unit;
  if (length <= t) for (let i = 0; i < n; i++) out[i] = x[i];
  else if (length <= -t) out.fill(0);
  else {
    const height = (t + length) / 2 / unit;
    if (height === Number.POSITIVE_INFINITY) {
      fail('NUMERICAL', 'The nearest point of the second-order cone is beyond the largest double: scale the point.');
    }
    for (let i = 1; i < n; i++) out[i] = ((x[i] * own.unit) / own.length) * height;
    out[0] = height;
  }
  return out;
}
