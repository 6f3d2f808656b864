import { arenaFor } from '@southwell/kernels';
import { systemKernels } from '@southwell/kernels/systems';
import { asMatrix, CscMatrix, DenseMatrix, type MatrixLike } from '../../arrays/index.ts';
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
} from '../../core/index.ts';
import { transpose } from '../../linalg/index.ts';
import { asOperator, isOperator, type LinearOperator, type Preconditioner } from '../../operators/index.ts';
import { RowOperator, square, symmetricRows } from '../rows.ts';
import { powerOfTwo, Space, safeNorm, type Vector } from '../space.ts';
import {
  checkedPreconditioner,
  type Kind,
  type PreconditionedOptions,
  preconditionedKeys,
  tolerance,
} from '../system.ts';

/** A step towards the solutions of AX = B, with one column per right-hand side. */
export type BlockIterate = Iterate<DenseMatrix, undefined>;
export type BlockSolution = Solution<DenseMatrix, undefined>;

export interface BlockOptions extends Omit<PreconditionedOptions, 'x0' | 'onIterate'> {
  /** Initial guess, one column per right-hand side. Default 0. */
  readonly x0?: MatrixLike;
  readonly onIterate?: (iterate: BlockIterate) => void;
}

export const blockKeys: OptionKeys<BlockOptions> = preconditionedKeys;

/** Columns stored contiguously in the arena of the matrix; all columns of a block have the same length. */
export class Columns {
  readonly block: Vector;

  constructor(
    readonly space: Space,
    readonly most: number,
  ) {
    this.block = space.vector(space.n * Math.max(1, most));
  }

  view(j: number): Float64Array {
    const { n } = this.space;
    return this.block.view.subarray(j * n, (j + 1) * n);
  }

  pointer(j: number): number {
    return this.block.pointer + 8 * j * this.space.n;
  }

  dot(i: number, other: Columns, j: number): number {
    return this.space.arena.kernels.dot(this.space.n, this.pointer(i), other.pointer(j));
  }

  /** Column j ← column j + a · column i of `other`. */
  add(j: number, a: number, other: Columns, i: number): void {
    if (a !== 0) this.space.arena.kernels.axpy(this.space.n, a, other.pointer(i), this.pointer(j));
  }

  /** These columns ← these + other · C, by kernels; C is column-major with `k` rows. */
  addProduct(other: Columns, C: Float64Array, k: number, count: number): void {
    for (let j = 0; j < count; j++) for (let i = 0; i < k; i++) this.add(j, C[j * k + i], other, i);
  }
}

/** AX = B with every column of B divided by its norm; zero columns have the solution 0. */
export class BlockSystem {
  readonly n: number;
  /** Indices of the non-zero right-hand sides. */
  readonly active: readonly number[];
  readonly space: Space;
  readonly X: Columns;
  readonly M: Preconditioner | undefined;
  readonly tol: number;
  products = 0;
  private readonly A: LinearOperator;
  private readonly owned: RowOperator | undefined;
  private readonly B: Columns;
  private readonly spare: Columns;
  private readonly norms: Float64Array;
  private readonly count: number;
  private certificate: Certificate | undefined;

  /** @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER. */
  constructor(kind: Kind, A: MatrixLike | LinearOperator, B: MatrixLike, options: BlockOptions) {
    this.tol = tolerance(options.tol);
    const sides = dense('B', B);
    if (isOperator(A) || !(A instanceof CscMatrix)) this.A = asOperator(A);
    else if (kind.symmetric) this.A = symmetricRows(A);
    else {
      asOperator(A);
      this.A = new RowOperator(transpose(A), true);
    }
    this.owned = this.A instanceof RowOperator && (A as unknown) !== this.A ? this.A : undefined;
    this.n = square(this.A);
    this.M = checkedPreconditioner(kind, options.preconditioner, this.n);
    if (sides.rows !== this.n) fail('INVALID_SHAPE', `B has ${sides.rows} rows, but A has ${this.n}.`);
    this.count = sides.cols;
    this.norms = Float64Array.from({ length: sides.cols }, (_, j) => safeNorm(sides.column(j)));
    this.active = Array.from(this.norms.keys()).filter((j) => this.norms[j] > 0);
    const start = options.x0 ? dense('x0', options.x0) : undefined;
    if (start && (start.rows !== this.n || start.cols !== sides.cols)) {
      fail('INVALID_SHAPE', `x0 is ${start.rows} × ${start.cols}, but must be ${this.n} × ${sides.cols}.`);
    }
    const arena = this.A.arena ?? this.M?.arena ?? arenaFor(64 * this.n * this.count);
    this.space = new Space(arena, this.n);
    const k = this.active.length;
    [this.B, this.X, this.spare] = [0, 1, 2].map(() => new Columns(this.space, k));
    this.active.forEach((j, a) => {
      // In two steps: dividing by a power of two is exact, and the remaining factor is of moderate size.
      const size = powerOfTwo(this.norms[j]);
      const rest = this.norms[j] / size;
      const [b, x] = [this.B.view(a), this.X.view(a)];
      const [from, first] = [sides.column(j), start?.column(j)];
      for (let i = 0; i < this.n; i++) {
        b[i] = from[i] / size / rest;
        if (first) x[i] = first[i] / size / rest;
      }
    });
  }

  product(x: Columns, i: number, y: Columns, j: number): void {
    this.products++;
    this.A.apply(x.view(i), y.view(j));
  }

  precondition(r: Columns, i: number, z: Columns, j: number): void {
    if (this.M) this.M.apply(r.view(i), z.view(j));
    else z.view(j).set(r.view(i));
  }

  /**
   * R ← B − AX; returns the largest column norm relative to that of B, which becomes the certificate of the next
   * iterate.
   */
  residual(R: Columns, X = this.X): number {
    let [worst, value] = [0, 0];
    this.active.forEach((j, a) => {
      this.product(X, a, R, a);
      this.space.arena.use(systemKernels).xpby(this.n, this.B.pointer(a), -1, R.pointer(a));
      const norm = safeNorm(R.view(a));
      if (norm >= worst) [worst, value] = [norm, norm * this.norms[j]];
    });
    this.certificate = { kind: 'residual', value, relative: worst };
    return worst;
  }

  at(
    iteration: number,
    residual: number,
    more: {
      readonly done?: Status;
      readonly next?: string;
      readonly active?: number;
      readonly point?: () => Columns;
    } = {},
  ): BlockIterate {
    const system = this;
    let proof = this.certificate;
    this.certificate = undefined;
    const { point, ...rest } = more;
    return {
      iteration,
      objective: undefined,
      get certificate() {
        return proof;
      },
      metrics: { residual },
      work: { matrixVectorProducts: this.products },
      ...rest,
      snapshot() {
        const X = point?.() ?? system.X;
        const out = DenseMatrix.create(system.n, system.count);
        system.active.forEach((j, a) => {
          const [to, from, norm] = [out.column(j), X.view(a), system.norms[j]];
          for (let i = 0; i < system.n; i++) to[i] = from[i] * norm;
        });
        if (!proof) {
          system.residual(system.spare, X);
          proof = system.certificate;
          system.certificate = undefined;
        }
        return out;
      },
    };
  }

  /** Whether every right-hand side is 0, and hence X as well. */
  get trivial(): boolean {
    return this.active.length === 0;
  }

  residualVector(): Columns {
    return new Columns(this.space, this.active.length);
  }

  /** Norms are already relative to those of B. */
  relative(norm: number): number {
    return norm;
  }

  /** The only iterate if every right-hand side is 0. */
  nothing(): BlockIterate {
    this.certificate = { kind: 'residual', value: 0, relative: 0 };
    return this.at(0, 0, { done: 'converged' });
  }

  end(): void {
    this.space.end();
    this.owned?.free();
  }
}

/** @throws NON_FINITE, INVALID_SHAPE. */
function dense(name: string, B: MatrixLike): DenseMatrix {
  const matrix = asMatrix(B);
  const out = matrix.kind === 'dense' ? matrix : matrix.toDense();
  const bad = out.data.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) {
    fail(
      'NON_FINITE',
      `${name} holds ${out.data[bad]} in row ${(bad % out.rows) + 1}, column ${Math.floor(bad / out.rows) + 1}.`,
    );
  }
  return out;
}

/** Runs a block method to its end. */
export function solveBlock(method: Iterable<BlockIterate>, n: number, options: BlockOptions): BlockSolution {
  const { maxIter = Math.max(100, Math.min(10 * n, 10_000)), ...rest } = options;
  wholeNumber('maxIter', maxIter, 0);
  return run(method, only<RunOptions<DenseMatrix, undefined>>({ ...rest, tol: undefined, maxIter }, runKeys));
}
