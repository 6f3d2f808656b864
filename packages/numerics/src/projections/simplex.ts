import { fail } from '@southwell/numerics/core';
import { checkFinitePoint, checkOut, checkRadius } from './checks.ts';
import { powerBelow } from './norm.ts';

/**
 * The point nearest to x in the scaled simplex {z ≥ 0, Σz = radius}: max(x − θ, 0) with the θ at which these add up to the
 * radius. θ is at least max x − radius, so that only values above that are sorted: O(n + m log m) for m of them, and what x
 * is large by costs no digits.
 *
 * Held, Wolfe & Crowder 1974, Validation of subgradient optimization, § 3.1; of faster methods for large m, Condat 2016.
 *
 * @param x n values, at least one.
 * @param radius at least 0. Default 1, the simplex of probabilities.
 * @param out n values, by default new ones; may be x itself.
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
 * The point nearest to x in the ball ‖z‖₁ ≤ radius: x itself in it, else sign(x)·max(|x| − θ, 0), with |x| − θ from
 * {@link projectSimplex} of |x|. O(n + m log m), as there.
 *
 * Duchi, Shalev-Shwartz, Singer & Chandra 2008, Efficient projections onto the ℓ₁-ball, § 4.
 *
 * @param x n values.
 * @param radius at least 0. Default 1.
 * @param out n values, by default new ones; may be x itself.
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

/** y ← max(y − θ, 0), which add up to the radius, for y whose largest value is 0. */
function shrink(y: Float64Array, radius: number): Float64Array {
  if (radius === 0) return y.fill(0);
  if (radius < 1e-150 || radius > 1e150) {
    // Sums must not leave the range of doubles.
    const unit = powerBelow(radius);
    for (let i = 0; i < y.length; i++) y[i] *= unit;
    shrink(y, radius * unit);
    for (let i = 0; i < y.length; i++) y[i] /= unit;
    return y;
  }
  const near = y.filter((v) => v > -radius).sort();
  // The longest run of the largest ones of which each is above the θ that they have together.
  let [sum, active] = [0, 0];
  for (let k = near.length - 1; k >= 0; k--) {
    if (!((active + 1) * near[k] > sum + near[k] - radius)) break;
    sum += near[k];
    active++;
  }
  let theta = (sum - radius) / active;
  // What rounding left of the sum, spread evenly.
  let left = -radius;
  for (let k = near.length - active; k < near.length; k++) left += Math.max(near[k] - theta, 0);
  theta += left / active;
  for (let i = 0; i < y.length; i++) y[i] = Math.max(y[i] - theta, 0);
  return y;
}
