import type { CscMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
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
  type Equilibrated,
  equilibrate,
  equilibrateColumns,
  equilibrateRows,
  luFromPlain,
  type PlainLu,
  SparseLdltFactor,
  type SparseLuFactor,
  SparseQrFactor,
  type SymmetricAnalysis,
  sparseLu,
  sparseQr,
  spreadOfSizes,
} from '@southwell/numerics/sparse';
import { elementary } from '@southwell/numerics/special';
import type { PreconditionerName, SystemMethod } from './methods.ts';
import { matters, scaledSolver, UNEVEN } from './scaled.ts';
import type { PlainFactor, Prepared, Scaling, Solved } from './solver.ts';

/** Parameters of the set-up of a solver. */
export interface SetUp {
  readonly preconditioner: PreconditionerName;
  /** SSOR relaxation factor. */
  readonly omega: number;
  /** Drop tolerance of incomplete factorisations; undefined: no fill-in. */
  readonly dropTolerance: number | undefined;
  /** Restart length of GMRES. */
  readonly restart: number;
}

/** Density from which a matrix is factored as a dense one, and number of rows from which that pays. */
const [DENSE, ROWS] = [0.2, 100];

const ended = (x: Float64Array): Solved => ({ x, status: 'converged', iterations: 0, residual: 0 });
const nothing = () => {};

/**
 * Sets up a solver for a matrix.
 * @param known The symbolic analysis of its pattern, if available.
 * @param scaling Scales of rows and columns; the scaled matrix is freed when it is no longer needed. QR finds its own.
 * @throws SINGULAR if a factorisation does not exist, NOT_SUPPORTED if it is larger than a memory, and as the method
 * does.
 */
export function prepare(
  A: CscMatrix,
  method: SystemMethod,
  setUp: SetUp,
  known?: SymmetricAnalysis,
  scaling?: Equilibrated,
): Prepared {
  if (method === 'qr') return largestRank(A);
  if (!scaling) return unscaled(A, method, setUp, known);
  const { matrix } = scaling;
  let kept = false;
  try {
    const prepared = unscaled(matrix, method, setUp, known);
    // Factors hold copies.
    kept = prepared.factor === undefined;
    return scaledSolver(prepared, scaling, kept ? matrix : undefined);
  } finally {
    if (!kept) matrix.free();
  }
}

/**
 * QR factors of a matrix. If they show a deficient rank, columns of different sizes may be the reason, as the tolerance
 * is relative to the longest one, and the scaled matrix is looked at, too: its columns, which does not change least
 * squares, or rows if there are fewer of them, which does not change shortest solutions, or both if it is square.
 * Square matrices whose rows differ very much in size are scaled from the beginning, as small equations would be lost
 * in the rounding errors of large ones.
 */
export function largestRank(A: CscMatrix): Prepared {
  const { rows, cols } = A;
  const square = rows === cols;
  const uneven = square && spreadOfSizes(A) > UNEVEN;
  const plain = uneven ? undefined : ofQr(sparseQr(A));
  if (plain && plain.rank === Math.min(rows, cols)) return plain;
  const scale = square ? (of: CscMatrix) => equilibrate(of) : rows < cols ? equilibrateRows : equilibrateColumns;
  const scaling = scale(A);
  try {
    if (plain && !matters(scaling)) return plain;
    const prepared = ofQr(sparseQr(scaling.matrix));
    if (plain && prepared.rank! <= plain.rank!) return plain;
    return scaledSolver({ ...prepared, weighted: square }, scaling);
  } finally {
    scaling.matrix.free();
  }
}

function unscaled(A: CscMatrix, method: SystemMethod, setUp: SetUp, known?: SymmetricAnalysis): Prepared {
  if (method === 'cholesky' || method === 'ldlt') {
    const analysis = known ?? analyse(A);
    const entries = analysis.factorEntries;
    return method === 'cholesky' ? ofCholesky(analysis.cholesky(A), entries) : ofLdlt(analysis.ldlt(A), entries);
  }
  if (method === 'lu') {
    const dense = A.nnz > DENSE * A.rows * A.cols && A.rows >= ROWS;
    return dense ? ofDense(A) : ofLu(sparseLu(A));
  }
  return krylov(A, method, setUp);
}

/** The solver of a saved factorisation. @throws INVALID_FORMAT. */
export function revived(plain: PlainFactor, scaling: Scaling | undefined, weighted: boolean): Prepared {
  const prepared = revivedFactor(plain);
  return scaling ? scaledSolver({ ...prepared, weighted }, scaling) : prepared;
}

function revivedFactor(plain: PlainFactor): Prepared {
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
  // Factorisations of this package are of these kinds.
  plain: () => factor.toPlain() as PlainLu,
  free: () => factor.free(),
});

export const ofQr = (factor: SparseQrFactor): Prepared => ({
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
  // A cycle that differs from call to call needs a flexible method.
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
