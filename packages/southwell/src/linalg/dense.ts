import { gemmWorkBytes } from '@southwell/kernels';
import type { DenseMatrix } from '../arrays/index.ts';
import { elementary, fail } from '../core/index.ts';

/**
 * out ← α·op(A)·op(B) + β·out for dense matrices; op transposes where asked. `out` must be neither A nor B. All three
 * lie in one arena (small matrices do; make large ones with `arena`). Throws INVALID_SHAPE. O(mnk).
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

/** out ← AᵀA, at half of the work of {@link matrixProduct}; both in one arena. Throws INVALID_SHAPE. O(rows · cols²). */
export function gramMatrix(A: DenseMatrix, out: DenseMatrix): void {
  const { rows: k, cols: n } = A;
  if (out.rows !== n || out.cols !== n) {
    fail('INVALID_SHAPE', `The Gram matrix of ${k} × ${n} does not fit into ${out.rows} × ${out.cols}.`);
  }
  const { arena } = out;
  if (A.arena !== arena) {
    fail('INVALID_SHAPE', 'The matrices of a product must lie in one arena; create them with the same `arena`.');
  }
  const scratch = arena.scratch();
  try {
    const work = scratch.f64(gemmWorkBytes(n, n, k) / 8).pointer;
    arena.kernels.syrk(n, k, A.pointer, Math.max(k, 1), out.pointer, Math.max(n, 1), work);
  } finally {
    scratch.release();
  }
}

/** Below this size plain loops are faster than packed products. */
const BASE = 24;

/**
 * A ← A⁻¹ in place for a nonsingular M-matrix (off-diagonal entries ≤ 0, inverse ≥ 0), by blocks and without pivoting,
 * which M-matrices do not need. Returns log det A; NaN, with A spoilt, if a pivot is not positive: for off-diagonal
 * entries ≤ 0 that is exactly when A is not a nonsingular M-matrix (Berman & Plemmons, Nonnegative Matrices in the
 * Mathematical Sciences, ch. 6). Throws INVALID_SHAPE. O(2n³).
 */
export function invertMMatrix(A: DenseMatrix): number {
  if (A.cols !== A.rows) fail('INVALID_SHAPE', `Only square matrices have inverses, not ${A.rows} × ${A.cols}.`);
  return invertByBlocks(A, 0, false);
}

/**
 * A⁻¹ without exchanges of rows; returns log |det A|, or NaN with A spoilt where a pivot (its size, if `signed`) is not
 * above `least`.
 */
function invertByBlocks(A: DenseMatrix, least: number, signed: boolean): number {
  const { rows: n, arena } = A;
  const scratch = arena.scratch();
  try {
    const products = n > BASE ? scratch.f64(n * n).pointer : 0;
    const work = n > BASE ? scratch.f64(gemmWorkBytes(n, n, n) / 8).pointer : 0;
    const { kernels } = arena;
    const heap = arena.f64;
    const det = { product: 1, log: 0, least, signed };
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
    return invert(A.pointer, n, products) ? det.log + elementary.log(det.product) : Number.NaN;
  } finally {
    scratch.release();
  }
}

/** In-place Gauss–Jordan on n columns of leading dimension ld from `at` on; false where a pivot is too small. */
function gaussJordan(
  a: Float64Array,
  at: number,
  n: number,
  ld: number,
  det: { product: number; log: number; least: number; signed: boolean },
): boolean {
  for (let k = 0; k < n; k++) {
    const column = at + k * ld;
    const pivot = a[column + k];
    const size = det.signed ? Math.abs(pivot) : pivot;
    if (!(size > det.least)) return false;
    det.product *= size;
    if (det.product < 1e-100 || det.product > 1e100) {
      det.log += elementary.log(det.product);
      det.product = 1;
    }
    const inverse = 1 / pivot;
    a[column + k] = 1;
    for (let i = 0; i < n; i++) a[column + i] *= inverse;
    for (let j = 0; j < n; j++) {
      if (j === k) continue;
      const other = at + j * ld;
      const factor = a[other + k];
      if (factor === 0) continue;
      a[other + k] = 0;
      // The pivot column holds +A[i,k]/pivot off the diagonal here; rows but the pivot's are reduced, the pivot's scaled.
      for (let i = 0; i < k; i++) a[other + i] -= factor * a[column + i];
      a[other + k] = factor * inverse;
      for (let i = k + 1; i < n; i++) a[other + i] -= factor * a[column + i];
    }
    for (let i = 0; i < n; i++) if (i !== k) a[column + i] = -a[column + i];
  }
  return true;
}

/**
 * A ← A⁻¹ in place for any square matrix. Returns log |det A|; −∞, with A spoilt, for a singular one. Throws
 * INVALID_SHAPE. O(2n³): by blocks while no pivot is below a tenth of the largest entry, as for I − W of graphs with weak
 * cycles, where pivots are near 1; else anew in plain loops with exchanges of rows.
 */
export function invert(A: DenseMatrix): number {
  const n = A.rows;
  if (A.cols !== n) fail('INVALID_SHAPE', `Only square matrices have inverses, not ${n} × ${A.cols}.`);
  const copy = A.data.slice();
  let largest = 0;
  for (let k = 0; k < copy.length; k++) largest = Math.max(largest, Math.abs(copy[k]));
  const logDet = invertByBlocks(A, 0.1 * largest, true);
  if (!Number.isNaN(logDet)) return logDet;
  A.data.set(copy);
  return gaussJordanWithExchanges(A);
}

function gaussJordanWithExchanges(A: DenseMatrix): number {
  const n = A.rows;
  const a = A.data;
  const pivots = new Int32Array(n);
  let [log, product] = [0, 1];
  for (let k = 0; k < n; k++) {
    const column = k * n;
    let p = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[column + i]) > Math.abs(a[column + p])) p = i;
    pivots[k] = p;
    const pivot = a[column + p];
    if (!(Math.abs(pivot) > 0)) return Number.NEGATIVE_INFINITY;
    if (p !== k) for (let j = 0; j < n; j++) swap(a, j * n + k, j * n + p);
    product *= Math.abs(pivot);
    if (product < 1e-100 || product > 1e100) {
      log += elementary.log(product);
      product = 1;
    }
    // The column of multipliers stands in the pivot's place.
    const inverse = 1 / pivot;
    for (let i = 0; i < n; i++) a[column + i] *= -inverse;
    a[column + k] = inverse;
    for (let j = 0; j < n; j++) {
      if (j === k) continue;
      const other = j * n;
      const factor = a[other + k];
      if (factor === 0) continue;
      a[other + k] = 0;
      for (let i = 0; i < n; i++) a[other + i] += factor * a[column + i];
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    if (pivots[k] !== k) for (let i = 0; i < n; i++) swap(a, k * n + i, pivots[k] * n + i);
  }
  return log + elementary.log(product);
}

function swap(a: Float64Array, i: number, j: number): void {
  const value = a[i];
  a[i] = a[j];
  a[j] = value;
}

/**
 * e^A for a square matrix without negative entries, where Taylor's series loses nothing by cancellation: scaling by 2⁻ᵏ
 * until the 1-norm is at most ¾, sixteen terms in six products (Paterson & Stockmeyer 1973), and k squarings. `spare` is
 * spoilt. Throws INVALID_SHAPE. O((6 + k)n³).
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
  // An overflowing exponential is infinite: no scaling would help.
  if (!(norm < 700)) {
    out.data.fill(Number.POSITIVE_INFINITY);
    return;
  }
  let squarings = 0;
  for (let size = norm; size > 0.75; size /= 2) squarings++;
  const scale = 2 ** -squarings;
  const { arena } = A;
  const scratch = arena.scratch();
  try {
    const { kernels } = arena;
    const powers = Array.from({ length: 4 }, () => scratch.f64(n * n).pointer);
    const work = scratch.f64(gemmWorkBytes(n, n, n) / 8).pointer;
    const heap = arena.f64;
    const product = (a: number, b: number, beta: number, c: number) =>
      kernels.gemm(false, false, n, n, n, 1, a, n, b, n, beta, c, n, work);
    const [one, two, three, four] = powers;
    const [p1, p2, p3] = powers.map((pointer) => pointer / 8);
    const a = A.data;
    for (let k = 0; k < n * n; k++) heap[p1 + k] = scale * a[k];
    product(one, one, 0, two);
    product(one, two, 0, three);
    product(two, two, 0, four);
    let [from, to] = [out, spare];
    // From E = I/16! on, four times: E ← A⁴E + A³/(b+3)! + A²/(b+2)! + A/(b+1)! + I/b!
    for (let b = 12; b >= 0; b -= 4) {
      const target = to.data;
      const [c0, c1, c2, c3] = INVERSE_FACTORIALS.slice(b, b + 4);
      for (let k = 0; k < n * n; k++) target[k] = c1 * heap[p1 + k] + c2 * heap[p2 + k] + c3 * heap[p3 + k];
      for (let i = 0; i < n; i++) target[i * n + i] += c0;
      if (b === 12) {
        const p4 = four / 8;
        for (let k = 0; k < n * n; k++) target[k] += INVERSE_FACTORIALS[16] * heap[p4 + k];
      } else product(four, from.pointer, 1, to.pointer);
      [from, to] = [to, from];
    }
    for (let k = 0; k < squarings; k++) {
      product(from.pointer, from.pointer, 0, to.pointer);
      [from, to] = [to, from];
    }
    if (from !== out) out.data.set(from.data);
  } finally {
    scratch.release();
  }
}

const INVERSE_FACTORIALS = new Float64Array(17).fill(1);
for (let k = 1; k <= 16; k++) INVERSE_FACTORIALS[k] = INVERSE_FACTORIALS[k - 1] / k;
