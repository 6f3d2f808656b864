import { choleskyInPlace, choleskySolveInPlace } from '@southwell/numerics/linalg';
import type { Factor } from './mttkrp.ts';

/** Maximum number of unknowns for which Gauss–Newton steps are worth their cost. */
export const FEW_UNKNOWNS = 300;

/** The data of a Gauss–Newton step. */
export interface Linearised {
  readonly shape: readonly number[];
  readonly rank: number;
  readonly factors: readonly Factor[];
  /** Aₖᵀ Aₖ of every factor. */
  readonly grams: readonly Float64Array[];
  /** Gradient of half the squared residual with respect to all factors, concatenated. */
  readonly gradient: Float64Array;
}

/** Elementwise product of the Gram matrices of all modes except some. */
function productOf(grams: readonly Float64Array[], without: readonly number[]): Float64Array {
  const out = new Float64Array(grams[0].length).fill(1);
  for (const [k, gram] of grams.entries())
    if (!without.includes(k)) for (let e = 0; e < out.length; e++) out[e] *= gram[e];
  return out;
}

/**
 * (JᵀJ + damping)⁻¹ times the gradient, with JᵀJ from small matrices only (Phan, Tichavský and Cichocki 2013; Tomasi
 * and Bro 2006): alternating sweeps need thousands of rounds if components are nearly collinear. The damping is
 * relative to the largest curvature. Undefined if a pivot is not positive due to rounding. O(unknowns³).
 */
export function dampedStep(
  { shape, rank: r, factors, grams, gradient }: Linearised,
  damping: number,
): Float64Array | undefined {
  const size = gradient.length;
  const H = new Float64Array(size * size);
  const starts = shape.map((_, k) => r * shape.slice(0, k).reduce((sum, n) => sum + n, 0));
  for (const [k, n] of shape.entries()) {
    const V = productOf(grams, [k]);
    for (let a = 0; a < r; a++) {
      for (let b = 0; b < r; b++) {
        const v = V[a * r + b];
        for (let i = 0; i < n; i++) H[(starts[k] + a * n + i) * size + starts[k] + b * n + i] = v;
      }
    }
    // Only the lower triangle is used.
    for (let l = 0; l < k; l++) {
      const W = productOf(grams, [k, l]);
      const m = shape[l];
      const [A, B] = [factors[k], factors[l]];
      for (let a = 0; a < r; a++) {
        for (let b = 0; b < r; b++) {
          const w = W[a * r + b];
          for (let i = 0; i < n; i++) {
            const row = (starts[k] + a * n + i) * size + starts[l] + b * m;
            const v = w * A[b * n + i];
            for (let j = 0; j < m; j++) H[row + j] = v * B[a * m + j];
          }
        }
      }
    }
  }
  let largest = 0;
  for (let e = 0; e < size; e++) largest = Math.max(largest, H[e * size + e]);
  if (!(largest > 0) || !choleskyInPlace(H, size, damping * largest)) return undefined;
  const step = gradient.slice();
  choleskySolveInPlace(H, size, step);
  return step;
}
