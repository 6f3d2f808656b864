import { fail } from '@southwell/numerics/core';
import { checkFinitePoint, checkOut, checkRadius } from './checks.ts';
import { powerBelow } from './norm.ts';

/**
 * Projection of x onto the scaled simplex {z ≥ 0, Σz = radius}: max(x − θ, 0), with θ such that the sum equals the
 * radius. θ is at least max x − radius, so only the m values above that are sorted: O(n + m log m). A large common
 * offset of x costs no digits.
 *
 * Held, Wolfe & Crowder 1974, Validation of subgradient optimization, § 3.1; for faster methods for large m see Condat
 * 2016.
 *
 * @param x n values, at least one.
 * @param radius at least 0. Default 1, the probability simplex.
 * @param out n values, newly allocated by default; may be x itself.
 * @throws EMPTY, INVALID_SHAPE, INVALID_PARAMETER and NON_FINITE.
 */
export function projectSimplex(
  x: ArrayLike<number>,
  radius = 1,
  out: Float64Array = new Float64Array(x.length),
): Float64Array {
  const n = x.length;
  if (n === 0) fail('EMPTY', 'A simplex needs at least one coordinate.');
  checkOut(out, n);
  checkRadius(radius);
  checkFinitePoint(x);
  let most = x[0];
  for (let i = 1; i < n; i++) most = Math.max(most, x[i]);
  for (let i = 0; i < n; i++) out[i] = x[i] - most;
  return shrink(out, radius);
}

/**
 * Projection of x onto the ball ‖z‖₁ ≤ radius: x itself if it lies in the ball, else sign(x)·max(|x| − θ, 0), with |x|
 * − θ from {@link projectSimplex} of |x|. O(n + m log m), as there.
 *
 * Duchi, Shalev-Shwartz, Singer & Chandra 2008, Efficient projections onto the ℓ₁-ball, § 4.
 *
 * @param x n values.
 * @param radius at least 0. Default 1.
 * @param out n values, newly allocated by default; may be x itself.
 * @throws INVALID_SHAPE, INVALID_PARAMETER and NON_FINITE.
 */
export function projectL1Ball(
  x: ArrayLike<number>,
  radius = 1,
  out: Float64Array = new Float64Array(x.length),
): Float64Array {
  const n = x.length;
  checkOut(out, n);
  checkRadius(radius);
  checkFinitePoint(x);
  let [sum, most] = [0, 0];
  for (let i = 0; i < n; i++) {
    sum += Math.abs(x[i]);
    most = Math.max(most, Math.abs(x[i]));
  }
  if (sum <= radius) {
    for (let i = 0; i < n; i++) out[i] = x[i];
    return out;
  }
  const size = shrink(
    Float64Array.from(x, (v) => Math.abs(v) - most),
    radius,
  );
  for (let i = 0; i < n; i++) out[i] = x[i] < 0 ? 0 - size[i] : size[i];
  return out;
}

/** y ← max(y − θ, 0) with sum equal to the radius, for y whose largest value is 0. */
function shrink(y: Float64Array, radius: number): Float64Array {
  if (radius === 0) return y.fill(0);
  if (radius < 1e-150 || radius > 1e150) {
    // Scaled, so that sums neither overflow nor underflow.
    const unit = powerBelow(radius);
    for (let i = 0; i < y.length; i++) y[i] *= unit;
    shrink(y, radius * unit);
    for (let i = 0; i < y.length; i++) y[i] /= unit;
    return y;
  }
  const near = y.filter((v) => v > -radius).sort();
  // Finds the largest active set: the largest values, as long as each exceeds the θ that the set determines.
  let [sum, active] = [0, 0];
  for (let k = near.length - 1; k >= 0; k--) {
    if (!((active + 1) * near[k] > sum + near[k] - radius)) break;
    sum += near[k];
    active++;
  }
  let theta = (sum - radius) / active;
  // Distributes the rounding error of the sum evenly.
  let left = -radius;
  for (let k = near.length - active; k < near.length; k++) left += Math.max(near[k] - theta, 0);
  theta += left / active;
  for (let i = 0; i < y.length; i++) y[i] = Math.max(y[i] - theta, 0);
  return y;
}
