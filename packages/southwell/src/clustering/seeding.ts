import type { Random } from '@southwell/numerics/core';
import { Distances, type Points } from './points.ts';

/**
 * Greedy k-means++ (Arthur & Vassilvitskii 2007; the greedy form of their code): each centre is the best of
 * 2 + ⌊log k⌋ points drawn with probability proportional to the squared distance to the centres so far. Where fewer
 * than k points differ, further centres repeat. Row after row, about the origin of the points. O(nkd log k).
 */
export function kMeansPlusPlus(points: Points, k: number, random: Random): Float64Array {
  const { n, d } = points;
  const trials = 2 + Math.floor(Math.log(k));
  const centres = new Float64Array(k * d);
  const candidates = new Float64Array(trials * d);
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const after = Array.from({ length: trials }, () => new Float64Array(n));
  const distances = new Distances(points, trials);
  const copy = (p: number, to: Float64Array, slot: number) =>
    to.set(points.data.subarray(p * d, (p + 1) * d), slot * d);
  /** Draws proportionally to `nearest`; uniformly where that is zero throughout. */
  const draw = (total: number): number => {
    if (!(total > 0)) return random.integer(n);
    let rest = random.uniform() * total;
    let last = 0;
    for (let p = 0; p < n; p++) {
      if (nearest[p] === 0) continue;
      last = p;
      rest -= nearest[p];
      if (rest < 0) return p;
    }
    return last;
  };
  try {
    let total = 0;
    for (let c = 0; c < k; c++) {
      const tried = c === 0 ? 1 : trials;
      for (let t = 0; t < tried; t++) copy(c === 0 ? random.integer(n) : draw(total), candidates, t);
      distances.setCentres(candidates, tried);
      const sums = new Float64Array(tried);
      for (let from = 0; from < n; from += distances.width) {
        const count = Math.min(distances.width, n - from);
        const block = distances.range(from, count);
        for (let i = 0; i < count; i++) {
          const limit = nearest[from + i];
          const rounding = 1e-15 * points.norms[from + i];
          for (let t = 0; t < tried; t++) {
            // What is a copy of the candidate but for rounding must not be drawn again.
            const v = block[i * tried + t] <= rounding ? 0 : Math.min(limit, block[i * tried + t]);
            after[t][from + i] = v;
            sums[t] += v;
          }
        }
      }
      let best = 0;
      for (let t = 1; t < tried; t++) if (sums[t] < sums[best]) best = t;
      total = sums[best];
      nearest.set(after[best]);
      centres.set(candidates.subarray(best * d, (best + 1) * d), c * d);
    }
    return centres;
  } finally {
    distances.free();
  }
}
