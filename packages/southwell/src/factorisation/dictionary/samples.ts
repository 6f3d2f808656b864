import { asMatrix, checkFinite, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';

/**
 * A dense copy of samples by rows, which the caller frees. O(values).
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE.
 */
export function denseSamples(input: MatrixLike, cols?: number, what = 'The samples'): DenseMatrix {
  const X = asMatrix(input);
  if (X.rows === 0) fail('EMPTY', `${what} have no rows: give at least one sample.`);
  if (X.cols === 0) fail('EMPTY', `${what} have no columns.`);
  if (cols !== undefined && X.cols !== cols) {
    fail('INVALID_SHAPE', `${what} have ${X.cols} columns, but must have ${cols}.`);
  }
  checkFinite(X, what);
  return X.kind === 'dense' ? DenseMatrix.fromColumnMajor(X.data, X.rows, X.cols) : X.toDense();
}

/** A matrix with a copy of column-major values, in the arena of another matrix so that the two may be multiplied. */
export function besides(other: DenseMatrix, values: ArrayLike<number>, rows: number, cols: number): DenseMatrix {
  const matrix = DenseMatrix.create(rows, cols, { fill: false, arena: other.arena });
  matrix.data.set(values);
  return matrix;
}
