import { fail } from '../core/index.ts';
import { ColumnParts } from './columnParts.ts';
import { CscMatrix, type SharedCsc } from './csc.ts';
import { DenseMatrix, type SharedDense } from './dense.ts';

export type Matrix = DenseMatrix | CscMatrix;

/** Accepted matrix input; anything but a Matrix is copied into kernel memory once. */
export type MatrixLike =
  | Matrix
  | ReadonlyArray<ArrayLike<number>>
  | {
      readonly data: ArrayLike<number>;
      readonly rows: number;
      readonly cols: number;
      readonly order?: 'row' | 'column';
    };

/** A local matrix, or one whose columns are distributed over ranks. */
export type AnyMatrix = Matrix | ColumnParts;
export type AnyMatrixLike = MatrixLike | ColumnParts;

/**
 * The matrix itself, or a copy of an array of rows or of a flat array (row-major unless `order: 'column'`).
 * @throws INVALID_SHAPE.
 */
export function asMatrix(input: MatrixLike): Matrix;
/** @throws INVALID_SHAPE. */
export function asMatrix(input: AnyMatrixLike): AnyMatrix;
/** @throws INVALID_SHAPE. */
export function asMatrix(input: AnyMatrixLike): AnyMatrix {
  if (input instanceof ColumnParts) return input;
  if (input instanceof DenseMatrix || input instanceof CscMatrix) return input;
  if (Array.isArray(input)) return DenseMatrix.fromRows(input as ReadonlyArray<ArrayLike<number>>);
  const flat = input as { data: ArrayLike<number>; rows: number; cols: number; order?: 'row' | 'column' };
  if (flat === null || typeof flat !== 'object' || flat.data === undefined) {
    fail('INVALID_SHAPE', 'Give a matrix: a DenseMatrix, a CscMatrix, an array of rows, or { data, rows, cols }.');
  }
  return flat.order === 'column'
    ? DenseMatrix.fromColumnMajor(flat.data, flat.rows, flat.cols)
    : DenseMatrix.fromRowMajor(flat.data, flat.rows, flat.cols);
}

/**
 * O(values).
 * @param before Number of rows before those of this matrix, added to the row number in the message.
 * @throws NON_FINITE, naming row and column, if a value is NaN or infinite.
 */
export function checkFinite(matrix: AnyMatrix, what = 'X', before = 0): void {
  if (matrix.kind === 'parts') checkOwn(matrix.own, what, before, matrix.first);
  else checkOwn(matrix, what, before, 0);
}

/** `left`: number of columns before those of this matrix. */
function checkOwn(matrix: Matrix, what: string, before: number, left: number): void {
  const values = matrix.kind === 'dense' ? matrix.data : matrix.values;
  const pointer = matrix.kind === 'dense' ? matrix.pointer : matrix.pointers.values;
  if (matrix.arena.kernels.dot(values.length, pointer, pointer) < Number.POSITIVE_INFINITY) return;
  // Squares may overflow, so the dot product alone does not decide. The sum of x·0 is 0 if and only if all values are
  // finite: one pass without a branch per value.
  let probe = 0;
  for (let k = 0; k < values.length; k++) probe += values[k] * 0;
  if (probe === 0) return;
  const k = values.findIndex((v) => !Number.isFinite(v));
  const { colPointers, rowIndices } =
    matrix.kind === 'dense' ? { colPointers: undefined, rowIndices: undefined } : matrix;
  const i = rowIndices ? rowIndices[k] : k % matrix.rows;
  const j = colPointers ? colPointers.findIndex((_, c) => colPointers[c + 1] > k) : Math.floor(k / matrix.rows);
  fail(
    'NON_FINITE',
    `${what} holds ${values[k]} in row ${before + i + 1}, column ${left + j + 1}. Remove or impute such rows before fitting.`,
  );
}

export type SharedMatrix = SharedDense | SharedCsc;

/** Opens a matrix shared by another thread with `share()`. */
export function attachMatrix(shared: SharedMatrix): Matrix {
  return shared.kind === 'dense' ? DenseMatrix.attach(shared) : CscMatrix.attach(shared);
}
