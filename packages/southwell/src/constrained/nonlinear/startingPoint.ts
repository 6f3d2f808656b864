import type { BarrierProblem } from './barrierProblem.ts';
import { KktSystem, largest } from './kkt.ts';
import type { Point } from './point.ts';

/** How far initial points are pushed off their bounds: κ₁·max(1, |bound|), at most κ₂ of the distance of both. */
const [PUSH, SHARE] = [1e-2, 1e-2];
/** Multipliers of least squares beyond this size are replaced by zero. */
const MOST = 1e3;

/** Moves w into the interior of its bounds. */
export function pushInside(
  { lower, upper }: BarrierProblem,
  w: Float64Array,
  [push, share]: readonly [number, number] = [PUSH, SHARE],
): void {
  for (let k = 0; k < w.length; k++) {
    const [l, u] = [lower[k], upper[k]];
    const gap = u - l;
    const [hasLower, hasUpper] = [l !== Number.NEGATIVE_INFINITY, u !== Number.POSITIVE_INFINITY];
    if (hasLower)
      w[k] = Math.max(w[k], l + Math.min(push * Math.max(1, Math.abs(l)), hasUpper ? share * gap : Infinity));
    if (hasUpper)
      w[k] = Math.min(w[k], u - Math.min(push * Math.max(1, Math.abs(u)), hasLower ? share * gap : Infinity));
  }
}

/** y ← the multipliers that minimise ‖∇f − zL + zU + Jᵀy‖, or 0 if they are large or cannot be computed. */
export function leastSquaresMultipliers(at: Point, most = MOST): void {
  const { problem, y } = at;
  if (problem.m === 0) return;
  const right = at.gradient.slice();
  for (let k = 0; k < right.length; k++) right[k] = at.zL[k] - at.zU[k] - right[k];
  const kkt = new KktSystem({ ...problem, hessian: undefined });
  const ones = new Float64Array(right.length).fill(1);
  const dw = new Float64Array(right.length);
  const good =
    kkt.prepare(new Float64Array(0), at.J, ones, 1e-8) &&
    !KktSystem.useless(kkt.solve(right, new Float64Array(problem.m), dw, y));
  kkt.release();
  if (!good || !(largest(y) <= most)) y.fill(0);
}
