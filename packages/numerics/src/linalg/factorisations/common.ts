import { type Arena, arenaFor, type DenseKernels, gemmWorkBytes } from '@southwell/kernels';
import { DenseMatrix } from '../../arrays/index.ts';
import { fail } from '../../core/index.ts';

/** A right-hand side: one vector, or a matrix whose columns are several. */
export type Vectors = Float64Array | DenseMatrix;

/** @throws INVALID_SHAPE unless A is a dense matrix. */
export function checkDense(A: DenseMatrix, what: string): void {
  if (!(A instanceof DenseMatrix)) {
    fail('INVALID_SHAPE', `${what} takes a DenseMatrix; DenseMatrix.fromRows(rows) makes one.`);
  }
}

/** @throws INVALID_SHAPE. */
export function checkSquare(A: DenseMatrix, what: string): number {
  checkDense(A, what);
  if (A.rows !== A.cols) {
    fail('INVALID_SHAPE', `${what} takes a square matrix, not ${A.rows} × ${A.cols}; for others there are qr and svd.`);
  }
  return A.rows;
}

/**
 * The largest absolute value of an entry; with `lower`, only the lower triangle is read. O(mn).
 * @throws NON_FINITE, naming row and column.
 */
export function largestEntry(A: DenseMatrix, lower = false): number {
  const { rows, cols, data } = A;
  let most = 0;
  let probe = 0;
  for (let j = 0; j < cols; j++) {
    const end = (j + 1) * rows;
    for (let k = j * rows + (lower ? j : 0); k < end; k++) {
      const v = Math.abs(data[k]);
      // Stays zero if and only if all values are finite.
      probe += v * 0;
      if (v > most) most = v;
    }
  }
  if (probe === 0) return most;
  for (let j = 0; j < cols; j++) {
    for (let i = lower ? j : 0; i < rows; i++) {
      const value = data[j * rows + i];
      if (!Number.isFinite(value)) {
        fail(
          'NON_FINITE',
          `The matrix holds ${value} in row ${i + 1}, column ${j + 1}. Remove or impute missing values.`,
        );
      }
    }
  }
  return most;
}

/** Magnitudes between which squares of entries and their sums are safe from overflow and underflow. */
const [SMALL, LARGE] = [2 ** -400, 2 ** 400];

/**
 * The power of two by which a matrix with entries of at most `most` is scaled before factorisation; 1 except for
 * extreme magnitudes.
 */
export function safeScale(most: number): number {
  if (most === 0 || (most >= SMALL && most <= LARGE)) return 1;
  let scale = 1;
  for (let v = most; v > 1; v /= 2) scale /= 2;
  for (let v = most; v < 0.5 && scale < 2 ** 1000; v *= 2) scale *= 2;
  return scale;
}

/** A copy to be factorised, in an arena with room for `beside` further doubles. */
export function copyForFactor(A: DenseMatrix, beside = 0): DenseMatrix {
  const copy = DenseMatrix.create(A.rows, A.cols, { fill: false, arena: arenaFor(8 * (A.rows * A.cols + beside)) });
  copy.data.set(A.data);
  return copy;
}

/**
 * Copies large matrices to an arena of their own size if the arena in which they were computed is larger because of
 * scratch space; memory never shrinks. Frees the originals.
 */
export function settle(matrices: readonly DenseMatrix[]): DenseMatrix[] {
  const bytes = matrices.reduce((sum, { rows, cols }) => sum + 8 * rows * cols, 0);
  const arena = arenaFor(bytes);
  if (matrices.some((M) => M.arena === arena || M.arena.capacityBytes < 1.25 * bytes)) return [...matrices];
  return matrices.map((M) => {
    const { rows, cols } = M;
    const copy = DenseMatrix.create(rows, cols, { fill: false, arena });
    copy.data.set(M.data);
    M.free();
    return copy;
  });
}

/** Bytes of scratch for products and triangular solves of matrices with at most these dimensions. */
export function workBytes(m: number, n: number, k = Math.max(m, n)): number {
  return gemmWorkBytes(m, n, k) + 8448;
}

/** A leading dimension that BLAS and LAPACK accept. */
export const leading = (rows: number): number => Math.max(rows, 1);

/**
 * The workspace of a solve: `count` columns of `rows` values beginning at `pointer`, and how they become the result.
 */
export interface Columns {
  readonly pointer: number;
  readonly count: number;
  readonly work: number;
  readonly kernels: DenseKernels;
}

/**
 * Copies right-hand sides of `rows` values to the memory of a factor, lets `run` transform them, and returns the first
 * `out` values of each in the form of the input.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function onColumns<T extends Vectors>(
  arena: Arena,
  B: T,
  rows: number,
  out: number,
  run: (columns: Columns) => void,
): T {
  if (!(B instanceof Float64Array || B instanceof DenseMatrix)) {
    fail('INVALID_SHAPE', 'A right-hand side is a Float64Array, or a DenseMatrix of several in its columns.');
  }
  const single = B instanceof Float64Array;
  const given = single ? B.length : B.rows;
  if (given !== rows) {
    fail('INVALID_SHAPE', `The right-hand side has ${given} rows, but must have ${rows}.`);
  }
  const count = single ? 1 : B.cols;
  const values = single ? (B as Float64Array) : (B as DenseMatrix).data;
  const bad = values.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) {
    fail(
      'NON_FINITE',
      `The right-hand side holds ${values[bad]} in row ${(bad % rows) + 1}. Solves need finite values.`,
    );
  }
  const height = Math.max(rows, out);
  const result = single ? undefined : DenseMatrix.create(out, count, { fill: false });
  const scratch = arena.scratch();
  try {
    const block = scratch.f64(height * count);
    const work = scratch.f64(workBytes(height, Math.max(count, 1), height) / 8).pointer;
    const source = single ? (B as Float64Array) : (B as DenseMatrix).data;
    const { view } = block;
    for (let c = 0; c < count; c++) {
      view.set(source.subarray(c * rows, (c + 1) * rows), c * height);
      view.fill(0, c * height + rows, (c + 1) * height);
    }
    run({ pointer: block.pointer, count, work, kernels: arena.kernels });
    const after = block.view;
    if (result === undefined) return after.slice(0, out) as T;
    for (let c = 0; c < count; c++) result.column(c).set(after.subarray(c * height, c * height + out));
    return result as T;
  } finally {
    scratch.release();
  }
}

/** Columns of an inverse computed at a time. */
const TOGETHER = 128;

/**
 * L⁻¹ in place for a lower triangular L, with an implicit unit diagonal if `unit`; entries above the diagonal are not
 * touched. O(n³/3).
 */
export function invertLower({ rows: n, pointer, arena }: DenseMatrix, unit: boolean, work: number): DenseMatrix {
  const X = DenseMatrix.create(n, n, { arena });
  const { data } = X;
  for (let j = 0; j < n; j++) data[j * (n + 1)] = 1;
  for (let j = 0; j < n; j += TOGETHER) {
    const [rows, cols, at] = [n - j, Math.min(TOGETHER, n - j), 8 * j * (n + 1)];
    arena.kernels.triangularSolve(false, true, false, unit, rows, cols, pointer + at, n, X.pointer + at, n, work);
  }
  return X;
}
