import { asMatrix, CscMatrix, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { multiply, multiplyTransposed } from '@southwell/numerics/linalg';

/** The matrix itself, or a dense one without its zeros. */
export function asSparse(given: MatrixLike): CscMatrix {
  const matrix = asMatrix(given);
  if (!(matrix instanceof DenseMatrix)) return matrix;
  const sparse = CscMatrix.fromDense(matrix);
  if (matrix !== given) matrix.free();
  return sparse;
}

/** A copy of b, checked. @throws INVALID_SHAPE, NON_FINITE. */
export function rightHandSide(b: ArrayLike<number>, rows: number): Float64Array {
  if (b === null || typeof b !== 'object' || typeof b.length !== 'number') {
    fail('INVALID_SHAPE', 'The right-hand side is an array of numbers.');
  }
  if (b.length !== rows) {
    fail('INVALID_SHAPE', `The right-hand side has ${b.length} values, and the matrix ${rows} rows.`);
  }
  const right = Float64Array.from(b);
  const bad = right.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) fail('NON_FINITE', `The right-hand side holds ${right[bad]} in row ${bad + 1}.`);
  return right;
}

/** ‖b − Ax‖/‖b‖, and ‖Aᵀr‖/(‖A‖‖r‖), safe from overflow by scaling to the largest. */
export function residualsOf(A: CscMatrix, x: Float64Array, b: Float64Array): { residual: number; normal: number } {
  const r = new Float64Array(A.rows);
  multiply(A, x, r);
  for (let i = 0; i < r.length; i++) r[i] = b[i] - r[i];
  const size = norm(r);
  if (size === 0) return { residual: 0, normal: 0 };
  const unit = r.map((v) => v / size);
  const back = new Float64Array(A.cols);
  multiplyTransposed(A, unit, back);
  const all = norm(A.values);
  const right = norm(b);
  return { residual: right > 0 ? size / right : size, normal: all > 0 ? norm(back) / all : 0 };
}

function norm(v: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < v.length; i++) largest = Math.max(largest, Math.abs(v[i]));
  if (!(largest > 0) || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += (v[i] / largest) ** 2;
  return largest * Math.sqrt(sum);
}
