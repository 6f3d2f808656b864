import type { MatrixLike } from '@southwell/numerics/arrays';
import {
  type Certificate,
  fail,
  knownKeys,
  type OptionKeys,
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

export interface SketchedOptions {
  /** Default `osnap`, and `srht` where nothing refines it, for the sake of each coordinate. */
  readonly sketch?: Exclude<SketchKind, 'tensor-srht'>;
  /** Sketch size. Default: 4d/epsilon² without refinement, else the size that minimises the work. At least the rows of A: no sketch. */
  readonly rows?: number;
  /** Without refinement: the error that is allowed, as a share of ‖b − Ax‖‖A⁺‖. Default 0.5. */
  readonly epsilon?: number;
  /** Failure probability of the bounds `coordinateErrors`. Default 0.01. */
  readonly delta?: number;
  /** Default `lsqr`. */
  readonly refine?: Refinement;
  /** Tolerance of the refinement, ‖Aᵀr‖ ≤ tol·‖A‖‖r‖. Default 0: to rounding error. */
  readonly tol?: number;
  /** Refinement ends where ‖A(x − x*)‖, as the sketch measures it, is at most this. Default 0. */
  readonly near?: number;
  /** Maximum iterations, each with one pass over A. Default 200. */
  readonly maxIter?: number;
  readonly seed?: number;
  /** Ridge penalty: adds ridge·‖x‖². Default 0. */
  readonly ridge?: number;
  /** Whether to fit an unpenalised intercept. Default false. */
  readonly fitIntercept?: boolean;
  /** Weight of each row in the sum of squares. Default 1. */
  readonly weights?: ArrayLike<number>;
  /** Seconds. */
  readonly timeLimit?: number;
  readonly signal?: AbortSignal;
  readonly onIterate?: (iterate: LeastSquaresIterate) => void;
}

const keys: OptionKeys<SketchedOptions> = {
  ...{ sketch: true, rows: true, epsilon: true, delta: true, refine: true, tol: true, maxIter: true, seed: true },
  ...{ ridge: true, weights: true, fitIntercept: true, near: true, timeLimit: true, signal: true, onIterate: true },
};

export interface SketchedSolution {
  readonly x: Float64Array;
  /** 0 where none was fitted. */
  readonly intercept: number;
  readonly status: Status;
  /** ‖b − Ax‖, of x itself; weighted, and with the ridge, where there are any. */
  readonly residualNorm: number;
  /** ‖S(b − Ax)‖ of the solution of the sketched problem. */
  readonly sketchResidualNorm: number;
  /** ‖A(x − x*)‖ for x* of least squares, computed from x, within the distortion of the sketch. */
  readonly distance: number;
  /** ‖Aᵀ(b − Ax)‖, relative to ‖A‖‖b − Ax‖, computed from x. */
  readonly certificate: Certificate;
  /** How far each coefficient is from that of least squares at most, but for a share `delta` of draws; see below. */
  readonly coordinateErrors: Float64Array;
  /** The same for all alike, by ‖A⁺‖: what the paper bounds. */
  readonly coordinateErrorBound: number;
  /** What drew the sketch; `none` where A has no more rows than it would have had. */
  readonly sketch: SketchKind | 'none';
  /** Rows of the sketch. */
  readonly rows: number;
  /** The numerical rank: below the columns of A, x is the shortest of all that fit best, and `note` says so. */
  readonly rank: number;
  /** Of A, columns of about length one: σ₁/σ_rank of the sketch. */
  readonly conditionEstimate: number;
  readonly iterations: number;
  /** How often A was read after the sketch. */
  readonly passes: number;
  /** Seconds. */
  readonly times: { readonly sketch: number; readonly factor: number; readonly refine: number };
  /** What x is, where it is not the one solution. */
  readonly note?: string;
  /** What to try next, where it did not end as asked. */
  readonly next?: string;
}

/**
 * min ‖b − Ax‖² + ridge·‖x‖² for A of many more rows than columns, from a random sketch SA of few rows: as it is (`refine: 'none'`,
 * in one pass over A), or as the preconditioner of steps that take its error out, to the accuracy of Householder's QR (default).
 *
 * Without refinement, errors of coordinate j are about normal, of deviation ‖row j of A⁺‖·‖b − Ax‖/√rows, for sketches that mix all
 * rows: `coordinateErrors` are their quantile 1 − delta of all d together, `coordinateErrorBound` the same with ‖A⁺‖ for each. That is
 * the guarantee of Song, Ye, Yin and Zhang (2023) with the constants of a Gaussian sketch; their proof for SRHT is known to have a
 * gap, that of Song and Zhang (2026) for `gaussian-pooled` is not reviewed, sparse and sampled sketches have none. With
 * refinement they bound what the last residual leaves, and rounding.
 *
 * Columns that depend on others give the shortest solution, with `rank` and `note`; a sketch that lost what A has is an error. O(nd) for the
 * sketch, O(rows·d²) for its factor, and 4nd a step.
 *
 * @example const { x, passes, conditionEstimate } = sketchedLeastSquares(A, b);
 * @throws INVALID_SHAPE (of fewer rows than columns without a ridge among others), NON_FINITE, EMPTY, INVALID_PARAMETER, SINGULAR
 * where the sketch has a lower rank than A.
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
 * The steps of {@link sketchedLeastSquares} one by one, to its tolerance: iterate 0 is the solution of the sketched problem.
 * @throws As it does.
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
    const { refine = 'lsqr', sketch = refine === 'none' ? 'srht' : 'osnap', seed = 0, ridge = 0, tol = 0 } = options;
    const { epsilon = 0.5, delta = 0.01, fitIntercept = false, near = 0 } = options;
    if (!Object.hasOwn(REFINEMENTS, refine)) {
      fail('INVALID_PARAMETER', `refine is one of ${Object.keys(REFINEMENTS).join(', ')}, not ${refine}.`);
    }
    if (!Object.hasOwn(SKETCHES, sketch) || (sketch as SketchKind) === 'tensor-srht') {
      const names = Object.keys(SKETCHES).filter((name) => name !== 'tensor-srht');
      fail('INVALID_PARAMETER', `sketch is one of ${names.join(', ')}, not ${sketch}.`);
    }
    if (!(ridge >= 0 && ridge < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `ridge must be finite and at least 0, but is ${ridge}.`);
    }
    for (const [name, value] of Object.entries({ tol, near })) {
      if (!(value >= 0)) fail('INVALID_PARAMETER', `${name} must be at least 0, but is ${value}.`);
    }
    for (const [name, value] of Object.entries({ epsilon, delta })) {
      if (!(value > 0 && value < 1)) fail('INVALID_PARAMETER', `${name} lies between 0 and 1, but is ${value}.`);
    }
    wholeNumber('seed', seed, 0);
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

  /** What the sketch does not see must be nothing in A either. One pass. */
  private checkRank(): void {
    const { problem, P } = this;
    if (P.nullSpace.length === 0) return;
    // Not of equal weights: columns of the null space may cancel.
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
    // Where a run was cut short, the last truth is of another point.
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
    // ‖A⁺‖ in the units of the data is at most that of columns of length one, over the shortest column.
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

  /** x without what lies in the null space of A, in the units of the data; the constant follows, and does not count. */
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

/** ‖Av‖ of what a sketch makes 0, as a share of ‖A‖‖v‖, beyond which A has what the sketch lost. */
const LOST = 1e-10;

/** How many deviations d normal numbers together stay within, but for a share of delta. */
function quantile(delta: number, d: number): number {
  return Math.sqrt(2 * Math.log((2 * d) / delta));
}

/** ‖v‖, whatever its scale. */
function lengthOf(v: Float64Array): number {
  let most = 0;
  for (let i = 0; i < v.length; i++) most = Math.max(most, Math.abs(v[i]));
  if (most === 0) return 0;
  const scale = powerOfTwo(most);
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += (v[i] / scale) ** 2;
  return scale * Math.sqrt(sum);
}
