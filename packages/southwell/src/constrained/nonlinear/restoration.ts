import type { BarrierProblem } from './barrierProblem.ts';
import type { Point } from './point.ts';

/** Weight ρ of violations in the restoration phase. */
const RHO = 1000;

/**
 * The problem of the restoration phase: the least ρ‖c‖₁ near the point where it begins, with p − n = c(x) + Ea split
 * into its parts (Wächter & Biegler 2006, section 3.3).
 */
export function restorationProblem(at: Point): BarrierProblem {
  const { problem, w } = at;
  const { n, m, auxiliary } = problem;
  const count = auxiliary.row.length;
  const [before, all] = [n + count, n + count + 2 * m];
  const lower = new Float64Array(all);
  const upper = new Float64Array(all).fill(Number.POSITIVE_INFINITY);
  lower.set(problem.lower);
  upper.set(problem.upper);
  const row = new Int32Array(count + 2 * m);
  const coefficient = new Float64Array(count + 2 * m);
  const cost = new Float64Array(count + 2 * m);
  row.set(auxiliary.row);
  coefficient.set(auxiliary.coefficient);
  for (let i = 0; i < m; i++) {
    row[count + i] = row[count + m + i] = i;
    coefficient[count + i] = -1;
    coefficient[count + m + i] = 1;
  }
  cost.fill(RHO, count);
  const weight = new Float64Array(all);
  const centre = new Float64Array(all);
  centre.set(w);
  for (let k = 0; k < before; k++) weight[k] = Math.min(1, 1 / Math.abs(w[k])) ** 2;
  return {
    ...{ n, m, lower, upper },
    auxiliary: { row, coefficient, cost },
    proximal: { weight, centre, scale: 1 },
    objective: () => 0,
    gradient: (_x, out) => out.fill(0),
    constraints: (x, out) => problem.constraints(x, out),
    jacobian: problem.jacobian,
    jacobianValues: (x, values) => problem.jacobianValues(x, values),
    ...(problem.hessian && {
      hessian: problem.hessian,
      hessianValues: (x: Float64Array, _sigma: number, y: Float64Array, values: Float64Array) =>
        problem.hessianValues!(x, 0, y, values),
    }),
  };
}

/** Whether there are as many equations as variables: nothing but a feasible point is then looked for. */
export const isSquare = ({ n, m, auxiliary }: BarrierProblem): boolean => m - auxiliary.row.length === n;

/** Whether the objective has neither slope nor curvature at a point: if that is feasible, it needs no multipliers. */
export function isFlat({ problem, gradient, w, y }: Point): boolean {
  if (gradient.some((v) => v !== 0) || !problem.hessian) return false;
  const curvatures = new Float64Array(problem.hessian.rowIndices.length);
  problem.hessianValues!(w.subarray(0, problem.n), 1, new Float64Array(y.length), curvatures);
  return curvatures.every((v) => v === 0);
}

/** Barrier parameter with which the restoration phase begins. */
export function restorationBarrier(at: Point, mu: number): number {
  let most = mu;
  for (const v of at.c) most = Math.max(most, Math.abs(v));
  return most;
}

/** Sets the point of the restoration problem to that of the original one, with the best parts p and n for mu. */
export function enterRestoration(at: Point, inner: Point, mu: number): void {
  const { n, m, auxiliary } = at.problem;
  const before = n + auxiliary.row.length;
  inner.w.set(at.w);
  for (let k = 0; k < before; k++) {
    inner.zL[k] = Math.min(RHO, at.zL[k]);
    inner.zU[k] = Math.min(RHO, at.zU[k]);
  }
  splitViolation(inner, at.c, mu);
  for (let i = 0; i < 2 * m; i++) inner.zL[before + i] = mu / inner.w[before + i];
  inner.y.fill(0);
}

/** The parts p and n of a violation that minimise the barrier objective. */
export function splitViolation(inner: Point, c: Float64Array, mu: number): void {
  const m = c.length;
  const before = inner.w.length - 2 * m;
  for (let i = 0; i < m; i++) {
    const half = (mu - RHO * c[i]) / (2 * RHO);
    const negative = half + Math.sqrt(half * half + (mu * c[i]) / (2 * RHO));
    // The sum of both loses digits where c is negative and much larger than mu.
    const other = -c[i] > mu ? (mu - RHO * -c[i]) / (2 * RHO) : Number.NaN;
    const positive = Number.isNaN(other)
      ? c[i] + negative
      : other + Math.sqrt(other * other + (mu * -c[i]) / (2 * RHO));
    inner.w[before + i] = Math.max(positive, 1e-300);
    inner.w[before + m + i] = Math.max(negative, 1e-300);
  }
}
