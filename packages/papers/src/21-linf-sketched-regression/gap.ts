import { DenseMatrix } from '@southwell/numerics/arrays';
import type { Random } from '@southwell/numerics/core';

export const RHO = 1 / 20;
export const ALPHA = 1 / 20;

/**
 * SᵀS of the counterexample: [[B, αv], [αvᵀ, 1]] with B = I − ρ(e₁vᵀ + ve₁ᵀ) and v random on the unit sphere of e₂ …
 * e_d. Its last column depends on the direction that its inverse rotates towards e₁.
 */
export function gapMatrix(
  d: number,
  random: Random,
  alpha = ALPHA,
): { readonly M: DenseMatrix; readonly v: Float64Array } {
  const v = new Float64Array(d);
  for (let j = 1; j < d; j++) v[j] = random.normal();
  const size = Math.sqrt(v.reduce((s, t) => s + t * t, 0));
  for (let j = 1; j < d; j++) v[j] /= size;
  const M = DenseMatrix.create(d + 1, d + 1);
  for (let j = 0; j <= d; j++) M.set(j, j, 1);
  for (let j = 1; j < d; j++) {
    for (const [a, b] of [
      [0, j],
      [j, 0],
    ]) {
      M.set(a, b, -RHO * v[j]);
    }
    M.set(j, d, alpha * v[j]);
    M.set(d, j, alpha * v[j]);
  }
  return { M, v };
}

/** Diagonals applied before the transform: normal weights, as in P·H·diag(γ). */
export function normalWeights(n: number, random: Random): Float64Array {
  return Float64Array.from({ length: n }, () => random.normal());
}
