import { DenseMatrix } from '../../arrays/index.ts';
import { fail } from '../../core/index.ts';
import {
  checkSquare,
  copyForFactor,
  invertLower,
  largestEntry,
  leading,
  onColumns,
  settle,
  type Vectors,
  workBytes,
} from './common.ts';
import { LongProduct } from './determinant.ts';

/** The factorisation A = LLᵀ of a positive definite matrix. */
export class CholeskyFactor {
  constructor(
    /** n × n: L on and below the diagonal, zeros above it. */
    readonly L: DenseMatrix,
  ) {}

  get n(): number {
    return this.L.rows;
  }

  /**
   * Solves AX = B for a vector or matrix B with n rows. O(2n²) per column.
   * @throws INVALID_SHAPE, NON_FINITE.
   */
  solve<T extends Vectors>(B: T): T {
    const { n, L } = this;
    return onColumns(L.arena, B, n, n, ({ pointer, count, work, kernels }) => {
      if (count === 1) return kernels.cholSolve(n, L.pointer, leading(n), pointer);
      kernels.triangularSolve(false, true, false, false, n, count, L.pointer, leading(n), pointer, leading(n), work);
      kernels.triangularSolve(false, true, true, false, n, count, L.pointer, leading(n), pointer, leading(n), work);
    });
  }

  /** log det A. O(n). */
  logDeterminant(): number {
    const product = new LongProduct();
    for (let k = 0; k < this.n; k++) product.multiply(this.L.get(k, k));
    return 2 * product.log;
  }

  /** A⁻¹, exactly symmetric. O(4n³/3). */
  inverse(): DenseMatrix {
    const { n, L } = this;
    const { arena } = L;
    const out = DenseMatrix.create(n, n, { fill: false, arena });
    const scratch = arena.scratch();
    try {
      const work = scratch.f64(workBytes(n, n) / 8).pointer;
      const inverse = invertLower(L, false, work);
      arena.kernels.syrk(false, n, n, inverse.pointer, leading(n), out.pointer, leading(n), work);
      inverse.free();
    } finally {
      scratch.release();
    }
    return settle([out])[0];
  }

  /** L⁻¹, with zeros above the diagonal. O(n³/3). */
  inverseOfL(): DenseMatrix {
    const { n, L } = this;
    const scratch = L.arena.scratch();
    try {
      return settle([invertLower(L, false, scratch.f64(workBytes(n, n) / 8).pointer)])[0];
    } finally {
      scratch.release();
    }
  }

  /** Frees the memory immediately. The factor must not be used afterwards. */
  free(): void {
    this.L.free();
  }
}

/**
 * The Cholesky factorisation of a positive definite matrix. Only the lower triangle is read; A is not modified.
 * Recursive (Golub and Van Loan, §4.2). O(n³/3).
 *
 * @example const x = cholesky(A).solve(b);
 * @throws INVALID_SHAPE, NON_FINITE, SINGULAR if a pivot is not positive.
 */
export function cholesky(A: DenseMatrix): CholeskyFactor {
  const n = checkSquare(A, 'cholesky');
  largestEntry(A, true);
  const L = copyForFactor(A);
  const scratch = L.arena.scratch();
  try {
    const work = scratch.f64(workBytes(n, n) / 8).pointer;
    const bad = L.arena.kernels.potrf(n, L.pointer, leading(n), work);
    if (bad !== 0) {
      L.free();
      fail(
        'SINGULAR',
        `The matrix is not positive definite: its leading ${bad} × ${bad} part has a pivot that is not positive. ` +
          'Use ldlt(A) for indefinite matrices, or add to the diagonal.',
      );
    }
  } finally {
    scratch.release();
  }
  for (let j = 1; j < n; j++) L.column(j).fill(0, 0, j);
  return new CholeskyFactor(L);
}
