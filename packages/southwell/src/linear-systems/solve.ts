import { CscMatrix, checkFinite, type MatrixLike } from '@southwell/numerics/arrays';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  finished,
  knownKeys,
  type OptionKeys,
  type Status,
} from '@southwell/numerics/core';
import type { LinearIterate } from '@southwell/numerics/iterative';
import { refine } from '@southwell/numerics/sparse';
import { begin } from './begin.ts';
import { type MatrixFacts, matrixFacts } from './facts.ts';
import { type Attempt, nameOf, type PreconditionerName, type SystemMethod } from './methods.ts';
import { type NullSpace, nullSpaceOf } from './nullSpace.ts';
import { type FactoriseOptions, factoriseKeys, planOf, setUpOf } from './plan.ts';
import { type PlainFactor, type Prepared, revived, type SetUp, type Solved } from './prepared.ts';
import { asSparse, residualsOf, rightHandSide, withinMemory } from './system.ts';

export interface SolveOptions {
  /** Of methods that take steps: ‖b − Ax‖ is at most this share of ‖b‖; of least squares ‖Aᵀr‖ of ‖A‖‖r‖. Default 1e-10. */
  readonly tol?: number;
  /** Of methods that take steps. Default: ten times the unknowns, at least 100 and at most 10 000. */
  readonly maxIter?: number;
  /** Where they start. Default 0. */
  readonly x0?: ArrayLike<number>;
  /** Seconds, of methods that take steps. */
  readonly timeLimit?: number;
  readonly signal?: AbortSignal;
  readonly onIterate?: (iterate: LinearIterate) => void;
  /** Whether to bound the error of x, which takes some ten solves more. Default false. Only of square systems that are factored. */
  readonly bounds?: boolean;
}

const solveKeys: OptionKeys<SolveOptions> = {
  tol: true,
  maxIter: true,
  x0: true,
  timeLimit: true,
  signal: true,
  onIterate: true,
  bounds: true,
};

export interface SystemSolution {
  readonly x: Float64Array;
  /** `infeasible`: a square system has no solution, and x is one of least squares. */
  readonly status: Status;
  /** Whether Ax = b, to the tolerance; else x makes ‖b − Ax‖ least. */
  readonly kind: 'solution' | 'least-squares';
  /** ‖b − Ax‖/‖b‖, computed from x; 0 for b = 0. */
  readonly residual: number;
  /** ‖Aᵀ(b − Ax)‖/(‖A‖‖b − Ax‖) with Frobenius' norm, where x is one of least squares. */
  readonly normalResidual?: number;
  readonly method: SystemMethod;
  readonly preconditioner: PreconditionerName;
  readonly iterations: number;
  /** Share by which entries of A and b may be wrong for x to be exact (componentwise). With `bounds`. */
  readonly backwardError?: number;
  /** A bound of ‖x − x*‖∞/‖x‖∞, nearly always within a factor of ten. With `bounds`. */
  readonly forwardError?: number;
  readonly seconds: number;
  /** What to try next, where it did not end as asked. */
  readonly next?: string;
}

/**
 * How many steps it will take in all, if they go on as they have. What is rough in b goes at once, and then there may be a
 * plateau: the geometric mean of what the whole way and its second half promise, which counts as four times as many at most.
 * @param steady Of methods whose residuals do not jump.
 */
function expectedSteps(residuals: readonly number[], last: number, tol: number, steady: boolean): number {
  const steps = residuals.length - 1;
  const half = Math.floor(steps / 2);
  const from = (start: number) => {
    const gained = Math.log10(residuals[start] / last) / (steps - start);
    return gained > 0 ? steps + Math.log10(last / tol) / gained : Number.POSITIVE_INFINITY;
  };
  const whole = from(0);
  return steady ? Math.sqrt(whole * Math.min(from(half), 4 * whole)) : whole;
}

/** A residual below this share of b is one of rounding. */
const EXACT = 1e-8;

/** A matrix with a solver that is set up for it, and can be used again and again: see {@link factorise}. */
export class Factorisation {
  private prepared: Prepared;

  /** @internal */
  constructor(
    /** The matrix, in compressed columns. */
    readonly A: CscMatrix,
    readonly facts: MatrixFacts,
    private attempts: readonly Attempt[],
    private readonly setUp: Omit<SetUp, 'preconditioner'>,
    prepared: Prepared,
    /** What was tried before, and why it was not kept: sentences. */
    readonly tried: string[],
    /** Seconds that it took to set up. */
    readonly seconds: number,
    private readonly nullSpace: NullSpace | undefined,
  ) {
    this.prepared = prepared;
  }

  get method(): SystemMethod {
    return this.attempts[0].method;
  }

  get preconditioner(): PreconditionerName {
    return this.attempts[0].preconditioner;
  }

  /** "conjugate gradients with SSOR". */
  get name(): string {
    return nameOf(this.attempts[0]);
  }

  /** Why this solver, a clause. */
  get because(): string {
    return this.attempts[0].because;
  }

  /** Entries that the factors have, where they were counted. */
  get factorEntries(): number | undefined {
    return this.prepared.entries;
  }

  /** The rank that was found: of QR factors, of regular factors, of singular ones whose null space is known. */
  get rank(): number | undefined {
    if (this.nullSpace) return this.facts.rows - this.nullSpace.dimension;
    return this.prepared.rank ?? (this.prepared.factor && this.regular ? this.facts.rows : undefined);
  }

  private get regular(): boolean {
    return (this.prepared.determinant?.().sign ?? 0) !== 0;
  }

  /** The signs of the eigenvalues, of an LDLᵀ factor. About ten solves. */
  inertia() {
    const { factor } = this.prepared;
    return factor && 'inertia' in factor ? factor.inertia() : undefined;
  }

  /** det A, of square matrices that are factored. */
  determinant(): { readonly sign: number; readonly log: number; readonly value: number } | undefined {
    return this.nullSpace ? undefined : this.prepared.determinant?.();
  }

  /** An estimate of ‖A‖₁‖A⁻¹‖₁, of square matrices that are factored. Some ten solves. */
  condition(): number | undefined {
    return this.nullSpace || !this.prepared.factor ? undefined : 1 / this.prepared.factor.reciprocalCondition();
  }

  /**
   * x with Ax = b, or of least squares. Where steps do not get there within their budget, the next solver is set up and kept.
   * @throws INVALID_SHAPE, NON_FINITE, NOT_SUPPORTED if a memory is too small, and as the methods do.
   */
  solve(b: ArrayLike<number>, options: SolveOptions = {}): SystemSolution {
    knownKeys('solve', options, solveKeys);
    const began = performance.now();
    return withinMemory(this.A, 'Solving a system', () => this.solved(b, options, began));
  }

  private solved(b: ArrayLike<number>, options: SolveOptions, began: number): SystemSolution {
    const right = rightHandSide(b, this.A.rows);
    const { bounds = false, ...rest } = options;
    const taken = this.nullSpace ? this.nullSpace.project(right) : 0;
    let { x0 } = rest;
    for (;;) {
      const { replaced, ...solved } = this.attempt(right, { ...rest, x0 });
      const { x } = solved;
      if (replaced) {
        // What has been gained is not lost.
        if (solved.residual < 1) x0 = x;
        continue;
      }
      this.nullSpace?.project(x);
      return this.finish(x, new Float64Array(b), solved, { taken, bounds, began });
    }
  }

  /** What the first solver comes to, and whether it was not worth its steps and the next has taken its place. */
  private attempt(
    b: Float64Array,
    { tol = 1e-10, maxIter, ...rest }: Omit<SolveOptions, 'bounds'>,
  ): Solved & { readonly replaced?: true } {
    const [{ probe, most = Number.POSITIVE_INFINITY }, ...others] = this.attempts;
    const asked = maxIter ?? Number.POSITIVE_INFINITY;
    const limit = Math.min(asked, most);
    const residuals: number[] = [];
    const onIterate = (iterate: LinearIterate) => {
      if (residuals.length <= (probe ?? 0)) residuals.push(iterate.metrics?.residual ?? Number.NaN);
      rest.onIterate?.(iterate);
    };
    const run = (steps: number, more: object = {}) =>
      this.prepared.solve(b, {
        ...rest,
        ...more,
        onIterate,
        tol,
        ...(steps < Number.POSITIVE_INFINITY && { maxIter: steps }),
      });
    let solved = run(Math.min(limit, probe ?? limit));
    let steps = solved.iterations;
    let expected = Number.POSITIVE_INFINITY;
    if (probe !== undefined && limit > probe && solved.status === 'iteration-limit') {
      expected = expectedSteps(residuals, solved.residual, tol, this.method === 'cg');
      if (expected <= 1.5 * most) {
        solved = run(limit - steps, { x0: solved.x });
        steps += solved.iterations;
      }
    }
    const { status } = solved;
    const cut = !finished(status) && status !== 'aborted' && status !== 'time-limit';
    if (!cut || others.length === 0 || steps >= asked) return { ...solved, iterations: steps };
    const { below } = others[0];
    const next = below !== undefined && expected > below ? others.slice(1) : others;
    const said =
      status === 'iteration-limit' ? `was at ${solved.residual.toExponential(1)} of b after ${steps} steps` : status;
    this.replace(next, `${this.name}: ${said}`);
    return { ...solved, replaced: true };
  }

  private replace(attempts: readonly Attempt[], why: string): void {
    this.prepared.free();
    const next = begin(this.A, attempts, this.setUp, undefined, this.nullSpace);
    this.prepared = next.prepared;
    this.attempts = next.attempts;
    this.tried.push(`${why}.`, ...next.tried);
  }

  private finish(
    x: Float64Array,
    b: Float64Array,
    solved: { readonly status: Status; readonly iterations: number; readonly next?: string },
    how: { readonly taken: number; readonly bounds: boolean; readonly began: number },
  ): SystemSolution {
    const { A } = this;
    const { residual, normal } = residualsOf(A, x, b);
    const { factor } = this.prepared;
    let point = x;
    let errors: { backwardError?: number; forwardError?: number } = {};
    if (how.bounds && factor && !this.nullSpace) {
      const refined = refine(A, factor, b);
      point = refined.x;
      errors = { backwardError: refined.backwardError, forwardError: refined.forwardError };
    }
    const square = A.rows === A.cols;
    const deficient = (this.rank ?? A.cols) < Math.min(A.rows, A.cols) || !square || this.method === 'lsmr';
    const inconsistent = residual > EXACT && deficient;
    const status = square && inconsistent && finished(solved.status) ? 'infeasible' : solved.status;
    return {
      ...{ x: point, status, kind: inconsistent ? 'least-squares' : 'solution' },
      residual: point === x ? residual : residualsOf(A, point, b).residual,
      ...(inconsistent && { normalResidual: normal }),
      ...{ method: this.method, preconditioner: this.preconditioner, iterations: solved.iterations },
      ...errors,
      seconds: (performance.now() - how.began) / 1000,
      ...(status === 'infeasible'
        ? {
            next: 'The system has no solution: A is singular, and a part of b lies outside its range. x makes ‖b − Ax‖ least.',
          }
        : solved.next && { next: solved.next }),
    };
  }

  /** Text that {@link Factorisation.restore} makes the factorisation of again, with the same bits. O(entries). */
  save(): string {
    const { A, attempts, setUp, prepared } = this;
    const { rows, cols } = A;
    const state: Saved = {
      ...{ rows, cols, attempts, setUp },
      colPointers: A.colPointers.slice(),
      rowIndices: A.rowIndices.slice(),
      values: A.values.slice(),
      ...(prepared.plain && { factor: prepared.plain() }),
      grounded: this.nullSpace !== undefined,
    };
    return encodeCheckpoint({ method: KIND, problem: '', iteration: 0, state });
  }

  /**
   * The factorisation of a text that `save` gave: factors are there at once, preconditioners are made anew.
   * @throws INVALID_FORMAT, INVALID_PARAMETER for any other text.
   */
  static restore(text: string): Factorisation {
    const { state } = decodeCheckpoint<Saved>(text, { method: KIND });
    const A = CscMatrix.fromColumns(state.rows, state.cols, state.colPointers, state.rowIndices, state.values);
    const facts = matrixFacts(A);
    const began = performance.now();
    const nullSpace = state.grounded ? nullSpaceOf(A) : undefined;
    if (state.factor) {
      const seconds = (performance.now() - began) / 1000;
      return new Factorisation(A, facts, state.attempts, state.setUp, revived(state.factor), [], seconds, nullSpace);
    }
    const { prepared, attempts, tried } = begin(A, state.attempts, state.setUp, undefined, nullSpace);
    const seconds = (performance.now() - began) / 1000;
    return new Factorisation(A, facts, attempts, state.setUp, prepared, tried, seconds, nullSpace);
  }

  /** Frees memory. Neither solves nor saves afterwards. */
  free(): void {
    this.prepared.free();
  }
}

const KIND = 'linear-system';

interface Saved {
  readonly rows: number;
  readonly cols: number;
  readonly colPointers: Int32Array;
  readonly rowIndices: Int32Array;
  readonly values: Float64Array;
  readonly attempts: readonly Attempt[];
  readonly setUp: Omit<SetUp, 'preconditioner'>;
  readonly factor?: PlainFactor;
  readonly grounded: boolean;
}

/**
 * Sets up a solver for Ax = b that is used for one b after the other: factors of A, or steps with a preconditioner; which one
 * follows from what A is. Rectangular and singular matrices are solved in the sense of least squares.
 *
 * @example
 * const system = factorise(A);
 * const { x, residual } = system.solve(b);
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER; SINGULAR and NOT_SUPPORTED (of a factor, or of what steps need, beyond one memory of 4 GiB)
 * where a method was asked for that cannot be had.
 */
export function factorise(A: MatrixLike, options: FactoriseOptions = {}): Factorisation {
  return factorised(A, options, 1e-10);
}

/**
 * Solves Ax = b once: {@link factorise} and its `solve`.
 * @throws As they do.
 */
export function solve(
  A: MatrixLike,
  b: ArrayLike<number>,
  options: FactoriseOptions & SolveOptions = {},
): SystemSolution {
  const { method, preconditioner, omega, dropTolerance, restart, solves, ...rest } = options;
  const matrix = asSparse(A);
  const how = { method, preconditioner, omega, dropTolerance, restart, solves };
  const system = factorised(matrix, how, rest.tol ?? 1e-10);
  try {
    return system.solve(b, rest);
  } finally {
    system.free();
    if (matrix !== A) matrix.free();
  }
}

function factorised(given: MatrixLike, options: FactoriseOptions, tol: number): Factorisation {
  knownKeys('factorise', options, factoriseKeys);
  const began = performance.now();
  const A = asSparse(given);
  checkFinite(A, 'A');
  const setUp = setUpOf(options);
  const { facts, nullSpace, plan } = withinMemory(A, 'Looking at a matrix', () => {
    const found = matrixFacts(A);
    return {
      facts: found,
      nullSpace: found.nullComponents > 0 ? nullSpaceOf(A) : undefined,
      plan: planOf(A, found, options, tol),
    };
  });
  const { prepared, attempts, tried } = begin(A, plan.attempts, setUp, plan.analysis, nullSpace);
  const seconds = (performance.now() - began) / 1000;
  return new Factorisation(A, facts, attempts, setUp, prepared, tried, seconds, nullSpace);
}
