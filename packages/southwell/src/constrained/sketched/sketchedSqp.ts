import {
  checkOptions,
  choiceOption,
  flagOption,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionsOf,
  only,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  seedOption,
} from '@southwell/numerics/core';
import { symmetricEigenvalues } from '@southwell/numerics/linalg';
import { analyse } from '@southwell/numerics/sparse';
import { guarded, iterateAt, type NonlinearIterate, nowhere, stateResiduals, UNBOUNDED } from '../nonlinear/iterate.ts';
import { addSymmetric } from '../nonlinear/kkt.ts';
import type { CheckedProgram, NonlinearProgram } from '../nonlinear/program.ts';
import type { NonlinearPoint } from '../nonlinear/residuals.ts';
import { norm } from '../vectors.ts';
import { adapt } from './adapt.ts';
import {
  equationsOf,
  hessianAt,
  kktNorm,
  type LagrangianPoint,
  lagrangianAt,
  meritGradient,
  meritOf,
  penaltyRecords,
} from './merit.ts';
import { checkBlock, type Improving, improving, kktMatrix, type StepSolverSettings } from './system.ts';

export const sketchedSqpRecords = {
  /** How the systems are solved: by projections on rows or on random combinations of them, or as rivals. Default kaczmarz. */
  solver: choiceOption({
    kaczmarz: 'Projections on rows',
    gaussian: 'Projections on Gaussian combinations',
    gmres: 'GMRES',
    minres: 'MINRES',
    direct: 'LDLᵀ factors',
  }),
  /** Rows or combinations of a projection. Default 1. */
  blockSize: integerOption({ min: 1 }),
  /** How single rows are drawn. Default uniform. */
  sampling: choiceOption({ norms: 'By squared norms', uniform: 'Uniformly' }),
  /**
   * How accurate the systems are solved. paper: as far as its theory asks, with the constants of the paper. residual:
   * to min(0.1, 0.1√‖b‖) of the right-hand side. Both more accurately until the step descends. Default residual.
   */
  accuracy: choiceOption({ residual: 'By the residual', paper: 'As in the paper' }),
  ...penaltyRecords,
  /** Initial accuracy of accuracy paper. Default 0.1. */
  delta: numberOption({ min: 0, open: true }),
  /** Factor by which weights and accuracy adapt. Default 1.5. */
  nu: numberOption({ min: 1, open: true }),
  /** Share of the predicted decrease that a step must reach. Default 0.1. */
  beta: numberOption({ min: 0, max: 0.5, open: true }),
  /** Factor of the accuracy: towards 0, steps become superlinear. Default 1. */
  theta: numberOption({ min: 0, max: 1 }),
  /** What is added to the norm of the Hessian where it has to be shifted. Default 0.1. */
  xiB: numberOption({ min: 0, open: true }),
  /** Projections, or steps of GMRES and MINRES, for a system. Default 100 000. */
  maxInner: integerOption({ min: 1 }),
  /**
   * Whether every system is checked by a factorisation for a positive definite reduced Hessian and for independent
   * rows. Without it only the curvature along the step is. Default true.
   */
  checks: flagOption(),
  /** Largest ‖(∇L, c)‖. Default 1e-6. */
  tol: numberOption({ min: 0, open: true }),
  seed: seedOption(),
};

export interface SketchedSqpOptions extends OptionsOf<typeof sketchedSqpRecords> {}

/** Least eigenvalue of a reduced Hessian that is not shifted. */
const DEFINITE = 1e-6;
/** Squared ratio of singular values of the Jacobian up to which its rows count as dependent. */
const DEPENDENT = 1e-14;
/** Least accuracy of accuracy paper. */
const LEAST_DELTA = 1e-6;
const HALVINGS = 50;

/**
 * Newton steps for programs of equations, min f(x) subject to c(x) = r, whose systems are solved only as accurately as
 * needed, by random projections or otherwise, with the exact augmented Lagrangian as merit function (AdaSketch-Newton:
 * Hong, Na, Mahoney & Kolar, ICML 2023, algorithm 1). Weights and accuracy adapt until the step descends; unit steps
 * are taken in the end.
 *
 * Ends 'converged' if ‖(∇L, c)‖ ≤ `tol`; 'stalled' if rows of the Jacobian are dependent or no step descends;
 * 'unbounded' if the objective falls below −1e20. `metrics` has the step length `alpha`, the weights, `kkt` and
 * `safeguards`, the steps at which weights had reached their limits; `work` counts `innerSteps`, `evaluations` (of
 * function values and first derivatives) and `hessians`. Unlike the released code, inner residuals start at −b, and
 * the gradient of the merit function has the Hessian of the Lagrangian.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE, NOT_SUPPORTED for bounds, inequalities, or without second
 * derivatives.
 */
export function* sketchedSqpIterates(
  program: NonlinearProgram,
  options: SketchedSqpOptions = {},
): Generator<NonlinearIterate> {
  checkOptions('sketchedSqpIterates', sketchedSqpRecords, options);
  const settings = settingsOf(options);
  checkBlock(settings);
  yield* guarded(equationsOf(program), (checked) => iterates(checked, settings));
}

/** Runs {@link sketchedSqpIterates}, by default at most 1000 steps. */
export function sketchedSqp(
  program: NonlinearProgram,
  options: SketchedSqpOptions & Omit<RunOptions<NonlinearPoint>, 'tol'> = {},
): Solution<NonlinearPoint> {
  const { tol: _, ...limits } = runKeys;
  knownKeys('sketchedSqp', options, { ...keysOf(sketchedSqpRecords), ...limits });
  const own = only<SketchedSqpOptions>(options, keysOf(sketchedSqpRecords));
  const running = only<Omit<RunOptions<NonlinearPoint>, 'tol'>>(options, limits);
  return run<NonlinearPoint, number>(sketchedSqpIterates(program, own), { maxIter: 1000, ...running });
}

type Settings = StepSolverSettings & {
  readonly accuracy: 'residual' | 'paper';
  readonly eta1: number;
  readonly eta2: number;
  readonly delta: number;
  readonly nu: number;
  readonly beta: number;
  readonly theta: number;
  readonly xiB: number;
  readonly checks: boolean;
  readonly tol: number;
};

const settingsOf = (options: SketchedSqpOptions): Settings => ({
  solver: options.solver ?? 'kaczmarz',
  blockSize: options.blockSize ?? 1,
  sampling: options.sampling ?? 'uniform',
  accuracy: options.accuracy ?? 'residual',
  ...{ eta1: options.eta1 ?? 1, eta2: options.eta2 ?? 0.1, delta: options.delta ?? 0.1, nu: options.nu ?? 1.5 },
  ...{ beta: options.beta ?? 0.1, theta: options.theta ?? 1, xiB: options.xiB ?? 0.1, tol: options.tol ?? 1e-6 },
  maxInner: options.maxInner ?? 100_000,
  checks: options.checks ?? true,
  seed: options.seed ?? 0,
});

function* iterates(program: CheckedProgram, settings: Settings): Generator<NonlinearIterate> {
  const method = new SketchedSqp(program, settings);
  const { f, c } = method.point;
  if (!Number.isFinite(f) || !c.every(Number.isFinite)) nowhere(program, method.point.x);
  let next: string | undefined;
  for (let iteration = 0; ; iteration++) {
    const { point } = method;
    const kkt = kktNorm(point);
    const done = next !== undefined ? 'stalled' : kkt <= settings.tol ? 'converged' : undefined;
    const ended = done ?? (point.f < -UNBOUNDED ? 'unbounded' : undefined);
    const known = { f: point.f, gradient: point.gradient, c: method.values(), J: point.J };
    const rows = point.lambda.map((v) => (v === 0 ? 0 : -v));
    const state = { x: point.x, rows, bounds: new Float64Array(point.x.length), known };
    const { stepSize, trials } = method;
    const course = { iteration, work: { ...method.work }, stepSize, trials, next };
    yield { ...iterateAt(program, state, stateResiduals(program, state), course, ended), metrics: method.metrics(kkt) };
    if (ended) return;
    next = method.step(iteration);
  }
}

class SketchedSqp {
  point: LagrangianPoint;
  readonly work = { innerSteps: 0, evaluations: 1, hessians: 0 };
  stepSize = 0;
  trials = 0;
  private alpha = 0;
  private safeguards = 0;
  eta1: number;
  eta2: number;
  private delta: number;

  constructor(
    private readonly program: CheckedProgram,
    private readonly settings: Settings,
  ) {
    const { start, startMultipliers } = program;
    const lambda = startMultipliers?.rows.map((v) => -v) ?? new Float64Array(program.functions.constraints);
    this.point = lagrangianAt(program, start.slice(), lambda);
    this.eta1 = settings.eta1;
    this.eta2 = settings.eta2;
    this.delta = settings.delta;
  }

  /** c(x). */
  values(): Float64Array {
    return this.point.c.map((v, i) => v + this.program.rowLower[i]);
  }

  metrics(kkt: number): Record<string, number> {
    const { alpha, eta1, eta2, delta, safeguards } = this;
    return { kkt, alpha, eta1, eta2, delta, safeguards };
  }

  /** Takes a step; returns what stands against one, as a sentence. */
  step(run: number): string | undefined {
    const { program, settings, point } = this;
    const W = hessianAt(program, point);
    this.work.hessians++;
    let independence = 1;
    if (settings.checks) {
      independence = leastOfRows(program, point.J);
      if (!(independence > 0)) {
        return 'Rows of the Jacobian are dependent here: leave out what follows from the others, or start elsewhere.';
      }
    }
    const shift = settings.xiB + frobenius(program, W);
    const shifted = settings.checks && !isDefinite(program, W, point.J);
    const failed = this.attempt(W, shifted ? shift : 0, independence, run);
    // Without checks, negative curvature shows along the step alone.
    return failed !== undefined && !shifted ? this.attempt(W, shift, independence, run) : failed;
  }

  private attempt(W: Float64Array, shift: number, independence: number, run: number): string | undefined {
    const { program, settings, point } = this;
    const b = new Float64Array(point.x.length + point.c.length);
    point.lagrangian.forEach((v, j) => {
      b[j] = -v;
    });
    point.c.forEach((v, i) => {
      b[point.x.length + i] = -v;
    });
    const inner = improving(program, W, point.J, shift, b, settings, run);
    try {
      const slope = this.solve(inner, W, shift, b, independence);
      if (!(slope < 0) || (shift === 0 && !settings.checks && !this.curves(W, inner.z))) return NO_DESCENT;
      return this.search(inner.z, slope);
    } finally {
      this.work.innerSteps += inner.steps;
      inner.free();
    }
  }

  /** Solves the system as accurately as descent needs; returns the slope of the merit function along the step. */
  private solve(inner: Improving, W: Float64Array, shift: number, b: Float64Array, independence: number): number {
    const { program, settings, point } = this;
    const { nu, beta, theta, xiB, accuracy } = settings;
    const size = norm(b);
    const hessian = frobenius(program, W);
    const B = Math.hypot(hessian, shift * Math.sqrt(point.x.length));
    const G = norm(point.J);
    const psi = (20 * Math.max(B * B, 1)) / (Math.min(independence, 1) * Math.min(xiB, 1));
    const upsilon = Math.max(G, hessian, 1);
    const trial = () => ((0.5 - beta) * this.eta2) / ((1 + this.eta1 + this.eta2) * upsilon ** 2 * psi ** 2);
    this.delta = Math.max(Math.min(this.delta, trial()), LEAST_DELTA);
    let tightened = 1;
    for (;;) {
      const target =
        accuracy === 'paper'
          ? (theta * this.delta * size) / (Math.hypot(B, Math.SQRT2 * G) * psi)
          : theta * tightened * Math.min(0.1, 0.1 * Math.sqrt(size)) * size;
      inner.improve(target);
      const gradient = meritGradient(program, point, W, this);
      let slope = 0;
      for (let k = 0; k < gradient.length; k++) slope += gradient[k] * inner.z[k];
      if (slope <= -0.5 * this.eta2 * size * size) return slope;
      const adapted = adapt({ eta1: this.eta1, eta2: this.eta2, tightened }, nu);
      if (!adapted) {
        this.safeguards++;
        return slope;
      }
      ({ eta1: this.eta1, eta2: this.eta2, tightened } = adapted);
      this.delta = Math.max(Math.min(this.delta / nu ** 4, trial()), LEAST_DELTA);
    }
  }

  /** Whether the Hessian has positive curvature along a step. */
  private curves(W: Float64Array, z: Float64Array): boolean {
    const dx = z.subarray(0, this.point.x.length);
    const image = new Float64Array(dx.length);
    addSymmetric(this.program.functions.hessian!, W, dx, image);
    let curvature = 0;
    for (let j = 0; j < dx.length; j++) curvature += dx[j] * image[j];
    return curvature >= DEFINITE * norm(dx) ** 2;
  }

  /** Armijo's search along x and λ together. */
  private search(z: Float64Array, slope: number): string | undefined {
    const { program, settings, point } = this;
    const n = point.x.length;
    const before = meritOf(point, this);
    let alpha = 1;
    for (let trial = 1; trial <= HALVINGS; trial++, alpha /= 2) {
      const x = point.x.map((v, j) => v + alpha * z[j]);
      const lambda = point.lambda.map((v, i) => v + alpha * z[n + i]);
      const next = lagrangianAt(program, x, lambda);
      this.work.evaluations++;
      const merit = meritOf(next, this);
      // Rounding errors of the merit function end the search near a solution.
      const rounding = 10 * Number.EPSILON * Math.max(1, Math.abs(before));
      if (!(merit <= before + alpha * settings.beta * slope + rounding)) continue;
      this.alpha = alpha;
      this.trials = trial;
      this.stepSize = 0;
      for (let k = 0; k < z.length; k++) this.stepSize = Math.max(this.stepSize, alpha * Math.abs(z[k]));
      this.point = next;
      return undefined;
    }
    return NO_DESCENT;
  }
}

const NO_DESCENT =
  'No step decreases the merit function: solve the systems more accurately (maxInner, or solver direct), or start elsewhere.';

/** ‖W‖_F of a symmetric matrix that is given by its lower triangle. */
function frobenius({ functions }: CheckedProgram, W: Float64Array): number {
  const { colPointers, rowIndices, cols } = functions.hessian!;
  let sum = 0;
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) sum += (rowIndices[k] === j ? 1 : 2) * W[k] * W[k];
  }
  return Math.sqrt(sum);
}

/** The least eigenvalue of GGᵀ; 0 if rows are dependent. O(rows³). */
function leastOfRows({ functions }: CheckedProgram, J: Float64Array): number {
  const { constraints: m, variables: n, jacobian } = functions;
  if (m === 0) return 1;
  if (m > n) return 0;
  const { colPointers, rowIndices } = jacobian;
  const gram = new Float64Array(m * m);
  for (let j = 0; j < n; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      for (let l = colPointers[j]; l < colPointers[j + 1]; l++) gram[rowIndices[k] * m + rowIndices[l]] += J[k] * J[l];
    }
  }
  const values = symmetricEigenvalues(gram, m);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least > DEPENDENT * most ? least : 0;
}

/** Whether the Hessian is positive definite on the null space of the Jacobian, by the inertia of the whole system. */
function isDefinite(program: CheckedProgram, W: Float64Array, J: Float64Array): boolean {
  const matrix = kktMatrix(program, W, J, -DEFINITE, 'lower');
  try {
    const factor = analyse(matrix).ldlt(matrix);
    const { negative, zero } = factor.inertia();
    factor.free();
    return zero === 0 && negative === program.functions.constraints;
  } catch {
    return false;
  } finally {
    matrix.free();
  }
}
