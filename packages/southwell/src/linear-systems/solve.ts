import { CscMatrix, checkFinite, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkGiven,
  checkOptions,
  decodeCheckpoint,
  encodeCheckpoint,
  finished,
  keysOf,
  knownKeys,
  type OptionKeys,
  type Status,
} from '@southwell/numerics/core';
import type { LinearIterate } from '@southwell/numerics/iterative';
import { refine, spreadOfSizes } from '@southwell/numerics/sparse';
import { type Begun, begin } from './begin.ts';
import { expectedSteps } from './expectedSteps.ts';
import { type MatrixFacts, matrixFacts } from './facts.ts';
import { iterationError } from './iterationError.ts';
import { nameOf, type Planned, type PreconditionerName, progressAt, type SystemMethod } from './methods.ts';
import { type NullSpace, nullSpaceOf } from './nullSpace.ts';
import { checkSaved, type FactoriseOptions, factoriseRecords, planOf, type Saved, setUpOf } from './plan.ts';
import { revived, type SetUp } from './prepared.ts';
import { residualByRows, type Scaled, scaledBy, UNEVEN } from './scaled.ts';
import { type SolveOptions, type SystemSolution, solveRecords } from './solution.ts';
import type { Prepared, Solved } from './solver.ts';
import { asSparse, residualsOf, rightHandSide, withinMemory } from './system.ts';

const solveKeys: OptionKeys<SolveOptions> = {
  ...keysOf(solveRecords),
  ...{ timeLimit: true, signal: true, onIterate: true },
};

/** What the end of a solve takes from its beginning. */
interface Ending {
  readonly taken: number;
  readonly bounds: boolean;
  readonly began: number;
  readonly timeLimit?: number;
}

/** Residuals below this fraction of b are rounding errors. */
const EXACT = 1e-8;

const noSolution = ({ weighted }: Prepared): string =>
  `The system has no solution: A is singular, and a part of b lies outside its range. x makes ${
    weighted ? 'the residual least where each equation is divided by the size of its coefficients' : '‖b − Ax‖ least'
  }.`;

/** A matrix with a solver set up for it, for any number of right-hand sides: see {@link factorise}. */
export class Factorisation {
  private prepared: Prepared;

  /** @internal */
  constructor(
    /** The matrix, in compressed column format. */
    readonly A: CscMatrix,
    readonly facts: MatrixFacts,
    private attempts: Begun['attempts'],
    private readonly setUp: Omit<SetUp, 'preconditioner'>,
    prepared: Prepared,
    /** Solvers tried before and the reasons for rejecting them, as sentences. */
    readonly tried: string[],
    /** Seconds for the set-up. */
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

  /** Reason for this solver, a clause. */
  get because(): string {
    return this.attempts[0].because;
  }

  /** Number of entries of the factors, if counted. */
  get factorEntries(): number | undefined {
    return this.prepared.entries;
  }

  /** The rank: of QR factors, of nonsingular factors, of singular matrices with a known null space. */
  get rank(): number | undefined {
    if (this.nullSpace) return this.facts.rows - this.nullSpace.dimension;
    return this.prepared.rank ?? (this.prepared.factor && this.regular ? this.facts.rows : undefined);
  }

  private get regular(): boolean {
    return (this.prepared.determinant?.().sign ?? 0) !== 0;
  }

  /** The signs of the eigenvalues, from an LDLᵀ factorisation. About ten solves. */
  inertia() {
    return this.prepared.factor?.inertia?.({ certain: true });
  }

  /** det A, for factored square matrices. */
  determinant(): { readonly sign: number; readonly log: number; readonly value: number } | undefined {
    return this.nullSpace ? undefined : this.prepared.determinant?.();
  }

  /** Whether rows or columns are scaled by powers of two, and which, since they differ so much in size. */
  get scaled(): Scaled | undefined {
    return this.prepared.scaling && scaledBy(this.prepared.scaling);
  }

  /**
   * An estimate of ‖A‖₁‖A⁻¹‖₁, for factored square matrices; of the scaled matrix if it is {@link scaled}. About ten
   * solves.
   */
  condition(): number | undefined {
    return this.nullSpace || !this.prepared.factor ? undefined : 1 / this.prepared.factor.reciprocalCondition();
  }

  /**
   * Solves Ax = b, or the least-squares problem. If iterations do not converge within their budget, the next solver is
   * set up and kept.
   * @throws INVALID_SHAPE, NON_FINITE, NOT_SUPPORTED if a memory is too small, and as the methods do.
   */
  solve(b: ArrayLike<number>, options: SolveOptions = {}): SystemSolution {
    knownKeys('solve', options, solveKeys);
    checkGiven(solveRecords, options);
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
        // The next solver continues from x.
        if (solved.residual < 1) x0 = x;
        continue;
      }
      this.nullSpace?.project(x);
      const { signal, timeLimit } = rest;
      return this.finish(x, new Float64Array(b), solved, { taken, bounds, began, signal, timeLimit });
    }
  }

  /** Runs the first solver; tells whether it was not worth its steps and has been replaced by the next. */
  private attempt(
    b: Float64Array,
    { tol = 1e-10, maxIter, ...rest }: Omit<SolveOptions, 'bounds'>,
  ): Solved & { readonly replaced?: true } {
    const [{ probe, most = Number.POSITIVE_INFINITY }, ...others] = this.attempts;
    const asked = maxIter ?? Number.POSITIVE_INFINITY;
    const limit = Math.min(asked, most);
    const residuals: number[] = [];
    const onIterate = (iterate: LinearIterate) => {
      // Least squares converge in the normal equations, whose residual is only known if A is not square.
      const { residual = Number.NaN, normalResidual = residual } = iterate.metrics ?? {};
      if (residuals.length <= (probe ?? 0)) residuals.push(Math.min(residual, normalResidual));
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
    const [following] = others;
    const below = 'method' in following ? following.below : undefined;
    const next = below !== undefined && expected > below ? others.slice(1) : others;
    const said = status === 'iteration-limit' ? progressAt(this.method, solved.residual, steps) : status;
    this.replace(next, `${this.name}: ${said}`);
    return { ...solved, replaced: true };
  }

  private replace(attempts: readonly Planned[], why: string): void {
    const scaled = this.prepared.scaling !== undefined;
    this.prepared.free();
    const next = begin(this.A, this.facts, attempts, this.setUp, undefined, this.nullSpace, scaled);
    this.prepared = next.prepared;
    this.attempts = next.attempts;
    this.tried.push(`${why}.`, ...next.tried);
  }

  private finish(
    x: Float64Array,
    b: Float64Array,
    solved: { readonly status: Status; readonly iterations: number; readonly next?: string },
    how: Pick<SolveOptions, 'signal'> & Ending,
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
    const seconds = () => (performance.now() - how.began) / 1000;
    const square = A.rows === A.cols;
    const deficient = (this.rank ?? A.cols) < Math.min(A.rows, A.cols) || !square || this.method === 'lsmr';
    const contradicted = () => spreadOfSizes(A) > UNEVEN && residualByRows(A, x, b) > EXACT;
    const inconsistent = deficient && (residual > EXACT || (square && contradicted()));
    const status = square && inconsistent && finished(solved.status) ? 'infeasible' : solved.status;
    if (how.bounds && !factor && !this.nullSpace && !deficient && finished(status)) {
      const left = how.timeLimit === undefined ? {} : { timeLimit: Math.max(0, how.timeLimit - seconds()) };
      const limits = { signal: how.signal, ...left };
      const run: Prepared['solve'] = (r, options) => this.prepared.solve(r, options);
      errors = { forwardError: iterationError(A, x, b, run, { ...limits, iterations: solved.iterations }) };
    }
    return {
      ...{ x: point, status, kind: inconsistent ? 'least-squares' : 'solution' },
      residual: point === x ? residual : residualsOf(A, point, b).residual,
      ...(inconsistent && { normalResidual: normal }),
      ...{ method: this.method, preconditioner: this.preconditioner, iterations: solved.iterations },
      ...errors,
      seconds: seconds(),
      ...(status === 'infeasible' ? { next: noSolution(this.prepared) } : solved.next && { next: solved.next }),
    };
  }

  /** Text from which {@link Factorisation.restore} recreates the factorisation, with the same bits. O(entries). */
  save(): string {
    const { A, attempts, setUp, prepared } = this;
    const { rows, cols } = A;
    const state: Saved = {
      ...{ rows, cols, attempts, setUp },
      colPointers: A.colPointers.slice(),
      rowIndices: A.rowIndices.slice(),
      values: A.values.slice(),
      ...(prepared.plain && { factor: prepared.plain() }),
      ...(prepared.scaling && { scaling: prepared.scaling, weighted: prepared.weighted }),
      grounded: this.nullSpace !== undefined,
    };
    return encodeCheckpoint({ method: KIND, problem: '', iteration: 0, state });
  }

  /**
   * The factorisation from a text that `save` returned: factors are available at once, preconditioners are recomputed.
   * @throws INVALID_FORMAT, INVALID_PARAMETER for any other text.
   */
  static restore(text: string): Factorisation {
    const { state } = decodeCheckpoint<Saved>(text, { method: KIND });
    for (const part of [state.setUp, ...state.attempts]) checkSaved(part);
    const A = CscMatrix.fromColumns(state.rows, state.cols, state.colPointers, state.rowIndices, state.values);
    const facts = matrixFacts(A);
    const began = performance.now();
    const nullSpace = state.grounded ? nullSpaceOf(A) : undefined;
    if (state.factor) {
      const prepared = revived(state.factor, state.scaling, state.weighted === true);
      const seconds = (performance.now() - began) / 1000;
      return new Factorisation(A, facts, state.attempts, state.setUp, prepared, [], seconds, nullSpace);
    }
    const scaled = state.scaling !== undefined;
    const { prepared, attempts, tried } = begin(A, facts, state.attempts, state.setUp, undefined, nullSpace, scaled);
    const seconds = (performance.now() - began) / 1000;
    return new Factorisation(A, facts, attempts, state.setUp, prepared, tried, seconds, nullSpace);
  }

  /** Frees memory; it cannot solve or save afterwards. */
  free(): void {
    this.prepared.free();
  }
}

const KIND = 'linear-system';

/**
 * Sets up a solver for Ax = b for any number of right-hand sides: a factorisation, or iterations with a preconditioner,
 * chosen by the properties of A. Rectangular and singular matrices are solved in the least-squares sense.
 *
 * @example const system = factorise(A); const { x, residual } = system.solve(b);
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER; SINGULAR and NOT_SUPPORTED (for a factorisation, or data of
 * iterations, beyond one memory of 4 GiB) if the requested method is impossible.
 */
export function factorise(A: MatrixLike, options: FactoriseOptions = {}): Factorisation {
  return factorised(A, options, 1e-10);
}

/**
 * Solves Ax = b once: {@link factorise} and its `solve`.
 * @throws as they do.
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
  checkOptions('factorise', factoriseRecords, options);
  const began = performance.now();
  const A = asSparse(given);
  checkFinite(A, 'A');
  const setUp = setUpOf(options);
  const { facts, nullSpace, scaled, plan } = withinMemory(A, 'Looking at a matrix', () => {
    const found = matrixFacts(A);
    const singular = found.nullComponents > 0;
    const uneven = !singular && found.rows === found.cols && spreadOfSizes(A) > UNEVEN;
    return {
      facts: found,
      nullSpace: singular ? nullSpaceOf(A) : undefined,
      scaled: uneven,
      plan: planOf(A, found, options, tol, uneven),
    };
  });
  const { prepared, attempts, tried } = begin(A, facts, plan.attempts, setUp, plan.analysis, nullSpace, scaled);
  const seconds = (performance.now() - began) / 1000;
  return new Factorisation(A, facts, attempts, setUp, prepared, tried, seconds, nullSpace);
}
