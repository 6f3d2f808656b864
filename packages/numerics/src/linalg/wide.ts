import { factorisationKernels } from '@southwell/kernels/factorisation';
import { DenseMatrix, type Matrix } from '../arrays/index.ts';
import { fail, inOnePlace, largestOf, type Random, type SplitRows } from '../core/index.ts';
import { matrixProduct } from './dense.ts';
import { drawNormals, rowGram, rowProduct } from './spread.ts';
import { choleskyInPlace } from './symmetric.ts';

/**
 * out ← BX, or BXᵀ with `transpose`, for a B with k rows (few) and a dense or sparse X. B and out must lie in X's
 * arena. O(k · values of X).
 * @throws INVALID_SHAPE.
 */
export function leftProduct(B: DenseMatrix, X: Matrix, out: DenseMatrix, options: { transpose?: boolean } = {}): void {
  const { transpose = false } = options;
  if (X.kind === 'dense') {
    matrixProduct(B, X, out, { transB: transpose });
    return;
  }
  const k = B.rows;
  const [inner, n] = transpose ? [X.cols, X.rows] : [X.rows, X.cols];
  if (B.cols !== inner || out.rows !== k || out.cols !== n) {
    fail('INVALID_SHAPE', `A product of ${k} × ${B.cols} and ${inner} × ${n} does not fit ${out.rows} × ${out.cols}.`);
  }
  if (B.arena !== X.arena || out.arena !== X.arena) {
    fail('INVALID_SHAPE', 'The matrices of a product must lie in one arena; create them with the same `arena`.');
  }
  const { colPointers, rowIndices, values } = X.pointers;
  const kernels = X.arena.use(factorisationKernels);
  if (transpose) kernels.cscLeftProductT(k, n, inner, colPointers, rowIndices, values, B.pointer, out.pointer);
  else kernels.cscLeftProduct(k, n, colPointers, rowIndices, values, B.pointer, out.pointer);
}

/**
 * If the pivots of the Gram matrix of normalised rows are at least this, two passes of Cholesky QR make the rows
 * orthonormal.
 */
const SOUND_PIVOT = 1e-10;
/** From here on, rows are so close to orthonormal that one pass suffices. */
const NEAR_PIVOT = 1 - 1e-4;

/**
 * Makes the k ≤ cols rows of B orthonormal, preserving the spans of the first 1, 2, … rows; a row that depends on the
 * preceding ones is replaced by a random one. By Cholesky QR, twice (Yamamoto, Nakatsukasa, Yanagisawa and Fukaya
 * 2015), or where that is not sound by Gram–Schmidt, twice. Returns false in the latter case, in which rounding or
 * random rows may have added directions outside the span of B. `rows`: how the columns, one per row of data, are
 * distributed over ranks; default: all are local. O(4k² · cols).
 * @throws INVALID_SHAPE.
 */
export function orthonormaliseRows(B: DenseMatrix, random: Random, rows: SplitRows = inOnePlace(B.cols)): boolean {
  if (B.rows > rows.all) fail('INVALID_SHAPE', `${B.rows} rows of ${B.cols} values cannot be orthonormal.`);
  for (let pass = 0; pass < 2; pass++) {
    const pivot = choleskyPass(B, rows);
    if (pivot === undefined) {
      gramSchmidt(B, random, rows);
      return false;
    }
    if (pivot > NEAR_PIVOT) return true;
  }
  return true;
}

/**
 * B ← L⁻¹B with LLᵀ = BBᵀ. Returns the smallest pivot of the Gram matrix of normalised rows, or undefined, leaving B
 * unchanged, if rows are nearly dependent.
 */
function choleskyPass(B: DenseMatrix, rows: SplitRows): number | undefined {
  const { rows: k, cols: n, arena } = B;
  const gram = DenseMatrix.create(k, k, { arena, fill: false });
  const out = DenseMatrix.create(k, n, { arena, fill: false });
  try {
    rowGram(B, gram, rows);
    const L = gram.data.slice();
    const scale = Float64Array.from({ length: k }, (_, a) => 1 / Math.sqrt(L[a * k + a]));
    if (!scale.every((v) => v > 1e-150 && v < 1e150)) return undefined;
    for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) L[a * k + b] *= scale[a] * scale[b];
    if (!choleskyInPlace(L, k)) return undefined;
    let least = 1;
    for (let a = 0; a < k; a++) least = Math.min(least, L[a * k + a] ** 2);
    if (!(least > SOUND_PIVOT)) return undefined;
    // The inverse of L times the scales: entry (i, j), i ≥ j, at j·k + i. Row i of L begins at i·k.
    const inverse = gram.data.fill(0);
    for (let j = 0; j < k; j++) {
      inverse[j * k + j] = 1 / L[j * k + j];
      for (let i = j + 1; i < k; i++) {
        let sum = 0;
        for (let t = j; t < i; t++) sum += L[i * k + t] * inverse[j * k + t];
        inverse[j * k + i] = -sum / L[i * k + i];
      }
    }
    for (let j = 0; j < k; j++) for (let i = j; i < k; i++) inverse[j * k + i] *= scale[j];
    rowProduct(gram, B, out, rows);
    B.data.set(out.data);
    return least;
  } finally {
    gram.free();
    out.free();
  }
}

function gramSchmidt(B: DenseMatrix, random: Random, rows: SplitRows): void {
  const { rows: k, cols: n, arena } = B;
  const T = DenseMatrix.create(n, k, { arena, fill: false });
  const scratch = arena.scratch();
  try {
    const { kernels } = arena;
    const inner = scratch.f64(k).pointer;
    kernels.transpose(k, n, B.pointer, k, T.pointer, n);
    const sums = new Float64Array(1);
    const norm = (at: number) => {
      rows.sum(sums, (_, from, to, part) => {
        part[0] = kernels.dot(to - from, at + 8 * from, at + 8 * from);
      });
      return Math.sqrt(sums[0]);
    };
    /** Subtracts from v its components along the first a columns. */
    const takeOff = (a: number, v: number) => {
      const room = () => arena.f64.subarray(inner / 8, inner / 8 + a);
      const dots = new Float64Array(a);
      rows.sum(dots, (_, from, to, part) => {
        kernels.gemvT(to - from, a, T.pointer + 8 * from, n, v + 8 * from, inner);
        part.set(room());
      });
      room().set(dots);
      for (const [from, to] of rows.pieces) {
        kernels.gemv(to - from, a, -1, T.pointer + 8 * from, n, inner, 1, v + 8 * from);
      }
    };
    for (let a = 0; a < k; a++) {
      const v = T.pointer + 8 * a * n;
      for (;;) {
        const column = T.column(a);
        // Scaled first, so that squares do not underflow.
        const size = largestOf(
          rows,
          column.reduce((m, x) => Math.max(m, Math.abs(x)), 0),
        );
        if (size > 0) for (let i = 0; i < n; i++) column[i] /= size;
        const before = norm(v);
        for (let pass = 0; pass < 2 && a > 0; pass++) takeOff(a, v);
        const after = norm(v);
        if (after > 1e-13 * before) {
          for (let i = 0; i < n; i++) column[i] /= after;
          break;
        }
        drawNormals(column, random, 1, rows);
      }
      // Removes the rounding error of a nearly dependent row by one more pass.
      if (a > 0) {
        takeOff(a, v);
        const column = T.column(a);
        const length = norm(v);
        for (let i = 0; i < n; i++) column[i] /= length;
      }
    }
    kernels.transpose(n, k, T.pointer, n, B.pointer, k);
  } finally {
    scratch.release();
    T.free();
  }
}
