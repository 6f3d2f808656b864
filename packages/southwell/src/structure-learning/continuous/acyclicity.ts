import { DenseMatrix } from '@southwell/numerics/arrays';
import { invertMMatrix, nonnegativeExponential } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';

/**
 * h(W; s) = −log det(sI − W∘W) + d log s, zero exactly for acyclic W where the spectral radius of W∘W is below s
 * (Bello, Aragam & Ravikumar, DAGMA, NeurIPS 2022). Infinite outside. W[i, j] is the weight of i → j. O(2d³).
 */
export function logDetAcyclicity(W: DenseMatrix, s = 1): { readonly h: number; readonly gradient: DenseMatrix } {
  const M = DenseMatrix.create(W.rows, W.cols, { fill: false, arena: W.arena });
  const h = logDetInto(W, s, M);
  const gradient = DenseMatrix.create(W.rows, W.cols, { arena: W.arena });
  addPenaltyGradients(W, M, gradient);
  M.free();
  return { h, gradient };
}

/** M ← (sI − W∘W)⁻¹; returns h, or infinity where sI − W∘W is not an M-matrix (the content of M is then undefined). */
export function logDetInto(W: DenseMatrix, s: number, M: DenseMatrix): number {
  const d = W.rows;
  W.arena.kernels.squares(d * d, -1, W.pointer, M.pointer);
  const m = M.data;
  for (let j = 0; j < d; j++) m[j * d + j] += s;
  const logDet = invertMMatrix(M);
  return Number.isNaN(logDet) ? Number.POSITIVE_INFINITY : d * elementary.log(s) - logDet;
}

/**
 * G ← G + weight · sgn(W) + factor · 2W ∘ Eᵀ: the gradient of weight · ‖W‖₁ + factor · h, where E is (sI − W∘W)⁻¹ or
 * e^(W∘W).
 */
export function addPenaltyGradients(
  W: DenseMatrix,
  E: DenseMatrix,
  G: DenseMatrix,
  { weight = 0, factor = 1 }: { readonly weight?: number; readonly factor?: number } = {},
): void {
  W.arena.kernels.addSignsAndTransposed(W.rows, weight, 2 * factor, W.pointer, E.pointer, G.pointer);
}

/** h(W) = tr e^(W∘W) − d (Zheng et al., NOTEARS, NeurIPS 2018), zero exactly for acyclic W. O(20d³). */
export function exponentialAcyclicity(W: DenseMatrix): { readonly h: number; readonly gradient: DenseMatrix } {
  const d = W.rows;
  const make = () => DenseMatrix.create(d, d, { fill: false, arena: W.arena });
  const [squares, E, spare, gradient] = [make(), make(), make(), make()];
  const h = exponentialInto(W, squares, E, spare);
  gradient.data.fill(0);
  addPenaltyGradients(W, E, gradient);
  for (const matrix of [squares, E, spare]) matrix.free();
  return { h, gradient };
}

/** E ← e^(W∘W); returns h. */
export function exponentialInto(W: DenseMatrix, squares: DenseMatrix, E: DenseMatrix, spare: DenseMatrix): number {
  const d = W.rows;
  W.arena.kernels.squares(d * d, 1, W.pointer, squares.pointer);
  nonnegativeExponential(squares, E, spare);
  let h = -d;
  for (let j = 0; j < d; j++) h += E.data[j * d + j];
  return h;
}
