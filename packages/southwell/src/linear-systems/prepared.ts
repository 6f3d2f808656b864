import type { CscMatrix } from '@southwell/numerics/arrays';
import { fail, type Status } from '@southwell/numerics/core';
import {
  algebraicMultigrid,
  bicgstab,
  cg,
  gmres,
  incompleteCholesky,
  incompleteLu,
  jacobi,
  lsmr,
  minres,
  type RowOperator,
  rowOperator,
  type SolverOptions,
  ssor,
} from '@southwell/numerics/iterative';
import { lu as denseLu } from '@southwell/numerics/linalg';
import type { Preconditioner } from '@southwell/numerics/operators';
import {
  analyse,
  CholeskyFactor,
  luFromPlain,
  type PlainCholesky,
  type PlainLdlt,
  type PlainLu,
  type PlainQr,
  SparseLdltFactor,
  type SparseLuFactor,
  SparseQrFactor,
  type SymmetricAnalysis,
  sparseLu,
  sparseQr,
} from '@southwell/numerics/sparse';
import { elementary } from '@southwell/numerics/special';
import type { PreconditionerName, SystemMethod } from './methods.ts';

/** How a solver is set up. */
export interface SetUp {
  readonly preconditioner: PreconditionerName;
  /** Of SSOR. */
  readonly omega: number;
  /** Of incomplete factors; undefined: their pattern is that of A. */
  readonly dropTolerance: number | undefined;
  /** Of GMRES. */
  readonly restart: number;
}

/** What one solve came to. */
export interface Solved {
  readonly x: Float64Array;
  readonly status: Status;
  readonly iterations: number;
  /** ‖b − Ax‖/‖b‖ that the method proves; 0 of factors, which prove none. */
  readonly residual: number;
  readonly next?: string;
  /** Estimates of the method, such as a condition number. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** A solver for one matrix, ready for right-hand sides. */
export interface Prepared {
  solve(b: Float64Array, options: SolverOptions): Solved;
  /** A factor, of square matrices: for error bounds, determinants and condition. */
  readonly factor?: CholeskyFactor | SparseLdltFactor | SparseLuFactor | DenseSolver;
  /** det A as sign · e^log and as a number, of square matrices that are factored. */
  determinant?(): Determinant;
  /** Rank that was found, where the method finds one. */
  readonly rank?: number;
  /** Entries that it keeps beside the matrix. */
  readonly entries?: number;
  /** Plain data of a direct method, for files. */
  plain?(): PlainFactor;
  free(): void;
}

export interface Determinant {
  readonly sign: number;
  readonly log: number;
  readonly value: number;
}

export type PlainFactor = PlainCholesky | PlainLdlt | PlainLu | PlainQr;

/** What dense and sparse factors of square matrices have in common. */
export interface DenseSolver {
  readonly n: number;
  readonly oneNorm: number;
  solve(b: Float64Array): Float64Array;
  solveTransposed(b: Float64Array): Float64Array;
  reciprocalCondition(): number;
}

/** A share of entries from which a matrix is factored as a dense one, and rows from which that pays. */
const [DENSE, ROWS] = [0.2, 100];

const ended = (x: Float64Array): Solved => ({ x, status: 'converged', iterations: 0, residual: 0 });
const nothing = () => {};

/**
 * Sets a solver up for a matrix.
 * @param known Its pattern's analysis, where there is one.
 * @throws SINGULAR if a factor does not exist, NOT_SUPPORTED if it is larger than a memory, and as the method does.
 */
export function prepare(A: CscMatrix, method: SystemMethod, setUp: SetUp, known?: SymmetricAnalysis): Prepared {
  if (method === 'cholesky' || method === 'ldlt') {
    const analysis = known ?? analyse(A);
    const entries = analysis.factorEntries;
    return method === 'cholesky' ? ofCholesky(analysis.cholesky(A), entries) : ofLdlt(analysis.ldlt(A), entries);
  }
  if (method === 'qr') return ofQr(sparseQr(A));
  if (method === 'lu') {
    const dense = A.nnz > DENSE * A.rows * A.cols && A.rows >= ROWS;
    return dense ? ofDense(A) : ofLu(sparseLu(A));
  }
  return krylov(A, method, setUp);
}

/** The solver of a factor that was saved. @throws INVALID_FORMAT. */
export function revived(plain: PlainFactor): Prepared {
  if (plain.kind === 'sparse cholesky') return ofCholesky(CholeskyFactor.fromPlain(plain));
  if (plain.kind === 'sparse ldlt') return ofLdlt(SparseLdltFactor.fromPlain(plain));
  if (plain.kind === 'sparse lu, columns' || plain.kind === 'sparse lu, fronts') return ofLu(luFromPlain(plain));
  if (plain.kind === 'sparse qr') return ofQr(SparseQrFactor.fromPlain(plain));
  fail('INVALID_FORMAT', 'its factor is none that this release knows.');
}

const ofCholesky = (factor: CholeskyFactor, entries?: number): Prepared => ({
  factor,
  entries,
  determinant: () => ({ sign: 1, log: factor.logDeterminant(), value: elementary.exp(factor.logDeterminant()) }),
  solve: (b) => ended(factor.solve(b)),
  plain: () => factor.toPlain(),
  free: () => factor.free(),
});

const ofLdlt = (factor: SparseLdltFactor, entries?: number): Prepared => ({
  factor,
  entries,
  determinant: () => factor.determinant(),
  solve: (b) => ended(factor.solve(b)),
  plain: () => factor.toPlain(),
  free: () => factor.free(),
});

const ofLu = (factor: SparseLuFactor): Prepared => ({
  factor,
  entries: factor.factorEntries,
  determinant: () => factor.determinant(),
  solve: (b) => ended(factor.solve(b)),
  // Those that this room makes are of these kinds.
  plain: () => factor.toPlain() as PlainLu,
  free: () => factor.free(),
});

const ofQr = (factor: SparseQrFactor): Prepared => ({
  rank: factor.rank,
  entries: factor.factorEntries,
  solve: (b) => ended(factor.leastSquares(b)),
  plain: () => factor.toPlain(),
  free: nothing,
});

function ofDense(A: CscMatrix): Prepared {
  const dense = A.toDense();
  const factor = denseLu(dense);
  dense.free();
  return {
    factor,
    entries: A.rows * A.rows,
    determinant: () => factor.determinant(),
    solve: (b) => ended(factor.solve(b)),
    free: () => factor.free(),
  };
}

type Freed = Preconditioner & { free?(): void };

function preconditionerOf(A: CscMatrix, { preconditioner, omega, dropTolerance }: SetUp): Freed | undefined {
  const drop = dropTolerance === undefined ? {} : { dropTolerance };
  if (preconditioner === 'jacobi') return jacobi(A);
  if (preconditioner === 'ssor') return ssor(A, omega);
  if (preconditioner === 'incomplete-cholesky') return incompleteCholesky(A, drop);
  if (preconditioner === 'incomplete-lu') return incompleteLu(A, drop);
  if (preconditioner === 'multigrid') return algebraicMultigrid(A);
  return undefined;
}

function krylov(A: CscMatrix, method: SystemMethod, setUp: SetUp): Prepared {
  const M = preconditionerOf(A, setUp);
  const given = M && { preconditioner: M };
  let rows: RowOperator | undefined;
  if (method === 'gmres' || method === 'bicgstab') rows = rowOperator(A);
  // A cycle that changes from call to call wants a method that bears it.
  const flexible = { flexible: M !== undefined && setUp.preconditioner === 'multigrid' && !M.symmetric };
  const run = (b: Float64Array, options: SolverOptions) => {
    if (method === 'cg') return cg(A, b, { ...options, ...given });
    if (method === 'minres') return minres(A, b, { ...options, ...given });
    if (method === 'bicgstab') return bicgstab(rows!, b, { ...options, ...given });
    if (method === 'gmres') return gmres(rows!, b, { ...options, ...given, ...flexible, restart: setUp.restart });
    const { tol, ...rest } = options;
    return lsmr(A, b, { ...rest, ...(tol !== undefined && { atol: tol, btol: tol }) });
  };
  return {
    solve(b, options) {
      const { point: x, status, iterations, certificate, next, metrics } = run(b, options);
      return { x, status, iterations, residual: certificate?.relative ?? 1, next, metrics };
    },
    free() {
      M?.free?.();
      rows?.free();
    },
  };
}
