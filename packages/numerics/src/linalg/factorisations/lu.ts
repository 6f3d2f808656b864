import type { DenseMatrix } from '../../arrays/index.ts';
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
import { estimateOneNorm } from './oneNorm.ts';

/** Width from which on columns are eliminated one by one. */
const BASE = 8;

/** The factorisation PA = LU of a square matrix. */
export class LuFactor {
  constructor(
    /** n × n: L below the diagonal (its unit diagonal is not stored) and U on and above it. */
    readonly factors: DenseMatrix,
    /** Row pivots[k] ≥ k was exchanged with row k in step k. */
    readonly pivots: Int32Array,
    /** ‖A‖₁ of the factorised matrix. */
    readonly oneNorm: number,
  ) {}

  get n(): number {
    return this.factors.rows;
  }

  /** The index of the first column whose pivot is exactly zero; −1 if A is invertible. */
  get zeroPivot(): number {
    const { data } = this.factors;
    for (let k = 0; k < this.n; k++) if (data[k * (this.n + 1)] === 0) return k;
    return -1;
  }

  /**
   * Solves AX = B for a vector or matrix B with n rows; backward stable. O(n²) per column.
   * @throws INVALID_SHAPE, NON_FINITE, SINGULAR for an exactly singular A.
   */
  solve<T extends Vectors>(B: T): T {
    const { n } = this;
    this.checkRegular();
    return onColumns(this.factors.arena, B, n, n, ({ pointer, count, work, kernels }) => {
      const { pointer: F } = this.factors;
      exchange(this.factors.arena.f64, pointer / 8, leading(n), count, this.pivots, 0, n);
      kernels.triangularSolve(false, true, false, true, n, count, F, leading(n), pointer, leading(n), work);
      kernels.triangularSolve(false, false, false, false, n, count, F, leading(n), pointer, leading(n), work);
    });
  }

  /**
   * Solves AᵀX = B. O(n²) per column.
   * @throws INVALID_SHAPE, NON_FINITE, SINGULAR for an exactly singular A.
   */
  solveTransposed<T extends Vectors>(B: T): T {
    const { n } = this;
    this.checkRegular();
    return onColumns(this.factors.arena, B, n, n, ({ pointer, count, work, kernels }) => {
      const { pointer: F } = this.factors;
      kernels.triangularSolve(false, false, true, false, n, count, F, leading(n), pointer, leading(n), work);
      kernels.triangularSolve(false, true, true, true, n, count, F, leading(n), pointer, leading(n), work);
      exchange(this.factors.arena.f64, pointer / 8, leading(n), count, this.pivots, n, 0);
    });
  }

  /** det A as sign · e^log, and as a number, which is 0 or infinite if outside the range of doubles. O(n). */
  determinant(): { readonly sign: number; readonly log: number; readonly value: number } {
    const product = new LongProduct();
    const { data } = this.factors;
    for (let k = 0; k < this.n; k++) {
      product.multiply(data[k * (this.n + 1)]);
      if (this.pivots[k] !== k) product.multiply(-1);
    }
    return { sign: product.sign, log: product.log, value: product.value };
  }

  /**
   * A⁻¹. For solving systems, {@link LuFactor.solve} is faster and more accurate. O(4n³/3).
   * @throws SINGULAR for an exactly singular A.
   */
  inverse(): DenseMatrix {
    this.checkRegular();
    const { lapack } = this.factors.arena;
    if (lapack && this.n > 0) {
      const inverse = copyForFactor(this.factors);
      inverse.arena.lapack!.getri(this.n, inverse.pointer, this.n, this.pivots);
      return inverse;
    }
    const { n, factors, pivots } = this;
    const { arena } = factors;
    const scratch = arena.scratch();
    try {
      // A⁻¹ = U⁻¹L⁻¹P: row exchanges of A are column exchanges of its inverse, in reverse order.
      const work = scratch.f64(workBytes(n, n) / 8).pointer;
      const X = invertLower(factors, true, work);
      arena.kernels.triangularSolve(
        false,
        false,
        false,
        false,
        n,
        n,
        factors.pointer,
        leading(n),
        X.pointer,
        leading(n),
        work,
      );
      for (let k = n - 1; k >= 0; k--) {
        if (pivots[k] === k) continue;
        const column = X.column(k).slice();
        X.column(k).set(X.column(pivots[k]));
        X.column(pivots[k]).set(column);
      }
      return settle([X])[0];
    } finally {
      scratch.release();
    }
  }

  /**
   * The reciprocal condition number 1/(‖A‖₁‖A⁻¹‖₁), estimated by a few solves (Hager, Higham): 1 at best, 0 for an
   * exactly singular A; if below 2⁻⁵², A is singular to working precision. O(n²).
   */
  reciprocalCondition(): number {
    const { n } = this;
    if (n === 0) return 1;
    if (this.zeroPivot >= 0) return 0;
    // Solves reject overflowing values; an inverse that large amounts to none.
    const guarded = (solve: (x: Float64Array) => Float64Array) => (x: Float64Array) =>
      x.every(Number.isFinite) ? solve(x) : x.fill(Number.POSITIVE_INFINITY);
    const inverse = estimateOneNorm(
      n,
      guarded((x) => this.solve(x)),
      guarded((x) => this.solveTransposed(x)),
    );
    const reciprocal = 1 / this.oneNorm / inverse;
    return Number.isFinite(reciprocal) ? reciprocal : 0;
  }

  /** Frees the memory immediately. The factor must not be used afterwards. */
  free(): void {
    this.factors.free();
  }

  private checkRegular(): void {
    const k = this.zeroPivot;
    if (k >= 0) {
      fail(
        'SINGULAR',
        `The matrix is singular: column ${k + 1} depends linearly on the preceding ones. Solve by qr(A, { pivoting: true }) or svd(A).`,
      );
    }
  }
}

/**
 * LU factorisation with partial pivoting of a square matrix; A is not modified. Recursive, so that nearly all work is
 * in matrix products (Toledo, SIAM J. Matrix Anal. Appl. 18(4), 1997; Golub and Van Loan, §3.4). An exactly singular
 * matrix has a factorisation too, which cannot solve; {@link LuFactor.reciprocalCondition} reveals a nearly singular
 * one. O(2n³/3).
 *
 * @example const x = lu(A).solve(b);
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function lu(A: DenseMatrix): LuFactor {
  const n = checkSquare(A, 'lu');
  largestEntry(A);
  const oneNorm = oneNormOf(A);
  const factors = copyForFactor(A);
  const { arena } = factors;
  const pivots = new Int32Array(n);
  const { lapack } = arena;
  if (lapack) {
    lapack.getrf(n, factors.pointer, leading(n), pivots);
    return new LuFactor(factors, pivots, oneNorm);
  }
  const scratch = arena.scratch();
  try {
    const work = scratch.f64(workBytes(n, n) / 8).pointer;
    const { kernels } = arena;
    const heap = arena.f64;
    const origin = factors.pointer;
    /** Factorises `cols` columns from row and column `first` on. */
    const factor = (first: number, cols: number): void => {
      const at = origin + 8 * first * (n + 1);
      const rows = n - first;
      if (cols <= BASE) {
        eliminate(first, cols);
        return;
      }
      const h = (cols / 2 + 7) & ~7;
      factor(first, h);
      const right = at + 8 * h * n;
      exchange(heap, (right - 8 * first) / 8, n, cols - h, pivots, first, first + h);
      kernels.triangularSolve(false, true, false, true, h, cols - h, at, n, right, n, work);
      const below = rows - h;
      kernels.gemm(false, false, below, cols - h, h, -1, at + 8 * h, n, right, n, 1, right + 8 * h, n, work);
      factor(first + h, cols - h);
      exchange(heap, (at - 8 * first) / 8, n, h, pivots, first + h, first + cols);
    };
    const eliminate = (first: number, cols: number): void => {
      const base = origin / 8;
      for (let k = first; k < first + cols; k++) {
        const column = base + k * n;
        let p = k;
        let most = Math.abs(heap[column + k]);
        for (let i = k + 1; i < n; i++) {
          const v = Math.abs(heap[column + i]);
          if (v > most) [p, most] = [i, v];
        }
        pivots[k] = p;
        if (p !== k) {
          for (let j = first; j < first + cols; j++) {
            const a = base + j * n;
            [heap[a + k], heap[a + p]] = [heap[a + p], heap[a + k]];
          }
        }
        if (most === 0) continue;
        const pivot = heap[column + k];
        for (let i = k + 1; i < n; i++) heap[column + i] /= pivot;
        for (let j = k + 1; j < first + cols; j++) {
          const a = base + j * n;
          kernels.axpy(n - k - 1, -heap[a + k], 8 * (column + k + 1), 8 * (a + k + 1));
        }
      }
    };
    factor(0, n);
  } finally {
    scratch.release();
  }
  return new LuFactor(factors, pivots, oneNorm);
}

/** The largest absolute column sum. */
function oneNormOf({ rows, cols, data }: DenseMatrix): number {
  let norm = 0;
  for (let j = 0; j < cols; j++) {
    let sum = 0;
    for (let k = j * rows; k < (j + 1) * rows; k++) sum += Math.abs(data[k]);
    if (sum > norm) norm = sum;
  }
  return norm;
}

/** Exchanges rows k and pivots[k] for k = `from` … `to` − 1, or in reverse if `to` is smaller; `at` is row 0. */
function exchange(
  heap: Float64Array,
  at: number,
  ld: number,
  cols: number,
  pivots: Int32Array,
  from: number,
  to: number,
): void {
  for (let j = 0; j < cols; j++) {
    const a = at + j * ld;
    if (to >= from) {
      for (let k = from; k < to; k++) {
        const p = pivots[k];
        const v = heap[a + k];
        heap[a + k] = heap[a + p];
        heap[a + p] = v;
      }
    } else {
      for (let k = from - 1; k >= to; k--) {
        const p = pivots[k];
        const v = heap[a + k];
        heap[a + k] = heap[a + p];
        heap[a + p] = v;
      }
    }
  }
}
