import { gemmWorkBytes } from '@southwell/kernels';
import type { DenseMatrix } from '../arrays/index.ts';
import { fail } from '../core/index.ts';
import { elementary } from '../special/index.ts';

/**
 * out ← α·op(A)·op(B) + β·out for dense matrices, where op is the identity or the transpose. `out` must be neither A
 * nor B. All three lie in one arena (small matrices do by default; create large ones with `arena`). O(mnk).
 * @throws INVALID_SHAPE.
 */
export function matrixProduct(
  A: DenseMatrix,
  B: DenseMatrix,
  out: DenseMatrix,
  options: { transA?: boolean; transB?: boolean; alpha?: number; beta?: number } = {},
): void {
  const { transA = false, transB = false, alpha = 1, beta = 0 } = options;
  const [m, k] = transA ? [A.cols, A.rows] : [A.rows, A.cols];
  const [inner, n] = transB ? [B.cols, B.rows] : [B.rows, B.cols];
  if (k !== inner || out.rows !== m || out.cols !== n) {
    fail('INVALID_SHAPE', `A product of ${m} × ${k} and ${inner} × ${n} does not fit into ${out.rows} × ${out.cols}.`);
  }
  const { arena } = out;
  if (A.arena !== arena || B.arena !== arena) {
    fail('INVALID_SHAPE', 'The matrices of a product must lie in one arena; create them with the same `arena`.');
  }
  const scratch = arena.scratch();
  try {
    const work = scratch.f64(gemmWorkBytes(m, n, k) / 8).pointer;
    arena.kernels.gemm(
      transA,
      transB,
      m,
      n,
      k,
      alpha,
      A.pointer,
      Math.max(A.rows, 1),
      B.pointer,
      Math.max(B.rows, 1),
      beta,
      out.pointer,
      Math.max(m, 1),
      work,
    );
  } finally {
    scratch.release();
  }
}

/**
 * out ← AᵀA, or AAᵀ with `transpose`, at half the cost of {@link matrixProduct}; both in one arena. O(n²k) for an n × n
 * result, where k is the other dimension of A.
 * @throws INVALID_SHAPE.
 */
export function gramMatrix(A: DenseMatrix, out: DenseMatrix, options: { transpose?: boolean } = {}): void {
  const { transpose = false } = options;
  const [k, n] = transpose ? [A.cols, A.rows] : [A.rows, A.cols];
  if (out.rows !== n || out.cols !== n) {
    fail('INVALID_SHAPE', `The Gram matrix of ${A.rows} × ${A.cols} does not fit into ${out.rows} × ${out.cols}.`);
  }
  const { arena } = out;
  if (A.arena !== arena) {
    fail('INVALID_SHAPE', 'The matrices of a product must lie in one arena; create them with the same `arena`.');
  }
  const scratch = arena.scratch();
  try {
    const work = scratch.f64(gemmWorkBytes(n, n, k) / 8).pointer;
    arena.kernels.syrk(transpose, n, k, A.pointer, Math.max(A.rows, 1), out.pointer, Math.max(n, 1), work);
  } finally {
    scratch.release();
  }
}

/** Below this size plain loops are faster than packed products. */
const BASE = 12;

/**
 * A ← A⁻¹ in place for a nonsingular M-matrix (off-diagonal entries ≤ 0, inverse ≥ 0), blocked and without pivoting,
 * which M-matrices do not need. Returns log det A; if a pivot is not positive, returns NaN and leaves A in an undefined
 * state. For off-diagonal entries ≤ 0 this happens if and only if A is not a nonsingular M-matrix (Berman & Plemmons,
 * Nonnegative Matrices in the Mathematical Sciences, ch. 6). O(2n³).
 * @throws INVALID_SHAPE.
 */
export function invertMMatrix(A: DenseMatrix): number {
  if (A.cols !== A.rows) fail('INVALID_SHAPE', `Only square matrices have inverses, not ${A.rows} × ${A.cols}.`);
  const { rows: n, arena } = A;
  const scratch = arena.scratch();
  try {
    const products = n > BASE ? scratch.f64(n * n).pointer : 0;
    const work = n > BASE ? scratch.f64(gemmWorkBytes(n, n, n) / 8).pointer : 0;
    const { kernels } = arena;
    const heap = arena.f64;
    const det = new LogProduct();
    const invert = (at: number, size: number, free: number): boolean => {
      if (size <= BASE) return gaussJordan(heap, at / 8, size, n, det);
      // [A11 A12; A21 A22]: with U = A11⁻¹A12, V = A21A11⁻¹ and the Schur complement S = A22 − A21U.
      const h = (size / 2 + 7) & ~7;
      const m = size - h;
      const A21 = at + 8 * h;
      const A12 = at + 8 * h * n;
      const A22 = A12 + 8 * h;
      const U = free;
      const V = U + 8 * h * m;
      const next = V + 8 * h * m;
      if (!invert(at, h, next)) return false;
      kernels.gemm(false, false, h, m, h, 1, at, n, A12, n, 0, U, h, work);
      kernels.gemm(false, false, m, h, h, 1, A21, n, at, n, 0, V, m, work);
      kernels.gemm(false, false, m, m, h, -1, A21, n, U, h, 1, A22, n, work);
      if (!invert(A22, m, next)) return false;
      kernels.gemm(false, false, m, h, m, -1, A22, n, V, m, 0, A21, n, work);
      kernels.gemm(false, false, h, m, m, -1, U, h, A22, n, 0, A12, n, work);
      kernels.gemm(false, false, h, h, m, -1, A12, n, V, m, 1, at, n, work);
      return true;
    };
    return invert(A.pointer, n, products) ? det.value : Number.NaN;
  } finally {
    scratch.release();
  }
}

/** The logarithm of a product of positive numbers that may overflow. */
class LogProduct {
  private product = 1;
  private log = 0;

  multiply(factor: number): void {
    this.product *= factor;
    if (this.product < 1e-100 || this.product > 1e100) {
      this.log += elementary.log(this.product);
      this.product = 1;
    }
  }

  get value(): number {
    return this.log + elementary.log(this.product);
  }
}

/**
 * In-place Gauss–Jordan elimination on n columns with leading dimension ld, beginning at `at`; false if a pivot is not
 * positive.
 */
function gaussJordan(a: Float64Array, at: number, n: number, ld: number, det: LogProduct): boolean {
  for (let k = 0; k < n; k++) {
    const column = at + k * ld;
    const pivot = a[column + k];
    if (!(pivot > 0)) return false;
    det.multiply(pivot);
    const inverse = 1 / pivot;
    a[column + k] = 1;
    for (let i = 0; i < n; i++) a[column + i] *= inverse;
    for (let j = 0; j < n; j++) {
      if (j === k) continue;
      const other = at + j * ld;
      const factor = a[other + k];
      if (factor === 0) continue;
      a[other + k] = 0;
      // At this point the pivot column holds +A[i,k]/pivot off the diagonal. All rows but the pivot row are reduced;
      // the pivot row is scaled.
      for (let i = 0; i < k; i++) a[other + i] -= factor * a[column + i];
      a[other + k] = factor * inverse;
      for (let i = k + 1; i < n; i++) a[other + i] -= factor * a[column + i];
    }
    for (let i = 0; i < n; i++) if (i !== k) a[column + i] = -a[column + i];
  }
  return true;
}

/** Panel width: columns eliminated before the others are updated by a matrix product. */
const PANEL = 16;

/**
 * A ← A⁻¹ in place for any square matrix, by Gauss–Jordan elimination with partial pivoting, in panels of columns.
 * Returns log |det A|, or −∞ for a singular matrix, in which case A is left in an undefined state. O(2n³).
 * @throws INVALID_SHAPE.
 */
export function invert(A: DenseMatrix): number {
  const { rows: n, arena } = A;
  if (A.cols !== n) fail('INVALID_SHAPE', `Only square matrices have inverses, not ${n} × ${A.cols}.`);
  const pivots = new Int32Array(n);
  const det = new LogProduct();
  const scratch = arena.scratch();
  try {
    const pivotRows = scratch.f64(PANEL * n).pointer;
    const work = scratch.f64(gemmWorkBytes(n, n, PANEL) / 8).pointer;
    const a = A.data;
    const heap = arena.f64;
    for (let from = 0; from < n; from += PANEL) {
      const size = Math.min(PANEL, n - from);
      const end = from + size;
      for (let k = from; k < end; k++) {
        const column = k * n;
        let p = k;
        for (let i = k + 1; i < n; i++) if (Math.abs(a[column + i]) > Math.abs(a[column + p])) p = i;
        pivots[k] = p;
        const pivot = a[column + p];
        if (!(Math.abs(pivot) > 0)) return Number.NEGATIVE_INFINITY;
        det.multiply(Math.abs(pivot));
        if (p !== k) for (let j = 0; j < n; j++) swap(a, j * n + k, j * n + p);
        // The column of multipliers overwrites the pivot column.
        const inverse = 1 / pivot;
        for (let i = 0; i < n; i++) a[column + i] *= -inverse;
        a[column + k] = inverse;
        for (let j = from; j < end; j++) {
          const factor = a[j * n + k];
          if (j === k || factor === 0) continue;
          a[j * n + k] = 0;
          arena.kernels.axpy(n, factor, A.pointer + 8 * column, A.pointer + 8 * j * n);
        }
      }
      // The panel contains both the new entries of the other columns in the pivot rows and the updates of their other
      // rows.
      for (let j = 0; j < n; j++) {
        const outside = j < from || j >= end;
        for (let r = 0; r < size; r++) {
          heap[pivotRows / 8 + j * size + r] = outside ? a[j * n + from + r] : 0;
          if (outside) a[j * n + from + r] = 0;
        }
      }
      const panel = A.pointer + 8 * from * n;
      arena.kernels.gemm(false, false, n, n, size, 1, panel, n, pivotRows, size, 1, A.pointer, n, work);
    }
    for (let k = n - 1; k >= 0; k--) {
      if (pivots[k] !== k) for (let i = 0; i < n; i++) swap(a, k * n + i, pivots[k] * n + i);
    }
    return det.value;
  } finally {
    scratch.release();
  }
}

function swap(a: Float64Array, i: number, j: number): void {
  const value = a[i];
  a[i] = a[j];
  a[j] = value;
}

/**
 * e^A for a square non-negative matrix, for which Taylor's series suffers no cancellation: 4r terms in r + 2 products
 * (Paterson & Stockmeyer 1973) at A/2ˢ, and s squarings. r and s are chosen to minimise the cost such that the
 * remainder of the series is below rounding, bounded by norms of powers of A as in Al-Mohy & Higham (SIAM J. Matrix
 * Anal. 2009); for a non-negative matrix these norms are column sums, exact in O(n²). For graphs that are nearly
 * acyclic the powers soon vanish, whatever the norm of A. `spare` is overwritten. O((r + 2 + s)n³), r ≤ 8.
 * @throws INVALID_SHAPE.
 */
export function nonnegativeExponential(A: DenseMatrix, out: DenseMatrix, spare: DenseMatrix): void {
  const n = A.rows;
  for (const M of [A, out, spare]) {
    if (M.rows !== n || M.cols !== n || M.arena !== A.arena) {
      fail('INVALID_SHAPE', 'The exponential takes three square matrices of one size and arena.');
    }
  }
  let norm = 0;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    const column = A.column(j);
    for (let i = 0; i < n; i++) sum += column[i];
    norm = Math.max(norm, sum);
  }
  // The exponential overflows; no scaling would help.
  if (!(norm < 700)) {
    out.data.fill(Number.POSITIVE_INFINITY);
    return;
  }
  const { arena } = A;
  const scratch = arena.scratch();
  try {
    const { kernels } = arena;
    const [two, three, four] = Array.from({ length: 3 }, () => scratch.f64(n * n).pointer);
    const [ones, sums, nextSums] = Array.from({ length: 3 }, () => scratch.f64(n));
    ones.view.fill(1);
    const work = scratch.f64(gemmWorkBytes(n, n, n) / 8).pointer;
    const heap = arena.f64;
    const product = (alpha: number, a: number, b: number, beta: number, c: number) =>
      kernels.gemm(false, false, n, n, n, alpha, a, n, b, n, beta, c, n, work);
    product(1, A.pointer, A.pointer, 0, two);
    product(1, A.pointer, two, 0, three);
    product(1, two, two, 0, four);

    // ‖A⁴ʳ⁺¹‖₁, from 1ᵀA·A⁴ʳ.
    const norms: number[] = [];
    kernels.gemvT(n, n, A.pointer, n, ones.pointer, sums.pointer);
    const normAfter = (r: number): number => {
      while (norms.length <= r) {
        norms.push(sums.view.reduce((a, b) => Math.max(a, b), 0));
        kernels.gemvT(n, n, four, n, sums.pointer, nextSums.pointer);
        sums.view.set(nextSums.view);
      }
      return norms[r];
    };
    let [blocks, squarings, cost] = [0, 0, Number.POSITIVE_INFINITY];
    for (let s = 0; s < cost; s++) {
      const x = norm / 2 ** s;
      for (let r = 1; r <= BLOCKS && r + s < cost; r++) {
        // ‖Σ over i ≥ k of Aⁱ/i!‖ ≤ ‖Aᵏ‖/k! · (1 + x/(k+1) + (x/(k+1))² + …), against ‖e^A‖ ≥ 1 + ‖A‖.
        const k = 4 * r + 1;
        if (x >= k + 1) continue;
        const rest = (normAfter(r) * 2 ** (-k * s) * INVERSE_FACTORIALS[k]) / (1 - x / (k + 1));
        if (rest <= 1e-16 * (1 + x)) [blocks, squarings, cost] = [r, s, r + s];
      }
    }
    const scale = 2 ** -squarings;
    const a = A.data;
    const [p2, p3, p4] = [two / 8, three / 8, four / 8];
    let [from, to] = [out, spare];
    // Horner's scheme with E = I/(4r)! initially, r times: E ← A⁴E + A³/(b+3)! + A²/(b+2)! + A/(b+1)! + I/b!
    for (let b = 4 * (blocks - 1); b >= 0; b -= 4) {
      const target = to.data;
      const [c0, c1, c2, c3] = [0, 1, 2, 3].map((i) => scale ** i * INVERSE_FACTORIALS[b + i]);
      const c4 = b === 4 * (blocks - 1) ? scale ** 4 * INVERSE_FACTORIALS[b + 4] : 0;
      for (let k = 0; k < n * n; k++) {
        target[k] = c1 * a[k] + c2 * heap[p2 + k] + c3 * heap[p3 + k] + c4 * heap[p4 + k];
      }
      for (let i = 0; i < n; i++) target[i * n + i] += c0;
      if (c4 === 0) product(scale ** 4, four, from.pointer, 1, to.pointer);
      [from, to] = [to, from];
    }
    for (let k = 0; k < squarings; k++) {
      product(1, from.pointer, from.pointer, 0, to.pointer);
      [from, to] = [to, from];
    }
    if (from !== out) out.data.set(from.data);
  } finally {
    scratch.release();
  }
}

/** Maximum number of blocks of four terms. */
const BLOCKS = 8;
const INVERSE_FACTORIALS = new Float64Array(4 * BLOCKS + 2).fill(1);
for (let k = 1; k < INVERSE_FACTORIALS.length; k++) INVERSE_FACTORIALS[k] = INVERSE_FACTORIALS[k - 1] / k;
