import { svd } from '../ops/decompositions.ts';
import { where } from '../ops/elementwise.ts';
import { generalSolve, inverseOf, slogdet } from '../ops/elimination.ts';
import { leastSquares } from '../ops/leastSquares.ts';
import { triangularSolve } from '../ops/linalg.ts';
import { matrices, square } from '../ops/matrices.ts';
import { max, sum } from '../ops/reductions.ts';
import { expandDims, reshape, slice } from '../ops/views.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';
import { customVjp } from '../transforms/custom.ts';

export { eigh, qr, svd } from '../ops/decompositions.ts';
export { slogdet } from '../ops/elimination.ts';
export { expm } from '../ops/expm.ts';
export { cholesky } from '../ops/linalg.ts';
export { lu } from '../ops/lu.ts';

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
  square('diagonal', a);
  const n = a.shape.at(-1)!;
  const flat = reshape(a, [...a.shape.slice(0, -2), n * n]);
  return slice(flat, ...a.shape.slice(0, -2).map(() => undefined), [0, undefined, n + 1]);
}

/** log det A from the Cholesky factor of a positive definite A: twice the sum of the logarithms of its diagonal. */
export function logDetOfFactor(L: Tensor): Tensor {
  square('logDetOfFactor', L);
  return o.mul(sum(o.log(diagonal(L)), -1), 2);
}

/**
 * A⁻¹ of square matrices; for solving systems, {@link solve} is faster and more accurate. O(n³) each.
 * @throws INVALID_SHAPE unless square; SINGULAR, at run time, for a singular matrix.
 */
export const inverse = (a: Tensor): Tensor => inverseOf(o, a);

/**
 * log |det A| of square matrices; for positive definite ones {@link logDetOfFactor} costs half. O(n³) each.
 * @throws INVALID_SHAPE unless square; NON_FINITE, at run time.
 */
export function logDet(a: Tensor): Tensor {
  square('logDet', a);
  return slogdet(a)[1];
}

/**
 * The x of least squares ‖A·x − b‖ for A […, m, n] and b […, m, k] or [m]: of all solutions, that of least norm. By QR, or,
 * where columns (or rows) depend linearly, by a complete orthogonal factorisation, in which pivots below the largest times
 * max(m, n) ulps count as 0. The derivative is that at constant rank. O(mn·min(m, n)) each.
 * @throws INVALID_SHAPE if shapes do not match; NON_FINITE, at run time.
 */
export const lstsq = (a: Tensor, b: Tensor): Tensor => leastSquares(o, a, b);

/** The inverse of the non-zero singular values, and the vectors. */
function pseudoinverse(a: Tensor): Tensor {
  const [U, s, V] = svd(a);
  const largest = a.shape.slice(-2).reduce((p, q) => Math.max(p, q));
  const limit = o.mul(max(s, -1, true), largest * (a.dtype === 'f64' ? 2 ** -52 : 2 ** -23));
  const kept = o.less(limit, s);
  const inverted = where(kept, o.div(1, where(kept, s, 1)), 0);
  return o.matmul(o.mul(V, expandDims(inverted, -2)), o.turned(U));
}

const differentiable = customVjp(pseudoinverse, (g, [a], P) => {
  // Golub and Pereyra 1973, transposed: the projections off the range and off the row space of A.
  const [gt, Pt] = [o.turned(g), o.turned(P)];
  const offRange = (t: Tensor): Tensor => o.sub(t, o.matmul(a, o.matmul(P, t)));
  const offRows = (t: Tensor): Tensor => o.sub(t, o.matmul(o.matmul(t, P), a));
  const inner = o.neg(o.matmul(o.matmul(Pt, g), Pt));
  const outer = o.add(o.matmul(o.matmul(offRange(gt), P), Pt), o.matmul(Pt, o.matmul(P, offRows(gt))));
  return [o.add(inner, outer)];
});

/**
 * The Moore–Penrose pseudoinverse […, n, m] of matrices […, m, n], by the SVD; singular values below the largest times
 * max(m, n) ulps count as 0. The derivative is that at constant rank. O(mn·min(m, n)) each.
 * @throws INVALID_SHAPE unless matrices; NON_FINITE, at run time.
 */
export function pinv(a: Tensor): Tensor {
  matrices('pinv', a);
  return differentiable(a);
}
