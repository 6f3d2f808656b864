import { generalSolve, inverseOf, slogdet } from '../ops/elimination.ts';
import { triangularSolve } from '../ops/linalg.ts';
import { sum } from '../ops/reductions.ts';
import { reshape, slice } from '../ops/views.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

export { eigh, qr, svd } from '../ops/decompositions.ts';
export { slogdet } from '../ops/elimination.ts';
export { expm } from '../ops/expm.ts';
export { cholesky } from '../ops/linalg.ts';

/**
 * Solves L·x = b for lower triangular L […, n, n] and b […, n, m] or [n]; Lᵀ·x = b with `transposed`. Entries above the
 * diagonal are not read. O(n²m) each.
 * @throws INVALID_SHAPE if shapes do not match.
 */
export const solveTriangular = (L: Tensor, b: Tensor, transposed = false): Tensor =>
  triangularSolve(o, L, b, transposed);

/**
 * Solves A·x = b for A […, n, n] and b […, n, m] or [n] by LU with partial pivoting. O(n³ + n²m) each.
 * @throws INVALID_SHAPE if shapes do not match; SINGULAR, at run time, if A is singular.
 */
export const solve = (a: Tensor, b: Tensor): Tensor => generalSolve(o, a, b);

/** Diagonals […, n] of matrices […, n, n]: a view if contiguous. */
export function diagonal(a: Tensor): Tensor {
  const n = a.shape.at(-1)!;
  const flat = reshape(a, [...a.shape.slice(0, -2), n * n]);
  return slice(flat, ...a.shape.slice(0, -2).map(() => undefined), [0, undefined, n + 1]);
}

/** log det A from the Cholesky factor of a positive definite A: twice the sum of the logarithms of its diagonal. */
export const logDetOfFactor = (L: Tensor): Tensor => o.mul(sum(o.log(diagonal(L)), -1), 2);

/**
 * A⁻¹ of square matrices; for solving systems, {@link solve} is faster and more accurate. O(n³) each.
 * @throws INVALID_SHAPE unless square; SINGULAR, at run time, for a singular matrix.
 */
export const inverse = (a: Tensor): Tensor => inverseOf(o, a);

/**
 * log |det A| of square matrices; for positive definite ones {@link logDetOfFactor} costs half. O(n³) each.
 * @throws INVALID_SHAPE unless square; NON_FINITE, at run time.
 */
export const logDet = (a: Tensor): Tensor => slogdet(a)[1];
