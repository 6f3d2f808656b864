import { type Arena, arenaFor, type DenseKernels, gemmWorkBytes } from '@southwell/kernels';
import { DenseMatrix } from '../../arrays/index.ts';
import { fail } from '../../core/index.ts';

/** A right-hand side: one vector, or a matrix of several in its columns. */
export type Vectors = Float64Array | DenseMatrix;

/** @throws INVALID_SHAPE for what is no dense matrix. */
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
 * The largest size of an entry; of the lower triangle alone with `lower`, the rest not being read. O(mn).
 * @throws NON_FINITE, with the place.
 */
export function largestEntry(A: DenseMatrix, lower = false): number {
  const { rows, cols, data } = A;
  let most = 0;
  let probe = 0;
  for (let j = 0; j < cols; j++) {
    const end = (j + 1) * rows;
    for (let k = j * rows + (lower ? j : 0); k < end; k++) {
      const v = Math.abs(data[k]);
      // Zero exactly when all are finite.
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
          `The matrix holds ${value} in row ${i + 1}, column ${j + 1}. Take out or fill in what is missing.`,
        );
      }
    }
  }
  return most;
}

/** Sizes between which squares of entries and sums of them are far from both ends of the range. */
const [SMALL, LARGE] = [2 ** -400, 2 ** 400];

/** The power of two by which a matrix with entries of at most `most` is multiplied first; 1 for all but extreme ones. */
export function safeScale(most: number): number {
  if (most === 0 || (most >= SMALL && most <= LARGE)) return 1;
  let scale = 1;
  for (let v = most; v > 1; v /= 2) scale /= 2;
  for (let v = most; v < 0.5 && scale < 2 ** 1000; v *= 2) scale *= 2;
  return scale;
}

/** A copy to be factored, with `beside` more doubles expected in its memory. */
export function copyForFactor(A: DenseMatrix, beside = 0): DenseMatrix {
  const copy = DenseMatrix.create(A.rows, A.cols, { fill: false, arena: arenaFor(8 * (A.rows * A.cols + beside)) });
  copy.data.set(A.data);
  return copy;
}

/**
 * The same matrices, large ones in memory that is no larger than they are: that of their making, which never shrinks, had
 * room for scratch.
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

/** Bytes of scratch for products and triangular solves with matrices of at most these sides. */
export function workBytes(m: number, n: number, k = Math.max(m, n)): number {
  return gemmWorkBytes(m, n, k) + 8448;
}

/** A leading dimension that libraries take. */
export const leading = (rows: number): number => Math.max(rows, 1);

/** What a solve works on: `count` columns of `rows` values from `pointer` on, and how they become the answer. */
export interface Columns {
  readonly pointer: number;
  readonly count: number;
  readonly work: number;
  readonly kernels: DenseKernels;
}

/**
 * Copies right-hand sides of `rows` values into the memory of a factor, lets `run` change them, and gives back the first
 * `out` values of each in the shape in which they came.
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
    fail('INVALID_SHAPE', `The right-hand side has ${given} rows, but the matrix asks for ${rows}.`);
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

/** Columns of an inverse that are found together. */
const TOGETHER = 128;

/** L⁻¹ in the memory of L, a lower triangle, with `unit` of ones on the diagonal; nothing is done above its diagonal. O(n³/3). */
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
