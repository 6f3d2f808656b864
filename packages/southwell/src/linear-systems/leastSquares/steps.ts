import type { Certificate, Iterate, Status } from '@southwell/numerics/core';
import { addTo, length, type Preconditioner } from './preconditioner.ts';
import type { SketchProblem } from './problem.ts';

export type LeastSquaresIterate = Iterate<Float64Array, undefined>;

/** The state of a method at its current point, from the exact residual rather than from recurrences. */
export interface Truth {
  /** ‖b − Az‖, weighted and with the ridge, in units of the problem. */
  readonly norm: number;
  /** Pᵀ times the gradient: its norm is approximately the distance of Az from the optimum. */
  readonly turned: Float64Array;
  /** ‖Aᵀ(b − Ax)‖ in the units of the data, and relative to ‖A‖‖b − Ax‖. */
  readonly certificate: Certificate;
}

/** Iterations from z, which is modified in place, on a problem with a preconditioner. */
export interface Course {
  readonly problem: SketchProblem;
  readonly P: Preconditioner;
  readonly z: Float64Array;
  /** Estimated Frobenius norm of A in the units of the data. */
  readonly norm: number;
  /** Distortion of norms by the sketch. */
  readonly distortion: number;
  /** Ends where ‖Aᵀr‖ ≤ tol·‖A‖‖r‖; with 0 at the limit of rounding. */
  readonly tol: number;
  /** Also ends where Az is this close to the optimum, in units of the problem. */
  readonly near: number;
  /** The last exact state; set by the steps. */
  truth: Truth | undefined;
}

/** Recomputes the residual at z. One pass. */
export function look(course: Course): Truth {
  const { problem, P, z, norm: size } = course;
  const { norm, gradient } = problem.residual(z);
  const { columns, unit } = problem;
  const value = length(gradient.map((g, j) => g * columns[j])) * unit;
  const relative = value === 0 ? 0 : value / (size * norm * unit);
  course.truth = {
    norm,
    turned: P.applyTransposed(gradient),
    certificate: { kind: 'normalResidual', value, relative },
  };
  return course.truth;
}

/** An iterate at the current z. */
export function iterateAt(
  course: Course,
  iteration: number,
  more: {
    readonly metrics?: Readonly<Record<string, number>>;
    readonly certificate?: Certificate;
    readonly done?: Status;
    readonly next?: string;
  },
): LeastSquaresIterate {
  const { problem, z } = course;
  return {
    iteration,
    objective: undefined,
    // A product with A and one with its transpose.
    work: { matrixVectorProducts: 2 * problem.passes },
    ...more,
    snapshot: () => problem.point(z),
  };
}

/**
 * Changes of Az below which steps are dominated by rounding: that of A·z, and of Aᵀr amplified by the condition number
 * (Epperly 2024, §3.3, with smaller constants, since a step is cheap).
 */
function floorOf({ P, z }: Course, norm: number, image: number): number {
  const { singularValues: s, rank } = P;
  const condition = s[0] / s[rank - 1];
  return Number.EPSILON * (0.1 * Math.max(image, s[0] * length(z) * 0.01) + 2e-5 * condition * norm);
}

/**
 * A restart costs one pass, and removes the rounding errors of the recurrences; more restarts than this do not help.
 */
const RESTARTS = 6;
/** Relative accuracy at which the first round ends: the rest is solved for the exact residual. */
const FIRST = 1e-7;

/**
 * LSQR (Paige and Saunders 1982) for AP from the solution of the sketched problem, restarted from the exact residual:
 * that initial point and one such refinement make it backward stable in practice, and provably nearly so (Epperly,
 * Meier and Nakatsukasa 2024). Each step reads A once.
 */
export function* lsqrSteps(course: Course): Generator<LeastSquaresIterate, void, undefined> {
  const { problem, P, z, tol, near } = course;
  let iteration = 0;
  let last = Number.POSITIVE_INFINITY;
  for (let round = 0; ; round++) {
    const { norm: beta0, turned, certificate } = look(course);
    const alpha0 = length(turned);
    const metrics = { residual: beta0 * problem.unit, distance: alpha0 * problem.unit };
    const image = imageOf(course, beta0);
    const floor = floorOf(course, beta0, image);
    const small = alpha0 <= Math.max(floor, near) || beta0 === 0 || certificate.relative <= tol;
    if (small || (round > 1 && alpha0 > 0.3 * last) || round > RESTARTS) {
      yield iterateAt(course, iteration, { metrics, certificate, done: endOf(course, certificate.relative, alpha0) });
      return;
    }
    last = alpha0;
    yield iterateAt(course, iteration, { metrics, certificate });
    const target = round === 0 ? Math.max(floor, FIRST * alpha0) : floor;
    problem.scale(1 / beta0);
    const v = turned.map((t) => t / alpha0);
    let [alpha, phibar, rhobar] = [alpha0 / beta0, beta0, alpha0 / beta0];
    const w = v.slice();
    const y = new Float64Array(v.length);
    const from = z.slice();
    for (;;) {
      iteration++;
      const { norm: beta, gradient } = problem.advance(P.apply(v), alpha);
      if (beta > 0) problem.scale(1 / beta);
      const rho = Math.hypot(rhobar, beta);
      const [c, s] = [rhobar / rho, beta / rho];
      const phi = c * phibar;
      phibar *= s;
      addTo(y, phi / rho, w);
      const change = Math.abs(phi / rho) * length(w);
      const next = P.applyTransposed(gradient);
      let square = 0;
      for (let k = 0; k < v.length; k++) {
        v[k] = (beta > 0 ? next[k] / beta : 0) - beta * v[k];
        square += v[k] * v[k];
      }
      alpha = Math.sqrt(square);
      const theta = s * alpha;
      for (let k = 0; k < v.length; k++) {
        if (alpha > 0) v[k] /= alpha;
        w[k] = v[k] - (theta / rho) * w[k];
      }
      rhobar = -c * alpha;
      const normal = phibar * alpha * Math.abs(c);
      const step = P.apply(y);
      for (let j = 0; j < z.length; j++) z[j] = from[j] + step[j];
      if (change <= target || normal <= 0.5 * near || normal <= 0.5 * tol * phibar || alpha === 0 || beta === 0) break;
      yield iterateAt(course, iteration, {
        metrics: { residual: phibar * problem.unit, distance: normal * problem.unit },
      });
    }
  }
}

/**
 * Iterative sketching with damping and momentum (Epperly 2024): z ← z + δ·PPᵀAᵀ(b − Az) + β·(last change), each step
 * from the exact residual; the parameters follow from the distortion η of the sketch. Forward stable. Each step reads A
 * once.
 */
export function* momentumSteps(course: Course): Generator<LeastSquaresIterate, void, undefined> {
  const { problem, P, z, tol, near, distortion } = course;
  const [delta, momentum] = [(1 - distortion ** 2) ** 2, distortion ** 2];
  const moved = new Float64Array(P.rank);
  let least = Number.POSITIVE_INFINITY;
  let first = 0;
  let since = 0;
  for (let iteration = 0; ; iteration++) {
    const { norm, turned, certificate } = look(course);
    const distance = length(turned);
    const metrics = { residual: norm * problem.unit, distance: distance * problem.unit };
    if (iteration === 0) first = distance;
    const floor = floorOf(course, norm, imageOf(course, norm));
    since = distance < 0.7 * least ? 0 : since + 1;
    least = Math.min(least, distance);
    // Momentum may increase it temporarily.
    const stuck = since > 5 + 3 / (1 - distortion);
    if (distance > 1e6 * Math.max(first, floor)) {
      const next =
        'The sketch distorts lengths by more than its rows promise: take more rows, another kind of sketch, or refine: lsqr.';
      yield iterateAt(course, iteration, { metrics, certificate, done: 'diverged', next });
      return;
    }
    if (certificate.relative <= tol || distance <= Math.max(floor, near) || stuck) {
      yield iterateAt(course, iteration, { metrics, certificate, done: endOf(course, certificate.relative, distance) });
      return;
    }
    yield iterateAt(course, iteration, { metrics, certificate });
    for (let k = 0; k < moved.length; k++) moved[k] = delta * turned[k] + momentum * moved[k];
    addTo(z, 1, P.apply(moved));
  }
}

/** Upper bound on ‖Az‖ from ‖b‖ and the residual. */
function imageOf({ problem }: Course, norm: number): number {
  return length(problem.right) + norm;
}

/** Without another tolerance, reaching rounding error is convergence. */
const endOf = ({ tol, near }: Course, relative: number, distance: number): Status =>
  (tol === 0 && near === 0) || relative <= tol || distance <= near ? 'converged' : 'stalled';
