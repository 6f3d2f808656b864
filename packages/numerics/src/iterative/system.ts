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

/** A step towards the solution of a linear system: there is no objective. */
export type LinearIterate = Iterate<Float64Array, undefined>;
export type LinearSolution = Solution<Float64Array, undefined>;

/** What every method for Ax = b takes. */
export interface SolverOptions
  extends Omit<RunOptions<Float64Array, undefined>, 'tol' | 'maxIter' | 'checkpoint' | 'onIterate'> {
  /** ‖b − Ax‖, computed anew, is at most this share of ‖b‖. Default 1e-8. */
  readonly tol?: number;
  /** Default: ten times the unknowns, at least 100 and at most 10 000. */
  readonly maxIter?: number;
  /** Where to start. Default 0. */
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

/** An inner product on the way. */
interface DotPreconditioner extends Preconditioner {
  /** z ← M⁻¹r, by pointers into the arena; rᵀz. */
  applyDot(r: number, z: number): number;
}

/** How a method is called and what it asks of A. */
export interface Kind {
  readonly name: string;
  readonly symmetric: boolean;
  /** A preconditioner must be symmetric positive definite. */
  readonly positive?: boolean;
}

/** True residuals are computed anew after so many steps at most. */
export const AUDIT = 100;

/**
 * A square system in the memory of its matrix: b and x divided by a power of two, so that no square leaves the range of
 * doubles, the residual that proves it, and the one iterate that methods yield again and again.
 */
export class LinearSystem {
  readonly A: LinearOperator;
  readonly n: number;
  readonly space: Space;
  readonly x: Vector;
  readonly b: Vector;
  readonly M: Preconditioner | undefined;
  readonly tol: number;
  /** What residuals are divided by: ‖b‖, in the units in here. */
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

  /** y ← Ax; xᵀy. */
  productDot(x: Vector, y: Vector): number {
    if (this.rows) {
      this.products++;
      return this.rows.productDot(x.pointer, y.pointer);
    }
    this.product(x, y);
    return this.space.dot(x, y);
  }

  /** z ← M⁻¹r; rᵀz. */
  precondition(r: Vector, z: Vector): number {
    if (this.dots) return this.dots.applyDot(r.pointer, z.pointer);
    if (this.M) this.M.apply(r.view, z.view);
    else this.space.copy(r, z);
    return this.space.dot(r, z);
  }

  /** r ← b − Ax; ‖r‖, which is what the next iterate shows as proof. */
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

  /** Whether b is 0: so is then x. */
  get trivial(): boolean {
    return this.reference === 0;
  }

  residualVector(): Vector {
    return this.space.vector();
  }

  /** The end at once where b is 0. */
  nothing(): LinearIterate {
    this.certificate = { kind: 'residual', value: 0, relative: 0 };
    return this.at(0, 0, { done: 'converged' });
  }

  /**
   * The iterate after so many steps, with the residual that the method believes in, relative to ‖b‖. A residual computed
   * since the last one is its certificate; copying the point computes it where there is none, so that a run which is cut
   * short has one too.
   */
  at(
    iteration: number,
    residual: number,
    more: {
      readonly done?: Status;
      readonly next?: string;
      readonly metrics?: Readonly<Record<string, number>>;
      /** The point, for methods that put it together when asked. Default: x. */
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
        // A look at what was copied is no proof of what the method has next.
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
 * Of as many finite values as the matrix has rows or columns.
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

/** The runner's part of the options. */
export function settings(n: number, options: SolverOptions): RunOptions<Float64Array, undefined> {
  const { maxIter = Math.max(100, Math.min(10 * n, 10_000)), ...rest } = options;
  wholeNumber('maxIter', maxIter, 0);
  // Without tol: it belongs to the methods, which know whether their residual is the true one.
  return only<RunOptions<Float64Array, undefined>>({ ...rest, tol: undefined, maxIter }, runKeys);
}

/** Runs the iterates of a square system to their end. */
export function solve(method: Iterable<LinearIterate>, n: number, options: Omit<SolverOptions, 'tol'>): LinearSolution {
  return run(method, settings(n, options));
}

/** The rows of whatever may be a matrix, before it is checked. */
export function rowsOf(A: MatrixLike | LinearOperator): number {
  return Array.isArray(A) ? A.length : (A as { rows: number }).rows;
}

/** The columns of whatever may be a matrix, before it is checked. */
export function colsOf(A: MatrixLike | LinearOperator): number {
  return Array.isArray(A) ? ((A[0] as ArrayLike<number> | undefined)?.length ?? 0) : (A as { cols: number }).cols;
}

/** What {@link fromFirstResidual} asks of a system: `V` is what a residual lies in. */
interface Startable<V, I> {
  readonly tol: number;
  /** Whether the right-hand side is 0, and the solution with it. */
  readonly trivial: boolean;
  nothing(): I;
  /** Memory for a residual. */
  residualVector(): V;
  /** r ← b − Ax; its size, which is what the next iterate shows as proof. */
  residual(r: V): number;
  relative(size: number): number;
  at(iteration: number, residual: number, more: { readonly done?: Status }): I;
  end(): void;
}

/**
 * What all methods that follow a residual begin and end with: nothing to do where the right-hand side is 0; the residual of the start and its
 * certificate, iterate 0, which may be the end; then `steps` from that residual r of that size. The memory is given back, however it ends.
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
 * What the believed residual of a recurrence is worth: it is compared with the true one where it says that the end is there,
 * and where the two part, the method starts again from the true one. Stalled where that gains nothing.
 */
export class Audit {
  private last = Number.POSITIVE_INFINITY;
  /** True residual by believed one, of preconditioned norms. */
  private factor = 1;

  constructor(private readonly tol: number) {}

  /** Whether the believed residual is low enough to look. */
  due(believed: number): boolean {
    return believed * this.factor <= this.tol;
  }

  /** After a look: whether another one is worth while. */
  worthwhile(truth: number, believed: number): boolean {
    this.factor = believed > 0 ? Math.min(1e6, Math.max(1, truth / believed)) : 1;
    const gains = truth < 0.5 * this.last;
    this.last = Math.min(this.last, truth);
    return gains;
  }
}

/** What is said where rounding ends a method short of its tolerance. */
export const atRounding = (name: string, tol: number): string =>
  `${name} reached the limit of rounding above tol = ${tol}: ask for a looser tolerance, or give a better preconditioner.`;
