import { checkFinitePoint, checkOut, checkRadius } from './checks.ts';
import { scaledNorm } from './norm.ts';

/**
 * The point nearest to x in the Euclidean ball ‖z‖₂ ≤ radius: x itself in it, else x·radius/‖x‖₂, whose length is the
 * radius but for rounding. Squares may leave the range of doubles. O(n).
 *
 * @param x n values.
 * @param radius at least 0. Default 1.
 * @param out n values, by default new ones; may be x itself.
 * @throws INVALID_SHAPE, INVALID_PARAMETER and NON_FINITE.
 */
export function projectBall(
  x: ArrayLike<number>,
  radius = 1,
  out: Float64Array = new Float64Array(x.length),
): Float64Array {
  checkOut(out, x.length);
  checkRadius(radius);
  checkFinitePoint(x);
  const { length, unit } = scaledNorm(x);
  const outside = unit === 1 ? length > radius : length > radius * unit;
  for (let i = 0; i < x.length; i++) {
    if (!outside) out[i] = x[i];
    // Where the product might leave the range of doubles, the quotient, at most 1, comes first.
    else if (unit === 1 && radius < 1e150 && radius > 1e-150) out[i] = (x[i] * radius) / length;
    else out[i] = ((x[i] * unit) / length) * radius;
  }
  return out;
}
