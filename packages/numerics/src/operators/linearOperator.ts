import { asMatrix, checkFinite, type Matrix, type MatrixLike } from '../arrays/index.ts';
import { multiply, multiplyTransposed } from '../linalg/index.ts';

/**
 * Anything that acts like a matrix: what methods that only need products take. Lengths are not checked at each product.
 * x and y are never the same array.
 */
export interface LinearOperator {
  readonly rows: number;
  readonly cols: number;
  /** Where vectors are multiplied without a copy, if anywhere. */
  readonly arena?: Matrix['arena'];
  /** y ← Ax: x of `cols` values, y of `rows`. */
  apply(x: Float64Array, y: Float64Array): void;
  /** y ← Aᵀx, where it is known. */
  applyTransposed?(x: Float64Array, y: Float64Array): void;
}

/** An approximate inverse M⁻¹ of a square matrix. */
export interface Preconditioner {
  readonly size: number;
  /** Where vectors are taken without a copy, if anywhere. */
  readonly arena?: Matrix['arena'];
  /** z ← M⁻¹r. r is left as it is, and is never z itself. */
  apply(r: Float64Array, z: Float64Array): void;
  /** z ← M⁻ᵀr, where it is known; a symmetric one needs none. */
  applyTransposed?(r: Float64Array, z: Float64Array): void;
  /** Symmetric positive definite: what CG and MINRES ask for. */
  readonly symmetric: boolean;
}

/** Whether it is an operator already, and no matrix. */
export function isOperator(A: MatrixLike | LinearOperator): A is LinearOperator {
  return typeof (A as LinearOperator).apply === 'function';
}

/**
 * The operator itself, or the products of a matrix, which is checked for values that are not finite. O(entries).
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
