import { DenseMatrix } from '../../arrays/index.ts';
import { fail } from '../../core/index.ts';
import { type CholeskyFactor, cholesky, eigenSymmetric, type LuFactor, lu } from '../../linalg/index.ts';
import type { Rows } from './amgRows.ts';

/** x ← A⁺b for the matrix of the coarsest level. */
export interface CoarsestSolver {
  readonly rank: number;
  solve(b: Float64Array, x: Float64Array): void;
  /** Frees the memory of its factor, if there is one. */
  free?(): void;
}

/** Eigenvalues and squared pivots below this fraction of the largest are treated as rounding errors. */
const SINGULAR = 1e-12;

/**
 * A Cholesky factor or, if A is singular, the pseudo-inverse from its eigenvectors; an LU factor if A is not symmetric.
 * O(n³).
 *
 * @param inverse 1/a_ii; 0 for rows that are zero up to rounding.
 * @throws NUMERICAL if a symmetric A has a clearly negative eigenvalue.
 */
export function coarsestSolver(A: Rows, inverse: Float64Array, symmetric: boolean): CoarsestSolver {
  const n = A.rows;
  if (n === 0) return { rank: 0, solve: () => {} };
  const dense = DenseMatrix.create(n, n);
  const { pointers, indices, values } = A.views;
  // Rows are read as columns, and transposed if A is not symmetric.
  for (let i = 0; i < n; i++) {
    for (let k = pointers[i]; k < pointers[i + 1]; k++) dense.set(i, indices[k], values[k]);
  }
  try {
    return symmetric ? symmetricSolver(dense, inverse) : generalSolver(dense, n);
  } finally {
    dense.free();
  }
}

function generalSolver(A: DenseMatrix, n: number): CoarsestSolver {
  const factor: LuFactor = lu(A);
  // Singular, for instance if the solution is determined only up to a constant: the pseudo-inverse via the normal
  // equations.
  if (factor.reciprocalCondition() > SINGULAR) {
    return { rank: n, solve: (b, x) => x.set(factor.solve(b)), free: () => factor.free() };
  }
  factor.free();
  const normal = DenseMatrix.create(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += A.get(k, i) * A.get(k, j);
      normal.set(i, j, sum);
    }
  }
  const diagonal = Float64Array.from({ length: n }, (_, i) => (normal.get(i, i) > 0 ? 1 / normal.get(i, i) : 0));
  const { solve, rank } = pseudoInverse(normal, diagonal);
  normal.free();
  const copy = A.data.slice();
  const right = new Float64Array(n);
  return {
    rank,
    solve: (b, x) => {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += copy[j * n + i] * b[i];
        right[j] = sum;
      }
      solve(right, x);
    },
  };
}

function symmetricSolver(A: DenseMatrix, inverse: Float64Array): CoarsestSolver {
  const n = inverse.length;
  const factor = inverse.every((v) => v > 0) ? positiveFactor(A, n) : undefined;
  if (!factor) return pseudoInverse(A, inverse);
  return { rank: n, solve: (b, x) => x.set(factor.solve(b)), free: () => factor.free() };
}

/** The factor, unless a pivot is negligible relative to its diagonal entry. */
function positiveFactor(A: DenseMatrix, n: number): CholeskyFactor | undefined {
  let factor: CholeskyFactor;
  try {
    factor = cholesky(A);
  } catch {
    return undefined;
  }
  for (let i = 0; i < n; i++) {
    if (factor.L.get(i, i) ** 2 > SINGULAR * A.get(i, i)) continue;
    factor.free();
    return undefined;
  }
  return factor;
}

/**
 * Pseudo-inverse via DAD with D = diag(A)^−½, so that the units of the unknowns do not affect what counts as singular.
 */
function pseudoInverse(A: DenseMatrix, inverse: Float64Array): CoarsestSolver {
  const n = inverse.length;
  const root = inverse.map(Math.sqrt);
  const scaled = DenseMatrix.create(n, n);
  for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) scaled.set(i, j, A.get(i, j) * root[i] * root[j]);
  const { values, vectors } = eigenSymmetric(scaled);
  scaled.free();
  const top = values[n - 1];
  if (values[0] < -1e-8 * Math.max(top, 1)) {
    vectors.free();
    fail(
      'NUMERICAL',
      'A is not positive semi-definite: on the coarsest level, in units of its diagonal, it has the eigenvalue ' +
        `${values[0].toPrecision(3)}. Multigrid cannot precondition an indefinite matrix; shift it, or factorise it.`,
    );
  }
  const weights = values.map((v) => (v > SINGULAR * n * top ? 1 / v : 0));
  const V = vectors.data.slice();
  vectors.free();
  return {
    rank: weights.reduce((count, w) => count + (w > 0 ? 1 : 0), 0),
    solve: (b, x) => {
      x.fill(0);
      for (let j = 0; j < n; j++) {
        if (weights[j] === 0) continue;
        let dot = 0;
        for (let i = 0; i < n; i++) dot += V[j * n + i] * root[i] * b[i];
        dot *= weights[j];
        for (let i = 0; i < n; i++) x[i] += dot * V[j * n + i] * root[i];
      }
    },
  };
}
