import { largest } from '../vectors.ts';
import type { BarrierProblem } from './barrierProblem.ts';
import type { KktSystem } from './kkt.ts';
import { Point } from './point.ts';

/** How far initial points are pushed off their bounds: κ₁·max(1, |bound|), at most κ₂ of the distance of both. */
export const PUSH: readonly [number, number] = [1e-2, 1e-2];
/** Multipliers of least squares beyond this size are replaced by zero. */
const MOST = 1e3;

/** A point with w pushed off its bounds and bound multipliers 1. */
export function coldPoint(problem: BarrierProblem, w: Float64Array, push = PUSH): Point {
  const at = new Point(problem);
  at.w.set(w);
  pushInside(problem, at.w, push);
  for (let k = 0; k < w.length; k++) {
    if (problem.lower[k] !== Number.NEGATIVE_INFINITY) at.zL[k] = 1;
    if (problem.upper[k] !== Number.POSITIVE_INFINITY) at.zU[k] = 1;
  }
  return at;
}

/** How far warm points are pushed off their bounds, and least multiplier of a bound. */
const WARM_PUSH: readonly [number, number] = [1e-6, 1e-6];
const WARM_MULTIPLIER = 1e-6;

/**
 * A point with given multipliers, y of the rows and z of the bounds of x: positive at a lower bound, negative at an
 * upper one. Slacks have the multipliers of their rows.
 * @returns With the barrier parameter that fits its complementarity best.
 */
export function warmPoint(
  problem: BarrierProblem,
  w: Float64Array,
  y: Float64Array,
  z: Float64Array,
): { at: Point; mu: number } {
  const at = new Point(problem);
  const { n, lower, upper, auxiliary } = problem;
  at.w.set(w);
  pushInside(problem, at.w, WARM_PUSH);
  at.y.set(y);
  let [sum, count] = [0, 0];
  for (let k = 0; k < w.length; k++) {
    // ∇f + Jᵀy − zL + zU = 0, where a slack has the coefficient −1.
    const multiplier = k < n ? z[k] : auxiliary.coefficient[k - n] * y[auxiliary.row[k - n]];
    if (lower[k] !== Number.NEGATIVE_INFINITY) {
      at.zL[k] = Math.max(multiplier, WARM_MULTIPLIER);
      sum += at.zL[k] * (at.w[k] - lower[k]);
      count++;
    }
    if (upper[k] !== Number.POSITIVE_INFINITY) {
      at.zU[k] = Math.max(-multiplier, WARM_MULTIPLIER);
      sum += at.zU[k] * (upper[k] - at.w[k]);
      count++;
    }
  }
  return { at, mu: Math.min(0.1, Math.max(1e-9, count === 0 ? 0 : sum / count)) };
}

/** Moves w into the interior of its bounds. */
export function pushInside(
  { lower, upper }: BarrierProblem,
  w: Float64Array,
  [push, share]: readonly [number, number],
): void {
  for (let k = 0; k < w.length; k++) {
    const l = lower[k];
    const u = upper[k];
    const gap = u - l;
    const hasLower = l !== Number.NEGATIVE_INFINITY;
    const hasUpper = u !== Number.POSITIVE_INFINITY;
    if (hasLower)
      w[k] = Math.max(w[k], l + Math.min(push * Math.max(1, Math.abs(l)), hasUpper ? share * gap : Infinity));
    if (hasUpper)
      w[k] = Math.min(w[k], u - Math.min(push * Math.max(1, Math.abs(u)), hasLower ? share * gap : Infinity));
  }
}

/** y ← the multipliers that minimise ‖∇f − zL + zU + Jᵀy‖, or 0 if they are large or cannot be computed. */
export function leastSquaresMultipliers(at: Point, kkt: KktSystem): void {
  const { problem, y } = at;
  if (problem.m === 0) return;
  const right = at.gradient.slice();
  for (let k = 0; k < right.length; k++) right[k] = at.zL[k] - at.zU[k] - right[k];
  if (!kkt.leastSquares(at.J, right, y) || !(largest(y) <= MOST)) y.fill(0);
}
