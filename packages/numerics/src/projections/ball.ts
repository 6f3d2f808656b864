import { checkFinitePoint, checkOut, checkRadius } from './checks.ts';
import { scaledNorm } from './norm.ts';

/**
 * Projection of x onto the Euclidean ball ‖z‖₂ ≤ radius: x itself if it lies in the ball, else x·radius/‖x‖₂, whose
 * norm equals the radius up to rounding. Squares may overflow or underflow. O(n).
 *
 * @param x n values.
 * @param radius at least 0. Default 1.
 * @param out n values, newly allocated by default; may be x itself.
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
    // If the product might overflow or underflow, the quotient, at most 1, is computed first.
    else if (unit === 1 && radius < 1e150 && radius > 1e-150) out[i] = (x[i] * radius) / length;
    else out[i] = ((x[i] * unit) / length) * radius;
  }
  return out;
}
