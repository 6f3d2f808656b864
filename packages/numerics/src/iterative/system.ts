import { type Arena, arenaFor } from '@southwell/kernels';
import { CscMatrix, type MatrixLike } from '../arrays/index.ts';
import {
  type Certificate,
  fail,
  type Iterate,
  type OptionKeys,
  only,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  type Status,
  wholeNumber,
} from '../core/index.ts';
import { transpose } from '../linalg/index.ts';
import { asOperator, isOperator, type LinearOperator, type Preconditioner } from '../operators/index.ts';
import { RowOperator, square, symmetricRows } from './rows.ts';
import { powerOfTwo, Space, type Vector } from './space.ts';

/** A step towards the solution of a linear system; there is no objective. */
export type LinearIterate = Iterate<Float64Array, undefined>;
export type LinearSolution = Solution<Float64Array, undefined>;

/** Options of all methods for Ax = b. */
export interface SolverOptions
  extends Omit<RunOptions<Float64Array, undefined>, 'tol' | 'maxIter' | 'checkpoint' | 'onIterate'> {
  /** Stops when the true residual norm ‖b − Ax‖ is at most this fraction of ‖b‖. Default 1e-8. */
  readonly tol?: number;
  /** Maximum number of iterations. Default: ten times the number of unknowns, but between 100 and 10 000. */
  readonly maxIter?: number;
  /** Initial guess. Default 0. */
  readonly x0?: ArrayLike<number>;
  readonly onIterate?: (iterate: LinearIterate) => void;
}

export interface PreconditionedOptions extends SolverOptions {
  /** An approximate inverse of A, such as `incompleteCholesky(A)`. Default: none. */
  readonly preconditioner?: Preconditioner;
}

export const solverKeys: OptionKeys<SolverOptions> = only<OptionKeys<SolverOptions>>(
  { ...runKeys, x0: true },
  { tol: true, maxIter: true, timeLimit: true, signal: true, x0: true, onIterate: true },
);

export const preconditionedKeys: OptionKeys<PreconditionedOptions> = { ...solverKeys, preconditioner: true };

/** A preconditioner that computes an inner product on the way. */
interface DotPreconditioner extends Preconditioner {
  /** z ← M⁻¹r for pointers into the arena; returns rᵀz. */
  applyDot(r: number, z: number): number;
}

/** The name of a method and its requirements on A. */
export interface Kind {
  readonly name: string;
  readonly symmetric: boolean;
  /** Whether the preconditioner must be symmetric positive definite. */
  readonly positive?: boolean;
}

/** True residuals are recomputed at least once in this many steps. */
export const AUDIT = 100;

/**
 * A square system in the arena of its matrix: b and x divided by a power of two so that no square overflows or
 * underflows, the true residual that certifies the result, and the iterate object that methods yield repeatedly.
 */
export class LinearSystem {
  readonly A: LinearOperator;
  readonly n: number;
  readonly space: Space;
  readonly x: Vector;
  readonly b: Vector;
  readonly M: Preconditioner | undefined;
  readonly tol: number;
  /** The reference of relative residuals: ‖b‖, in scaled units. */
  reference: number;
  products = 0;
  private readonly rows: RowOperator | undefined;
  private readonly dots: DotPreconditioner | undefined;
  private readonly scale: number;
  private readonly spare: Vector;
  private readonly owned: RowOperator | undefined;
  private certificate: Certificate | undefined;

  /** @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER. */
  constructor(
    readonly kind: Kind,
    A: MatrixLike | LinearOperator,
    b: ArrayLike<number>,
    options: PreconditionedOptions,
  ) {
    this.tol = tolerance(options.tol);
    this.A = this.operatorOf(A);
    this.owned = this.A instanceof RowOperator && (A as unknown) !== this.A ? this.A : undefined;
    this.n = square(this.A);
    this.M = checkedPreconditioner(kind, options.preconditioner, this.n);
    checkVector('b', b, this.n, 'A', 'rows');
    if (options.x0) checkVector('x0', options.x0, this.n, 'A', 'columns');
    const arena: Arena = this.A.arena ?? this.M?.arena ?? arenaFor(64 * this.n);
    this.rows = this.A instanceof RowOperator ? this.A : undefined;
    this.dots = this.M && 'applyDot' in this.M && this.M.arena === arena ? (this.M as DotPreconditioner) : undefined;
    this.space = new Space(arena, this.n);
    [this.b, this.x, this.spare] = [this.space.vector(), this.space.vector(), this.space.vector()];
    this.b.view.set(b);
    this.scale = powerOfTwo(this.space.norm(this.b));
    this.space.scale(1 / this.scale, this.b);
    this.reference = this.space.norm(this.b);
    if (options.x0 && this.reference > 0) {
      this.x.view.set(options.x0);
      this.space.scale(1 / this.scale, this.x);
    }
  }

  private operatorOf(A: MatrixLike | LinearOperator): LinearOperator {
    if (isOperator(A) || !(A instanceof CscMatrix)) return asOperator(A);
    if (this.kind.symmetric) return symmetricRows(A);
    asOperator(A);
    square(A);
    return new RowOperator(transpose(A), true);
  }

  /** y ← Ax. */
  product(x: Vector, y: Vector): void {
    this.products++;
    this.A.apply(x.view, y.view);
  }

  /** y ← Ax; returns xᵀy. */
  productDot(x: Vector, y: Vector): number {
    if (this.rows) {
      this.products++;
      return this.rows.productDot(x.pointer, y.pointer);
    }
    this.product(x, y);
    return this.space.dot(x, y);
  }

  /** z ← M⁻¹r; returns rᵀz. */
  precondition(r: Vector, z: Vector): number {
    if (this.dots) return this.dots.applyDot(r.pointer, z.pointer);
    if (this.M) this.M.apply(r.view, z.view);
    else this.space.copy(r, z);
    return this.space.dot(r, z);
  }

  /** r ← b − Ax; returns ‖r‖, which becomes the certificate of the next iterate. */
  residual(r: Vector, x = this.x): number {
    let norm: number;
    if (this.rows) {
      this.products++;
      const square = this.rows.residual(x.pointer, this.b.pointer, r.pointer);
      norm = square > 1e-280 && square < 1e300 ? Math.sqrt(square) : this.space.norm(r);
    } else {
      this.product(x, r);
      this.space.xpby(this.b, -1, r);
      norm = this.space.norm(r);
    }
    this.certificate = { kind: 'residual', value: norm * this.scale, relative: this.relative(norm) };
    return norm;
  }

  relative(norm: number): number {
    if (norm === 0) return 0;
    return this.reference > 0 ? norm / this.reference : Number.POSITIVE_INFINITY;
  }

  /** Whether b is 0, and hence x as well. */
  get trivial(): boolean {
    return this.reference === 0;
  }

  residualVector(): Vector {
    return this.space.vector();
  }

  /** The only iterate if b is 0. */
  nothing(): LinearIterate {
    this.certificate = { kind: 'residual', value: 0, relative: 0 };
    return this.at(0, 0, { done: 'converged' });
  }

  /**
   * The iterate after the given number of steps, with the residual estimated by the method, relative to ‖b‖. A true
   * residual computed since the last iterate becomes its certificate; otherwise copying the point computes it, so that
   * a run that is cut short has one too.
   */
  at(
    iteration: number,
    residual: number,
    more: {
      readonly done?: Status;
      readonly next?: string;
      readonly metrics?: Readonly<Record<string, number>>;
      /** Computes the point on demand, for methods that do not maintain x. Default: x. */
      readonly point?: () => Vector;
    } = {},
  ): LinearIterate {
    const system = this;
    const { certificate } = this;
    this.certificate = undefined;
    let proof = certificate;
    const { point } = more;
    return {
      iteration,
      objective: undefined,
      get certificate() {
        return proof;
      },
      metrics: { residual, ...more.metrics },
      work: { matrixVectorProducts: this.products },
      ...(more.done && { done: more.done }),
      ...(more.next && { next: more.next }),
      snapshot() {
        const x = point?.() ?? system.x;
        const { view } = x;
        const out = new Float64Array(view.length);
        for (let i = 0; i < out.length; i++) out[i] = view[i] * system.scale;
        if (!proof || point) {
          system.residual(system.spare, x);
          proof = system.certificate;
        }
        // The residual of a copied point does not certify the next iterate.
        system.certificate = undefined;
        return out;
      },
    };
  }

  end(): void {
    this.space.end();
    this.owned?.free();
  }
}

/** @throws INVALID_PARAMETER. */
export function tolerance(tol = 1e-8): number {
  if (!(tol >= 0)) fail('INVALID_PARAMETER', `tol must be at least 0, but is ${tol}.`);
  return tol;
}

/**
 * Checks for finite values, as many as the matrix has rows or columns.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function checkVector(name: string, v: ArrayLike<number>, n: number, matrix: string, side: string): void {
  if (v.length !== n) {
    fail('INVALID_SHAPE', `${name} has ${v.length} values, but ${matrix} has ${n} ${side}.`);
  }
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(v[i])) fail('NON_FINITE', `${name} holds ${v[i]} in row ${i + 1}.`);
  }
}

/** @throws INVALID_SHAPE, INVALID_PARAMETER. */
export function checkedPreconditioner(
  kind: Kind,
  M: Preconditioner | undefined,
  n: number,
): Preconditioner | undefined {
  if (!M) return undefined;
  if (M.size !== n) {
    fail('INVALID_SHAPE', `The preconditioner is for ${M.size} unknowns, but A has ${n} rows.`);
  }
  if (kind.positive && !M.symmetric) {
    fail(
      'INVALID_PARAMETER',
      `${kind.name} takes a symmetric positive definite preconditioner, such as incompleteCholesky, ssor or jacobi; gmres takes any.`,
    );
  }
  return M;
}

/** The options that belong to the runner. */
export function settings(n: number, options: SolverOptions): RunOptions<Float64Array, undefined> {
  const { maxIter = Math.max(100, Math.min(10 * n, 10_000)), ...rest } = options;
  wholeNumber('maxIter', maxIter, 0);
  // tol is left to the methods, which know whether their residual is the true one.
  return only<RunOptions<Float64Array, undefined>>({ ...rest, tol: undefined, maxIter }, runKeys);
}

/** Runs a method for a square system to its end. */
export function solve(method: Iterable<LinearIterate>, n: number, options: Omit<SolverOptions, 'tol'>): LinearSolution {
  return run(method, settings(n, options));
}

/** The number of rows of a potential matrix, before it is checked. */
export function rowsOf(A: MatrixLike | LinearOperator): number {
  return Array.isArray(A) ? A.length : (A as { rows: number }).rows;
}

/** The number of columns of a potential matrix, before it is checked. */
export function colsOf(A: MatrixLike | LinearOperator): number {
  return Array.isArray(A) ? ((A[0] as ArrayLike<number> | undefined)?.length ?? 0) : (A as { cols: number }).cols;
}

/** What {@link fromFirstResidual} requires of a system; `V` is the type of a residual. */
interface Startable<V, I> {
  readonly tol: number;
  /** Whether the right-hand side, and hence the solution, is 0. */
  readonly trivial: boolean;
  nothing(): I;
  /** Allocates memory for a residual. */
  residualVector(): V;
  /** r ← b − Ax; returns its norm, which becomes the certificate of the next iterate. */
  residual(r: V): number;
  relative(size: number): number;
  at(iteration: number, residual: number, more: { readonly done?: Status }): I;
  end(): void;
}

/**
 * The common frame of all residual-based methods: ends at once if the right-hand side is 0; otherwise computes the
 * initial residual r and its certificate and yields iterate 0, which may be the last; then runs `steps` from r and its
 * norm. Frees the memory in any case.
 */
export function* fromFirstResidual<V, I>(
  system: Startable<V, I>,
  steps: (r: V, size: number) => Generator<I, void, undefined>,
): Generator<I, void, undefined> {
  try {
    if (system.trivial) {
      yield system.nothing();
      return;
    }
    const r = system.residualVector();
    const size = system.residual(r);
    const relative = system.relative(size);
    yield system.at(0, relative, relative <= system.tol ? { done: 'converged' } : {});
    if (!(relative <= system.tol)) yield* steps(r, size);
  } finally {
    system.end();
  }
}

/**
 * Audits the residual of a recurrence: it is compared with the true one when it indicates convergence, and if the two
 * differ, the method restarts from the true one. Status stalled if that gains nothing.
 */
export class Audit {
  private last = Number.POSITIVE_INFINITY;
  /** Ratio of the true residual to the estimated one, which differ in norm with a preconditioner. */
  private factor = 1;

  constructor(private readonly tol: number) {}

  /** Whether the estimated residual is small enough to compute the true one. */
  due(believed: number): boolean {
    return believed * this.factor <= this.tol;
  }

  /** After an audit, whether a restart is worthwhile. */
  worthwhile(truth: number, believed: number): boolean {
    this.factor = believed > 0 ? Math.min(1e6, Math.max(1, truth / believed)) : 1;
    const gains = truth < 0.5 * this.last;
    this.last = Math.min(this.last, truth);
    return gains;
  }
}

/** Advice if rounding ends a method before its tolerance is reached. */
export const atRounding = (name: string, tol: number): string =>
  `${name} is limited by rounding before tol = ${tol} is reached: use a looser tolerance, or a better preconditioner.`;
