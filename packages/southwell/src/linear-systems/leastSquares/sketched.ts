import type { MatrixLike } from '@southwell/numerics/arrays';
import {
  type Certificate,
  checkGiven,
  choiceOption,
  fail,
  flagOption,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  otherOption,
  type RunOptions,
  run,
  type Status,
  wholeNumber,
} from '@southwell/numerics/core';
import { SKETCHES, type SketchKind } from '@southwell/numerics/sketches';
import { defaultRows, drawn, withRidge } from './drawing.ts';
import { addTo, dot, length, type Preconditioner, preconditionerOf } from './preconditioner.ts';
import { powerOfTwo, SketchProblem } from './problem.ts';
import { REFINEMENTS, type Refinement } from './refinements.ts';
import { type Course, iterateAt, type LeastSquaresIterate, look, lsqrSteps, momentumSteps } from './steps.ts';

const { 'tensor-srht': _, ...sketches } = SKETCHES;

const sketchedRecords = {
  /** Default `osnap`, or `srht` without refinement, for accurate single coordinates. */
  sketch: choiceOption(sketches),
  /** Sketch size. Default: 4d/epsilon² without refinement, else the size that minimises the work. With at least as many rows as A there is no sketch. */
  rows: integerOption({ min: 1 }),
  /** Without refinement: the error allowed, relative to ‖b − Ax‖‖A⁺‖. Default 0.5. */
  epsilon: numberOption({ min: 0, max: 1, open: true }),
  /** Failure probability of the bounds `coordinateErrors`. Default 0.01. */
  delta: numberOption({ min: 0, max: 1, open: true }),
  /** Default `lsqr`. */
  refine: choiceOption(REFINEMENTS),
  /** Tolerance of the refinement, ‖Aᵀr‖ ≤ tol·‖A‖‖r‖. Default 0: to rounding error. */
  tol: numberOption({ min: 0 }),
  /** Refinement also ends where ‖A(x − x*)‖, as measured by the sketch, is at most this. Default 0. */
  near: numberOption({ min: 0 }),
  /** Default 0. */
  seed: integerOption({ min: 0 }),
  /** Ridge penalty: adds ridge·‖x‖². Default 0. */
  ridge: numberOption({ min: 0, finite: true }),
  /** Whether to fit an unpenalised intercept. Default false. */
  fitIntercept: flagOption(),
  /** Weight of each row in the sum of squares. Default 1. */
  weights: otherOption<ArrayLike<number>>('numbers of at least 0'),
};

export interface SketchedOptions extends OptionsOf<typeof sketchedRecords> {
  /** Maximum number of iterations, each with one pass over A. Default 200. */
  readonly maxIter?: number;
  /** Seconds. */
  readonly timeLimit?: number;
  readonly signal?: AbortSignal;
  readonly onIterate?: (iterate: LeastSquaresIterate) => void;
}

const keys: OptionKeys<SketchedOptions> = {
  ...keysOf(sketchedRecords),
  ...{ maxIter: true, timeLimit: true, signal: true, onIterate: true },
};

export interface SketchedSolution {
  readonly x: Float64Array;
  /** 0 without an intercept. */
  readonly intercept: number;
  readonly status: Status;
  /** ‖b − Ax‖, computed from x; with weights and ridge, if any. */
  readonly residualNorm: number;
  /** ‖S(b − Ax)‖ of the solution of the sketched problem. */
  readonly sketchResidualNorm: number;
  /** ‖A(x − x*)‖ for the least-squares solution x*, computed from x, up to the distortion of the sketch. */
  readonly distance: number;
  /** ‖Aᵀ(b − Ax)‖, relative to ‖A‖‖b − Ax‖, computed from x. */
  readonly certificate: Certificate;
  /**
   * Bound on the distance of each coefficient from the least-squares solution, with failure probability `delta`; see
   * below.
   */
  readonly coordinateErrors: Float64Array;
  /** A common bound for all coefficients by ‖A⁺‖, as in the paper. */
  readonly coordinateErrorBound: number;
  /** The kind of the sketch; `none` if A has no more rows than the sketch would have. */
  readonly sketch: SketchKind | 'none';
  /** Number of rows of the sketch. */
  readonly rows: number;
  /** The numerical rank: if below the number of columns of A, x is the minimum-norm solution, and `note` says so. */
  readonly rank: number;
  /** Condition number of A with columns of about unit norm: σ₁/σ_rank of the sketch. */
  readonly conditionEstimate: number;
  readonly iterations: number;
  /** Number of passes over A after the sketch. */
  readonly passes: number;
  /** Seconds. */
  readonly times: { readonly sketch: number; readonly factor: number; readonly refine: number };
  /** What x is, if the solution is not unique. */
  readonly note?: string;
  /** What to try next, if it did not end normally. */
  readonly next?: string;
}

/**
 * min ‖b − Ax‖² + ridge·‖x‖² for A with many more rows than columns, from a random sketch SA with few rows: either the
 * solution of the sketched problem (`refine: 'none'`, one pass over A), or with the sketch as a preconditioner for
 * iterative refinement to the accuracy of Householder QR (default).
 *
 * Without refinement, the error of coordinate j is approximately normal with standard deviation ‖row j of A⁺‖·‖b −
 * Ax‖/√rows, for sketches that mix all rows: `coordinateErrors` are the 1 − delta quantiles, jointly for all d, and
 * `coordinateErrorBound` the same with ‖A⁺‖ for each. That is the guarantee of Song, Ye, Yin and Zhang (2023) with the
 * constants of a Gaussian sketch; their proof for SRHT is known to have a gap, that of Song and Zhang (2026) for
 * `gaussian-pooled` has not been reviewed, and sparse and sampled sketches have none. With refinement they bound the
 * effect of the last residual and of rounding.
 *
 * Linearly dependent columns give the minimum-norm solution, with `rank` and `note`; a sketch that loses rank of A is
 * an error. O(nd) for the sketch, O(rows·d²) for its factorisation, and 4nd an iteration.
 *
 * @example const { x, passes, conditionEstimate } = sketchedLeastSquares(A, b);
 * @throws INVALID_SHAPE (for fewer rows than columns without a ridge, among others), NON_FINITE, EMPTY,
 * INVALID_PARAMETER, SINGULAR if the sketch has a lower rank than A.
 */
export function sketchedLeastSquares(
  A: MatrixLike,
  b: ArrayLike<number>,
  options: SketchedOptions = {},
): SketchedSolution {
  knownKeys('sketchedLeastSquares', options, keys);
  const { maxIter = 200, timeLimit, signal, onIterate } = options;
  const session = new Session(A, b, options);
  try {
    const settings: RunOptions<Float64Array, undefined> = { maxIter, timeLimit, signal, onIterate };
    const solution = run(session.steps(), settings);
    return session.finish(solution.point, solution);
  } finally {
    session.end();
  }
}

/**
 * The iterates of {@link sketchedLeastSquares}, to its tolerance: iterate 0 is the solution of the sketched problem.
 * @throws as it does.
 */
export function* sketchedLeastSquaresIterates(
  A: MatrixLike,
  b: ArrayLike<number>,
  options: Omit<SketchedOptions, 'maxIter' | 'timeLimit' | 'signal' | 'onIterate'> = {},
): Generator<LeastSquaresIterate, void, undefined> {
  knownKeys('sketchedLeastSquares', options, keys);
  const session = new Session(A, b, options);
  try {
    yield* session.steps();
  } finally {
    session.end();
  }
}

class Session {
  private readonly problem: SketchProblem;
  private readonly P: Preconditioner;
  private readonly course: Course;
  private readonly refine: Refinement;
  private readonly delta: number;
  private readonly used: SketchKind | 'none';
  private readonly rows: number;
  private readonly start: { readonly y: Float64Array; readonly residual: number };
  private readonly times: { sketch: number; factor: number; refine: number };
  private began = 0;

  constructor(A: MatrixLike, b: ArrayLike<number>, options: SketchedOptions) {
    checkGiven(sketchedRecords, options);
    const { refine = 'lsqr', sketch = refine === 'none' ? 'srht' : 'osnap', seed = 0, ridge = 0, tol = 0 } = options;
    const { epsilon = 0.5, delta = 0.01, fitIntercept = false, near = 0 } = options;
    this.refine = refine;
    this.delta = delta;
    const problem = new SketchProblem(A, b, ridge, options.weights, fitIntercept);
    this.problem = problem;
    try {
      const { n, d } = problem;
      const asked = options.rows ?? defaultRows(n, d, refine, epsilon);
      wholeNumber('rows', asked, ridge > 0 ? 1 : d);
      const rows = sketch === 'gaussian-pooled' ? 2 ** Math.ceil(Math.log2(asked)) : asked;
      const clock = performance.now();
      const { SA, Sb, kind } = drawn(problem, rows, sketch, seed);
      this.used = kind;
      this.rows = SA.rows;
      const sketched = performance.now();
      const lengths = Float64Array.from({ length: d }, (_, j) => lengthOf(SA.column(j)));
      problem.scaleBy(lengths);
      const norm = Math.hypot(lengthOf(lengths), Math.sqrt(ridge * d));
      const { stacked, right } = withRidge(problem, SA, Sb);
      this.P = preconditionerOf(stacked);
      this.start = this.P.start(right);
      const distortion = kind === 'none' ? 0 : Math.min(0.95, 1.05 * Math.sqrt(d / this.rows));
      this.times = { sketch: (sketched - clock) / 1000, factor: (performance.now() - sketched) / 1000, refine: 0 };
      if (kind !== 'none') this.checkRank();
      const z = this.P.apply(this.start.y);
      this.course = {
        ...{ problem, P: this.P, z, norm, distortion, tol },
        near: near / problem.unit,
        truth: undefined,
      };
    } catch (error) {
      problem.end();
      throw error;
    }
  }

  /** The null space of the sketch must be one of A too. One pass. */
  private checkRank(): void {
    const { problem, P } = this;
    if (P.nullSpace.length === 0) return;
    // Unequal weights: with equal ones, columns of the null space may cancel.
    const v = new Float64Array(problem.d);
    for (const [k, column] of P.nullSpace.entries()) addTo(v, 1 / (1 + 0.37 * k), column);
    if (problem.advance(v, 0).norm <= LOST * P.singularValues[0] * length(v)) return;
    fail(
      'SINGULAR',
      `The sketch of ${this.rows} rows has rank ${P.rank}, but columns of A that it makes dependent are not. Take more rows, another seed, or a sketch that mixes all rows: srht, dct, gaussian or osnap.`,
    );
  }

  *steps(): Generator<LeastSquaresIterate, void, undefined> {
    this.began = performance.now();
    const { course, refine } = this;
    if (refine === 'none') {
      const { norm, certificate } = look(course);
      const metrics = { residual: norm * this.problem.unit };
      yield iterateAt(course, 0, { metrics, certificate, done: 'completed' });
    } else yield* refine === 'lsqr' ? lsqrSteps(course) : momentumSteps(course);
  }

  finish(
    x: Float64Array,
    solution: { readonly status: Status; readonly iterations: number; readonly next?: string },
  ): SketchedSolution {
    const { problem, P, course, start } = this;
    // If a run was stopped early, the last exact residual belongs to another point.
    const { norm, turned, certificate } =
      course.truth && (solution.status === 'converged' || this.refine !== 'lsqr') ? course.truth : look(course);
    this.times.refine = (performance.now() - this.began) / 1000;
    const { singularValues: s, rank } = P;
    const { n, d, unit, columns } = problem;
    const distortion = this.used === 'none' ? 0 : Math.min(0.9, Math.sqrt(d / this.rows));
    const deviation =
      this.refine === 'none' && this.used !== 'none'
        ? (quantile(this.delta, d) * start.residual) / (1 - distortion) / Math.sqrt(this.rows)
        : length(turned) + Number.EPSILON * (Math.sqrt(d) * (norm / s[rank - 1]) + length(problem.right));
    const reach = (unit * deviation) / (1 - distortion) ** 2;
    const lengths = P.rowLengths();
    // ‖A⁺‖ in the units of the data is at most that for unit columns divided by the smallest column norm.
    const inverse = d === 0 ? 0 : Math.sqrt(lengths.reduce((most, v, j) => Math.max(most, (v / columns[j]) ** 2), 0));
    const shortest = columns.reduce((least, c) => Math.min(least, c), Number.POSITIVE_INFINITY);
    const pseudo = Math.max(inverse, 1 / (s[rank - 1] * shortest));
    const point = rank < d ? this.shortestOf(x) : x;
    const { cols, intercept } = problem;
    return {
      x: point.slice(0, cols),
      intercept: intercept ? point[cols] : 0,
      status: solution.status,
      residualNorm: norm * unit,
      sketchResidualNorm: start.residual * unit,
      distance: length(turned) * unit,
      certificate,
      coordinateErrors: lengths.slice(0, cols).map((v, j) => (reach * v) / columns[j]),
      coordinateErrorBound: reach * pseudo,
      sketch: this.used,
      rows: this.rows,
      rank,
      conditionEstimate: s[0] / s[rank - 1],
      iterations: solution.iterations,
      passes: problem.passes,
      times: { ...this.times },
      ...(rank < d && {
        note: `A has rank ${rank} for ${d} columns${n < d ? '' : ', some of which depend on others'}: x is the shortest of all that fit best.`,
      }),
      ...(solution.next && { next: solution.next }),
    };
  }

  /**
   * x without its component in the null space of A, in the units of the data; the intercept follows, and is not counted
   * in the norm.
   */
  private shortestOf(x: Float64Array): Float64Array {
    const { P, problem } = this;
    const { cols } = problem;
    const inner = (a: Float64Array, b: Float64Array) => dot(a.subarray(0, cols), b.subarray(0, cols));
    const out = x.slice();
    const basis: Float64Array[] = [];
    for (const column of P.nullSpace) {
      const v = column.map((value, j) => value / problem.columns[j]);
      // Twice is enough (Kahan).
      for (let round = 0; round < 2; round++) for (const q of basis) addTo(v, -inner(q, v), q);
      const size = lengthOf(v.subarray(0, cols));
      if (size > 0) basis.push(v.map((value) => value / size));
    }
    for (const q of basis) addTo(out, -inner(q, out), q);
    return out;
  }

  end(): void {
    this.P.free();
    this.problem.end();
  }
}

/** ‖Av‖ relative to ‖A‖‖v‖, for v in the null space of the sketch, above which the sketch has lost rank. */
const LOST = 1e-10;

/** Number of standard deviations within which d normal variables lie jointly, with probability 1 − delta. */
function quantile(delta: number, d: number): number {
  return Math.sqrt(2 * Math.log((2 * d) / delta));
}

/** ‖v‖, without overflow and underflow. */
function lengthOf(v: Float64Array): number {
  let most = 0;
  for (let i = 0; i < v.length; i++) most = Math.max(most, Math.abs(v[i]));
  if (most === 0) return 0;
  const scale = powerOfTwo(most);
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += (v[i] / scale) ** 2;
  return scale * Math.sqrt(sum);
}
