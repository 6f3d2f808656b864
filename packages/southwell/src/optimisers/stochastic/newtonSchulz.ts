import { type Arena, arenaFor, denseKernels, gemmWorkBytes } from '@southwell/kernels';
import { networkKernels } from '@southwell/kernels/networks';
import { asMatrix, checkFinite, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { wholeNumber } from '@southwell/numerics/core';

/** The published coefficients of a step: singular values converge to between 0.7 and 1.2, small ones fast. */
const [A, B, C] = [3.4445, -4.775, 2.0315];

/** @internal Rounds up to a multiple of 64, so that blocks of scratch begin at cache lines. */
export const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** @internal Address of a block in kernel memory, and its precision. */
export interface Place {
  readonly arena: Arena;
  readonly bytes: number;
  readonly single: boolean;
}

/**
 * @internal Bytes that {@link newtonSchulzInPlace} needs: another matrix, two squares, and the workspace of products.
 */
export function newtonSchulzBytes(m: number, n: number, bytes: number): number {
  return align(m * n * bytes) + 2 * align(Math.min(m, n) ** 2 * bytes) + gemmWorkBytes(m, n, Math.max(m, n));
}

/**
 * Divides the column-major m × n matrix at X by its Frobenius norm plus `guard`, then applies X ← X(aI + bXᵀX +
 * c(XᵀX)²) that many times. O(iterations·(4mn² + 2n³)) for n ≤ m.
 * @internal
 */
export function newtonSchulzInPlace(
  { arena, bytes, single }: Place,
  m: number,
  n: number,
  at: number,
  room: number,
  iterations: number,
  guard: number,
): void {
  const kernels = arena.use(denseKernels, networkKernels);
  const gemm = single ? kernels.sgemm : kernels.gemm;
  const heap = single ? arena.f32 : arena.f64;
  const wide = m <= n;
  const k = wide ? m : n;
  const P = room + align(m * n * bytes);
  const Q = P + align(k * k * bytes);
  const work = Q + align(k * k * bytes);
  let [X, Y] = [at, room];
  const norm = Math.sqrt(single ? kernels.ssumOfSquares(m * n, X) : kernels.sumOfSquares(m * n, X));
  const unit = 1 / (norm + guard);
  if (single) kernels.ssgdStep(m * n, 0, 0, 0, unit, false, X, 0, X);
  else kernels.sgdStep(m * n, 0, 0, 0, unit, false, X, 0, X);
  const copy = (from: number, to: number, count: number) =>
    heap.copyWithin(to / bytes, from / bytes, from / bytes + count);
  for (let t = 0; t < iterations; t++) {
    // P = XXᵀ (or XᵀX), Q = bP + cP², Y = aX + QX (or aX + XQ).
    if (wide) gemm(false, true, m, m, n, 1, X, m, X, m, 0, P, m, work);
    else gemm(true, false, n, n, m, 1, X, m, X, m, 0, P, n, work);
    copy(P, Q, k * k);
    gemm(false, false, k, k, k, C, P, k, P, k, B, Q, k, work);
    copy(X, Y, m * n);
    if (wide) gemm(false, false, m, n, m, 1, Q, m, X, m, A, Y, m, work);
    else gemm(false, false, m, n, n, 1, X, m, Q, n, A, Y, m, work);
    [X, Y] = [Y, X];
  }
  if (X !== at) copy(X, at, m * n);
}

/**
 * Approximate orthogonal polar factor of a matrix by Newton–Schulz iterations with Muon's quintic (Jordan et al. 2024).
 * Singular vectors are preserved, and after five steps the singular values that were within a factor of about 100 of
 * the largest are about 0.7 to 1.2. A zero matrix remains zero. In double precision. O(steps·(4mn² + 2n³)) for n ≤ m.
 *
 * @example const O = newtonSchulz([[3, 0], [0, 1]]);
 * @throws INVALID_SHAPE, NON_FINITE; INVALID_PARAMETER unless steps is a whole number from 1 to 100.
 */
export function newtonSchulz(G: MatrixLike, steps = 5): DenseMatrix {
  wholeNumber('steps', steps, 1, 100);
  const given = asMatrix(G);
  checkFinite(given);
  const dense = given.kind === 'dense' ? given : given.toDense();
  const { rows: m, cols: n } = dense;
  if (m * n === 0) return DenseMatrix.create(m, n);
  const whole = align(8 * m * n);
  const arena = arenaFor(whole + newtonSchulzBytes(m, n, 8));
  const block = arena.f64Block(Math.ceil((whole + newtonSchulzBytes(m, n, 8)) / 8));
  try {
    // Normalised, as squares of very large or small numbers would overflow or underflow: only directions matter.
    const most = dense.data.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
    block.view.set(dense.data.map((v) => v / (most || 1)));
    newtonSchulzInPlace({ arena, bytes: 8, single: false }, m, n, block.pointer, block.pointer + whole, steps, 1e-7);
    return DenseMatrix.fromColumnMajor(block.view.slice(0, m * n), m, n);
  } finally {
    block.free();
  }
}
