import { symmetricEigenTails } from '../linalg/index.ts';
import { leadingPart } from './blockBasis.ts';

/** Squares of singular values below this fraction of the largest are rounding errors. */
const NOISE = 64 * Number.EPSILON;

/** Whether √v and √w differ by at most tol·√top, or v and w by rounding. */
export const sameSize = (v: number, w: number, top: number, tol: number): boolean =>
  Math.abs(v - w) <= tol * Math.sqrt(top) * (Math.sqrt(Math.max(0, v)) + Math.sqrt(Math.max(0, w))) + NOISE * top;

/**
 * The largest residual of the triplets divided by σ₁: for an eigenvalue θ of XXᵀ whose vector has the coordinates x in
 * the last block, ‖Rᵀx‖/√(θθ₁) with R = `remainder`. Meaningless where θ is at rounding level.
 */
export function residualOf(values: Float64Array, tails: Float64Array, remainder: Float64Array, last: number): number {
  let relative = 0;
  values.forEach((value, i) => {
    if (!(value > NOISE * values[0])) return;
    let sum = 0;
    for (let at = 0; at < remainder.length; at += last) {
      let dot = 0;
      for (let a = 0; a < last; a++) dot += remainder[at + a] * tails[i * last + a];
      sum += (dot / values[0]) ** 2;
    }
    relative = Math.max(relative, Math.sqrt(sum * (values[0] / value)));
  });
  return relative;
}

/** The same for the leading m × m part of T (leading dimension `ld`), without computing its vectors. O(4m³/3). */
export function residualIn(
  T: Float64Array,
  ld: number,
  m: number,
  k: number,
  remainder: Float64Array,
  last: number,
  lost: number,
): number {
  const { G, largest } = leadingPart(T, ld, m);
  const { values, tails } = symmetricEigenTails(G, m, last);
  const order = Array.from(values.keys())
    .sort((a, b) => values[b] - values[a])
    .slice(0, k);
  const best = Float64Array.from(order, (j) => values[j] * largest);
  const own = Float64Array.from(
    { length: k * last },
    (_, at) => tails[order[Math.floor(at / last)] * last + (at % last)],
  );
  return Math.hypot(lost, residualOf(best, own, remainder, last));
}
