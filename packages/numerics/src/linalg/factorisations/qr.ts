import { DenseMatrix } from '../../arrays/index.ts';
import { fail, knownKeys, type OptionKeys } from '../../core/index.ts';
import { checkDense, copyForFactor, largestEntry, leading, onColumns, type Vectors } from './common.ts';
import { applyReflectors, factorByReflectors, makeReflector, type Reflectors } from './reflectors.ts';

export interface QrOptions {
  /**
   * Use column pivoting, so that the diagonal of R is non-increasing in absolute value (default false): needed for the
   * rank and for dependent columns.
   */
  readonly pivoting?: boolean;
}
const qrKeys: OptionKeys<QrOptions> = { pivoting: true };

/** The factorisation A = QR, or AP = QR with column pivoting; A is m × n. Q is stored as reflectors. */
export class QrFactor {
  constructor(
    /** m × n: R on and above the diagonal, reflectors below it. */
    readonly factors: DenseMatrix,
    private readonly tau: Float64Array,
    /** Column j of AP is column permutation[j] of A. */
    readonly permutation: Int32Array,
    private readonly pivoting: boolean,
  ) {}

  get rows(): number {
    return this.factors.rows;
  }

  get cols(): number {
    return this.factors.cols;
  }

  private get reflectors(): Reflectors {
    const { arena, pointer, rows } = this.factors;
    return { arena, pointer, ld: leading(rows), rows, tau: this.tau };
  }

  /** m × min(m, n) with orthonormal columns. O(2mn² − 2n³/3) for m ≥ n. */
  thinQ(): DenseMatrix {
    const { rows: m, cols: n, arena } = this.factors;
    const k = Math.min(m, n);
    const Q = DenseMatrix.create(m, k, { arena });
    for (let j = 0; j < k; j++) Q.set(j, j, 1);
    const { lapack } = arena;
    if (lapack && k > 0) {
      Q.data.set(this.factors.data.subarray(0, m * k));
      lapack.orgqr(m, k, Q.pointer, m, this.tau);
    } else {
      applyReflectors(this.reflectors, false, Q.pointer, leading(m), k, true);
    }
    return Q;
  }

  /** min(m, n) × n, upper triangular; diagonal entries may have either sign. O(n²). */
  R(): DenseMatrix {
    const { rows: m, cols: n } = this.factors;
    const k = Math.min(m, n);
    const R = DenseMatrix.create(k, n);
    for (let j = 0; j < n; j++) R.column(j).set(this.factors.column(j).subarray(0, Math.min(j + 1, k)));
    return R;
  }

  /**
   * QB for B with m rows, where Q is the full m × m matrix. O(4mn) per column for m ≥ n.
   * @throws INVALID_SHAPE, NON_FINITE.
   */
  apply<T extends Vectors>(B: T): T {
    return this.product(B, false);
  }

  /**
   * QᵀB for B with m rows, where Q is the full m × m matrix. O(4mn) per column for m ≥ n.
   * @throws INVALID_SHAPE, NON_FINITE.
   */
  applyTransposed<T extends Vectors>(B: T): T {
    return this.product(B, true);
  }

  private product<T extends Vectors>(B: T, trans: boolean): T {
    const { rows: m } = this.factors;
    return onColumns(this.factors.arena, B, m, m, ({ pointer, count }) => {
      this.applyInPlace(trans, pointer, leading(m), count);
    });
  }

  private applyInPlace(trans: boolean, C: number, ldc: number, cols: number): void {
    const { arena, rows, pointer } = this.factors;
    const { lapack } = arena;
    if (lapack && this.tau.length > 0 && cols > 0) {
      lapack.ormqr(trans, rows, cols, this.tau.length, pointer, leading(rows), this.tau, C, ldc);
    } else {
      applyReflectors(this.reflectors, trans, C, ldc, cols);
    }
  }

  /**
   * The numerical rank: the number of leading columns of AP before the first with |R[k, k]| ≤ tolerance · |R[0, 0]|, by
   * default max(m, n) · 2⁻⁵². Requires column pivoting.
   * @throws NOT_SUPPORTED without pivoting.
   */
  rank(tolerance = Math.max(this.rows, this.cols) * Number.EPSILON): number {
    if (!this.pivoting) {
      fail('NOT_SUPPORTED', 'The rank requires column pivoting: use qr(A, { pivoting: true }).');
    }
    const first = this.tau.length > 0 ? Math.abs(this.factors.get(0, 0)) : 0;
    let rank = 0;
    while (rank < this.tau.length && Math.abs(this.factors.get(rank, rank)) > tolerance * first) rank++;
    return rank;
  }

  /**
   * Least-squares solutions: minimises ‖AX − B‖ column by column, for B with m rows. With column pivoting, dependent
   * columns are left out, that is, their entries of X are 0 (for the minimum-norm solution use svd). O(4mn) per column.
   * @throws INVALID_SHAPE for fewer rows than columns without pivoting, NON_FINITE, SINGULAR for dependent columns
   * without pivoting.
   */
  leastSquares<T extends Vectors>(B: T): T {
    const { rows: m, cols: n, arena } = this.factors;
    let size = n;
    if (this.pivoting) {
      size = this.rank();
    } else {
      if (m < n) {
        fail(
          'INVALID_SHAPE',
          `Least squares without pivoting need at least as many rows as columns, not ${m} × ${n}; use qr(A, { pivoting: true }) or svd(A).`,
        );
      }
      for (let k = 0; k < n; k++) {
        if (this.factors.get(k, k) === 0) {
          fail(
            'SINGULAR',
            `Column ${k + 1} depends linearly on the preceding ones. Use qr(A, { pivoting: true }) or svd(A).`,
          );
        }
      }
    }
    return onColumns(arena, B, m, n, ({ pointer, count, work, kernels }) => {
      const ldb = leading(Math.max(m, n));
      this.applyInPlace(true, pointer, ldb, count);
      const F = this.factors.pointer;
      kernels.triangularSolve(false, false, false, false, size, count, F, leading(m), pointer, ldb, work);
      const heap = arena.f64;
      const x = new Float64Array(n);
      for (let c = 0; c < count; c++) {
        const at = pointer / 8 + c * ldb;
        x.fill(0);
        for (let k = 0; k < size; k++) x[this.permutation[k]] = heap[at + k];
        heap.set(x, at);
      }
    });
  }

  /** Frees the memory immediately. The factor must not be used afterwards. */
  free(): void {
    this.factors.free();
  }
}

/**
 * Householder QR factorisation, blocked (compact WY; Golub and Van Loan, §5.2), or with column pivoting, unblocked
 * (§5.4.2). Any shape; A is not modified. O(2mn² − 2n³/3) for m ≥ n.
 *
 * @example const x = qr(A).leastSquares(b);
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER for an unknown option.
 */
export function qr(A: DenseMatrix, options: QrOptions = {}): QrFactor {
  knownKeys('qr', options, qrKeys);
  const { pivoting = false } = options;
  checkDense(A, 'qr');
  largestEntry(A);
  const factors = copyForFactor(A);
  const { rows: m, cols: n, arena, pointer } = factors;
  const permutation = Int32Array.from({ length: n }, (_, j) => j);
  let tau: Float64Array;
  if (pivoting) {
    tau = pivoted(factors, permutation);
  } else if (arena.lapack && m > 0 && n > 0) {
    tau = new Float64Array(Math.min(m, n));
    arena.lapack.geqrf(m, n, pointer, m, tau);
  } else {
    tau = factorByReflectors(arena, pointer, leading(m), m, n);
  }
  return new QrFactor(factors, tau, permutation, pivoting);
}

/**
 * Column by column, always taking the one with the largest remaining norm; norms are downdated, and recomputed when
 * that loses digits.
 */
function pivoted({ rows: m, cols: n, arena, pointer }: DenseMatrix, permutation: Int32Array): Float64Array {
  const count = Math.min(m, n);
  const tau = new Float64Array(count);
  const scratch = arena.scratch();
  try {
    const sums = scratch.f64(n).pointer;
    const { kernels } = arena;
    const heap = arena.f64;
    const origin = pointer / 8;
    const length = (row: number, j: number): number => {
      const at = origin + j * m + row;
      const square = kernels.dot(m - row, 8 * at, 8 * at);
      if (square > 1e-280 && square < 1e280) return Math.sqrt(square);
      let most = 0;
      for (let i = 0; i < m - row; i++) most = Math.max(most, Math.abs(heap[at + i]));
      if (most === 0) return 0;
      let sum = 0;
      for (let i = 0; i < m - row; i++) {
        const v = heap[at + i] / most;
        sum += v * v;
      }
      return most * Math.sqrt(sum);
    };
    const lengths = Float64Array.from({ length: n }, (_, j) => length(0, j));
    const formed = lengths.slice();
    for (let k = 0; k < count; k++) {
      let p = k;
      for (let j = k + 1; j < n; j++) if (lengths[j] > lengths[p]) p = j;
      if (p !== k) {
        const kept = heap.slice(origin + p * m, origin + (p + 1) * m);
        heap.copyWithin(origin + p * m, origin + k * m, origin + (k + 1) * m);
        heap.set(kept, origin + k * m);
        [permutation[k], permutation[p]] = [permutation[p], permutation[k]];
        [lengths[p], formed[p]] = [lengths[k], formed[k]];
      }
      const at = origin + k * (m + 1);
      tau[k] = makeReflector(kernels, heap, m - k, at);
      const others = n - k - 1;
      if (others > 0 && tau[k] !== 0) {
        const beta = heap[at];
        heap[at] = 1;
        kernels.gemvT(m - k, others, 8 * (at + m), m, 8 * at, sums);
        kernels.addOuter(m - k, others, -tau[k], 8 * at, sums, 8 * (at + m), m);
        heap[at] = beta;
      }
      for (let j = k + 1; j < n; j++) {
        if (lengths[j] === 0) continue;
        const ratio = Math.abs(heap[origin + j * m + k]) / lengths[j];
        const left = Math.max(0, (1 + ratio) * (1 - ratio));
        // Drmač and Bujanović 2008, as LAPACK's dgeqp3.
        const shrunk = lengths[j] / formed[j];
        if (left * shrunk * shrunk <= 1.5e-8) {
          lengths[j] = k + 1 < m ? length(k + 1, j) : 0;
          formed[j] = lengths[j];
        } else {
          lengths[j] *= Math.sqrt(left);
        }
      }
    }
  } finally {
    scratch.release();
  }
  return tau;
}
