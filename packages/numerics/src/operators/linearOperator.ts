import { asMatrix, checkFinite, type Matrix, type MatrixLike } from '../arrays/index.ts';
import { multiply, multiplyTransposed } from '../linalg/index.ts';

/**
 * Anything that acts like a matrix, for methods that need products only. Lengths are not checked at each product. x and
 * y are never the same array.
 */
export interface LinearOperator {
  readonly rows: number;
  readonly cols: number;
  /** The arena in which vectors are multiplied without a copy, if any. */
  readonly arena?: Matrix['arena'];
  /** y ← Ax: x of `cols` values, y of `rows`. */
  apply(x: Float64Array, y: Float64Array): void;
  /** y ← Aᵀx, if available. */
  applyTransposed?(x: Float64Array, y: Float64Array): void;
}

/** An approximate inverse M⁻¹ of a square matrix. */
export interface Preconditioner {
  readonly size: number;
  /** The arena in which vectors are accepted without a copy, if any. */
  readonly arena?: Matrix['arena'];
  /** z ← M⁻¹r. r is not modified and is never the same array as z. */
  apply(r: Float64Array, z: Float64Array): void;
  /** z ← M⁻ᵀr, if available; not needed by symmetric preconditioners. */
  applyTransposed?(r: Float64Array, z: Float64Array): void;
  /** Whether it is symmetric positive definite, as CG and MINRES require. */
  readonly symmetric: boolean;
}

/** Whether A is an operator rather than a matrix. */
export function isOperator(A: MatrixLike | LinearOperator): A is LinearOperator {
  return typeof (A as LinearOperator).apply === 'function';
}

/**
 * The operator itself, or an operator that multiplies by a matrix, which is checked for non-finite values. O(entries).
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function asOperator(A: MatrixLike | LinearOperator): LinearOperator {
  if (isOperator(A)) return A;
  const matrix = asMatrix(A);
  checkFinite(matrix, 'A');
  return {
    rows: matrix.rows,
    cols: matrix.cols,
    arena: matrix.arena,
    apply: (x, y) => multiply(matrix, x, y),
    applyTransposed: (x, y) => multiplyTransposed(matrix, x, y),
  };
}
