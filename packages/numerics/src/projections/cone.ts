import { fail } from '@southwell/numerics/core';
import { checkFinitePoint, checkOut } from './checks.ts';
import { powerBelow, scaledNorm } from './norm.ts';

/**
 * Projection of x = (t, v) onto the second-order cone ‖v‖₂ ≤ t, whose axis is the first coordinate: x itself if it lies
 * in the cone, 0 if −x does (the cone is self-dual), else ((t + ‖v‖)/2)·(1, v/‖v‖). For a single value, max(t, 0).
 * O(n).
 *
 * Parikh & Boyd 2014, Proximal algorithms, § 6.3.2.
 *
 * @param x n ≥ 1 values.
 * @param out n values, newly allocated by default; may be x itself.
 * @throws INVALID_SHAPE, also for an empty x; NON_FINITE; and NUMERICAL if the projection overflows.
 */
export function projectSecondOrderCone(
  x: ArrayLike<number>,
  out: Float64Array = new Float64Array(x.length),
): Float64Array {
  const n = x.length;
  checkOut(out, Math.max(1, n));
  checkFinitePoint(x);
  const own = scaledNorm(x, 1);
  // t and ‖v‖ are scaled by a common power of two so that neither overflows.
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
      fail('NUMERICAL', 'The projection onto the second-order cone overflows: scale the point.');
    }
    for (let i = 1; i < n; i++) out[i] = ((x[i] * own.unit) / own.length) * height;
    out[0] = height;
  }
  return out;
}
