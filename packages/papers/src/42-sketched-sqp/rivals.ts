import { DenseMatrix } from '@southwell/numerics/arrays';
import { gmres } from '@southwell/numerics/iterative';
import { ldlt, symmetricEigenvalues } from '@southwell/numerics/linalg';
import type { Outer } from './lab.ts';
import { dot, type Problem } from './problems.ts';

/** The methods that the paper compares with, with the constants of its code. */

/** Values and derivatives at x; `lagrangian` = ∇f + Gᵀλ, `rows` are those of the Jacobian G. */
interface Local {
  readonly x: Float64Array;
  readonly lambda: Float64Array;
  readonly f: number;
  readonly gradient: Float64Array;
  readonly c: Float64Array;
  readonly rows: readonly Float64Array[];
  readonly lagrangian: Float64Array;
}

function localAt({ functions }: Problem, x: Float64Array, lambda: Float64Array): Local {
  const { variables: n, constraints: m, jacobian } = functions;
  const [gradient, c, J] = [n, m, jacobian.rowIndices.length].map((size) => new Float64Array(size));
  functions.gradient(x, gradient);
  functions.constraintValues(x, c);
  functions.jacobianValues(x, J);
  const rows = Array.from({ length: m }, () => new Float64Array(n));
  const lagrangian = gradient.slice();
  for (let j = 0; j < n; j++) {
    for (let k = jacobian.colPointers[j]; k < jacobian.colPointers[j + 1]; k++) {
      rows[jacobian.rowIndices[k]][j] = J[k];
      lagrangian[j] += J[k] * lambda[jacobian.rowIndices[k]];
    }
  }
  return { x, lambda, f: functions.objective(x), gradient, c, rows, lagrangian };
}

/** The Hessian of f + λᵀc. */
function hessianAt({ functions }: Problem, x: Float64Array, lambda: Float64Array): DenseMatrix {
  const { variables: n, hessian } = functions;
  const values = new Float64Array(hessian!.rowIndices.length);
  functions.hessianValues!(x, 1, lambda, values);
  const H = DenseMatrix.create(n, n);
  for (let j = 0; j < n; j++) {
    for (let k = hessian!.colPointers[j]; k < hessian!.colPointers[j + 1]; k++) {
      H.set(hessian!.rowIndices[k], j, values[k]);
      H.set(j, hessian!.rowIndices[k], values[k]);
    }
  }
  return H;
}

/** (B Gᵀ; G 0) with B = H + shift·I. */
function kktMatrix(H: DenseMatrix, rows: readonly Float64Array[], shift: number): DenseMatrix {
  const n = H.rows;
  const K = DenseMatrix.create(n + rows.length, n + rows.length);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) K.set(i, j, H.get(i, j) + (i === j ? shift : 0));
    for (const [i, row] of rows.entries()) {
      K.set(n + i, j, row[j]);
      K.set(j, n + i, row[j]);
    }
  }
  return K;
}

/** Whether the Hessian is positive definite on the null space of the rows: the reduced Hessian is above 1e-6. */
function isDefinite(H: DenseMatrix, rows: readonly Float64Array[]): boolean {
  const K = kktMatrix(H, rows, -1e-6);
  const { negative, zero } = ldlt(K).inertia();
  K.free();
  return negative === rows.length && zero === 0;
}

const kktOf = ({ lagrangian, c }: Local): number => Math.sqrt(dot(lagrangian, lagrangian) + dot(c, c));
const oneNorm = (v: Float64Array): number => v.reduce((sum, t) => sum + Math.abs(t), 0);

/** A solution of a system that gets better, a cycle of GMRES at a time. */
class Growing {
  z: Float64Array;
  steps = 0;
  r: Float64Array;
  private size = Number.POSITIVE_INFINITY;

  constructor(
    private readonly matrix: DenseMatrix,
    private readonly b: Float64Array,
    private cycle: number,
  ) {
    this.z = new Float64Array(b.length);
    this.r = b.map((v) => -v);
  }

  /** Whether it got better: where a cycle gains less than a hundredth, it is repeated with twice its length. */
  cycleOnce(): boolean {
    const { b, matrix } = this;
    while (this.cycle <= 2 * b.length) {
      const options = { x0: this.z, maxIter: this.cycle, restart: this.cycle, tol: 1e-14 };
      const { point, iterations } = gmres(matrix, b, options);
      this.steps += iterations;
      this.z = point;
      this.r = matrixTimes(matrix, point).map((v, k) => v - b[k]);
      const size = Math.sqrt(dot(this.r, this.r));
      const better = size < 0.99 * this.size;
      this.size = Math.min(size, this.size);
      if (better) return true;
      this.cycle *= 2;
    }
    return false;
  }
}

function matrixTimes(A: DenseMatrix, x: Float64Array): Float64Array {
  const out = new Float64Array(A.rows);
  for (let j = 0; j < A.cols; j++) for (let i = 0; i < A.rows; i++) out[i] += A.get(i, j) * x[j];
  return out;
}

/** Constants of the paper's code: σ = τ(1 − ε), and the growth of μ in the adaptive method. */
const [KAPPA1, EPSILON, TAU, ARMIJO, GROWTH, XI] = [0.1, 0.1, 0.1, 1e-8, 1.5, 0.1];
const SIGMA = TAU * (1 - EPSILON);
const [HALVINGS, LARGEST] = [60, 1e8];

export interface GmresSqpOptions {
  /** ‖(∇L, c)‖ to reach. */
  readonly tol: number;
  /** With penalties and accuracy that adapt until the model falls enough, in place of two termination tests. */
  readonly adaptive?: boolean;
}

/**
 * Inexact SQP on the ℓ₁ penalty f + μ‖c‖₁, whose systems are solved by GMRES until one of the termination tests of Byrd,
 * Curtis & Nocedal (2008) is met; or, `adaptive`, to a share κ of the right-hand side that shrinks by 1/1.5² while μ grows
 * by 1.5, until the model of the penalty falls enough.
 */
export function* gmresSqp(problem: Problem, { tol, adaptive = false }: GmresSqpOptions): Generator<Outer> {
  let now = localAt(problem, problem.start.slice(), problem.lambda.slice());
  const beta = Math.max(oneNorm(now.lagrangian) / (oneNorm(now.c) + 1), 1);
  let [mu, kappa, alpha, inner, evaluations] = [1, adaptive ? 0.1 : 1, 0, 0, 1];
  for (;;) {
    const kkt = kktOf(now);
    const state = { kkt, alpha, inner, evaluations, x: now.x, f: now.f };
    if (kkt <= tol) {
      yield { ...state, ended: 'converged' };
      return;
    }
    const H = hessianAt(problem, now.x, now.lambda);
    const n = now.x.length;
    const shift = isDefinite(H, now.rows) ? 0 : XI + Math.sqrt(dot(H.data, H.data));
    const K = kktMatrix(H, now.rows, shift);
    const b = Float64Array.from([...now.lagrangian, ...now.c], (v) => -v);
    const growing = new Growing(K, b, problem.cycle);
    /** What the model of the penalty tells of a step. */
    const model = (z: Float64Array) => {
      const dx = z.subarray(0, n);
      const left = oneNorm(now.c.map((v, i) => v + dot(now.rows[i], dx)));
      const slope = dot(now.gradient, dx);
      const curved = Math.max(0.5 * (dot(dx, matrixTimes(H, dx)) + shift * dot(dx, dx)), 0);
      const gain = oneNorm(now.c) - left;
      const enough = SIGMA * Math.max(oneNorm(now.c), left - oneNorm(now.c));
      return { slope, curved, gain, falls: () => -slope - curved + mu * gain >= mu * enough };
    };
    for (;;) {
      const better = growing.cycleOnce();
      const { falls } = model(growing.z);
      const [byX, byC] = [oneNorm(growing.r.subarray(0, n)), oneNorm(growing.r.subarray(n))];
      if (adaptive) {
        if (better && byX + byC > kappa * oneNorm(b)) continue;
        if (falls() || mu > LARGEST) break;
        mu *= GROWTH;
        kappa /= GROWTH ** 2;
        continue;
      }
      const bound = Math.max(KAPPA1 * oneNorm(now.lagrangian), beta * oneNorm(now.c));
      if (byX + byC <= kappa * oneNorm(b) && byC <= bound && falls()) break;
      if (byX <= EPSILON * oneNorm(now.c) && byC <= beta * oneNorm(now.c)) break;
      if (!better) break;
    }
    const { z } = growing;
    inner += growing.steps;
    const { slope, curved, gain, falls } = model(z);
    if (!adaptive && !falls() && gain > 0) mu = Math.max((slope + curved) / ((1 - TAU) * gain), mu) + 1e-4;
    const before = now.f + mu * oneNorm(now.c);
    const directional = slope - mu * gain;
    let next: Local | undefined;
    alpha = 1;
    for (let trial = 0; trial < HALVINGS && !next; trial++) {
      const moved = localAt(
        problem,
        now.x.map((v, j) => v + alpha * z[j]),
        now.lambda.map((v, i) => v + alpha * z[n + i]),
      );
      evaluations++;
      if (moved.f + mu * oneNorm(moved.c) <= before + ARMIJO * alpha * directional) next = moved;
      else alpha /= 2;
    }
    K.free();
    H.free();
    yield next ? state : { ...state, ended: 'failed' };
    if (!next) return;
    now = next;
  }
}

/** Multipliers of the augmented Lagrangian are updated with these; a subproblem has at most so many Newton steps. */
const [ROUND_GROWTH, ROUND_TOL, ROUND_SHARE, NEWTON_TOL, NEWTON_STEPS] = [1.5, 0.1, 0.1, 1e-4, 100];
const NEWTON_ARMIJO = 0.1;

/**
 * The augmented Lagrangian method: f + λᵀc + ½μ‖c‖² is minimised by inexact Newton steps, whose Hessian is shifted to a
 * least eigenvalue of 1. An outer step is an update of λ; `alpha` is the length of the last Newton step.
 */
export function* augmentedLagrangian(problem: Problem, { tol }: { readonly tol: number }): Generator<Outer> {
  let now = localAt(problem, problem.start.slice(), problem.lambda.slice());
  let [mu, target, alpha, inner, evaluations] = [1, ROUND_TOL, 0, 0, 1];
  for (;;) {
    const kkt = kktOf(now);
    const state = { kkt, alpha, inner, evaluations, x: now.x, f: now.f };
    yield kkt <= tol ? { ...state, ended: 'converged' } : state;
    if (kkt <= tol) return;
    const lambda = now.lambda;
    const value = ({ f, c }: Local) => f + dot(lambda, c) + 0.5 * mu * dot(c, c);
    for (let step = 0; ; step++) {
      const g = now.lagrangian.map((v, j) => now.rows.reduce((sum, row, i) => sum + mu * now.c[i] * row[j], v));
      const size = Math.sqrt(dot(g, g));
      if (size <= target) break;
      const { z, steps } = newtonStep(problem, now, mu, g);
      inner += steps;
      const slope = dot(g, z);
      let moved: Local | undefined;
      alpha = 1;
      for (let trial = 0; trial < HALVINGS && !moved; trial++) {
        const tried = localAt(
          problem,
          now.x.map((v, j) => v + alpha * z[j]),
          lambda,
        );
        evaluations++;
        if (value(tried) <= value(now) + NEWTON_ARMIJO * alpha * slope) moved = tried;
        else alpha /= 2;
      }
      if (!moved || step >= NEWTON_STEPS) {
        yield { ...state, inner, evaluations, ended: 'failed' };
        return;
      }
      now = moved;
    }
    now = localAt(
      problem,
      now.x,
      lambda.map((v, i) => v + mu * now.c[i]),
    );
    mu *= ROUND_GROWTH;
    target *= ROUND_SHARE;
  }
}

function newtonStep(problem: Problem, { x, lambda, c, rows }: Local, mu: number, g: Float64Array) {
  const n = x.length;
  const H = hessianAt(
    problem,
    x,
    lambda.map((v, i) => v + mu * c[i]),
  );
  for (const row of rows) {
    for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) H.set(i, j, H.get(i, j) + mu * row[i] * row[j]);
  }
  const shift = 1 - Math.min(...symmetricEigenvalues(Float64Array.from(H.data), n));
  for (let j = 0; j < n; j++) H.set(j, j, H.get(j, j) + shift);
  const { point, iterations } = gmres(
    H,
    g.map((v) => -v),
    { tol: NEWTON_TOL, restart: n, maxIter: 10 * n },
  );
  H.free();
  return { z: point, steps: iterations };
}
