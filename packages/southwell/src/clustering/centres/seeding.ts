import type { Random } from '@southwell/numerics/core';
import { Distances, type Points } from '@southwell/numerics/neighbours';

/**
 * Greedy k-means++ (Arthur & Vassilvitskii 2007; the greedy form of their code): each centre is the best of 2 + ⌊log k⌋
 * points drawn with probability proportional to the squared distance to the centres so far. If fewer than k points are
 * distinct, further centres repeat. Row by row, relative to the origin of the points. For points distributed over ranks
 * the same ones are drawn, up to the rounding of sums. O(nkd log k).
 */
export function kMeansPlusPlus(points: Points, k: number, random: Random): Float64Array {
  const { n, d, rows } = points;
  const { pieces, all, first } = rows;
  const trials = 2 + Math.floor(Math.log(k));
  const centres = new Float64Array(k * d);
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const after = Array.from({ length: trials }, () => new Float64Array(n));
  const distances = new Distances(points, trials);
  /** Sums of `nearest` by the pieces of all ranks; those of this one begin at `ownPieces`. */
  let sums = new Float64Array(0);
  const counts = rows.tell(pieces.length);
  const ownPieces = counts.slice(0, rows.rank).reduce((sum, count) => sum + count, 0);
  /** The index in a list at which the cumulative sum reaches `rest`. */
  const walk = (values: ArrayLike<number>, from: number, to: number, rest: number): { at: number; rest: number } => {
    let last = { at: from, rest };
    for (let at = from; at < to; at++) {
      if (values[at] === 0) continue;
      last = { at, rest };
      rest -= values[at];
      if (rest < 0) break;
    }
    return last;
  };
  /** Draws with probability proportional to `nearest`; uniformly if that is all zero. */
  const draw = (total: number, count: number): number[] => {
    if (!(total > 0)) return Array.from({ length: count }, () => random.integer(all));
    const own: Array<[slot: number, number: number]> = [];
    for (let t = 0; t < count; t++) {
      const { at, rest } = walk(sums, 0, sums.length, random.uniform() * total);
      const piece = pieces[at - ownPieces];
      if (piece) own.push([t, first + walk(nearest, piece[0], piece[1], rest).at]);
    }
    const drawn = new Array<number>(count);
    for (const [t, number] of rows.tell(own).flat()) drawn[t] = number;
    return drawn;
  };
  try {
    let total = 0;
    for (let c = 0; c < k; c++) {
      const tried = c === 0 ? 1 : trials;
      const candidates = points.copies(draw(c === 0 ? 0 : total, tried));
      distances.setCentres(candidates, tried);
      const own = new Float64Array(pieces.length * tried);
      pieces.forEach(([start, end], piece) => {
        for (let from = start; from < end; from += distances.width) {
          const count = Math.min(distances.width, end - from);
          const block = distances.range(from, count);
          for (let i = 0; i < count; i++) {
            const limit = nearest[from + i];
            const rounding = 1e-15 * points.norms[from + i];
            for (let t = 0; t < tried; t++) {
              // Duplicates of the candidate, up to rounding, must not be drawn again.
              const v = block[i * tried + t] <= rounding ? 0 : Math.min(limit, block[i * tried + t]);
              after[t][from + i] = v;
              own[piece * tried + t] += v;
            }
          }
        }
      });
      const gathered = rows.gather(own);
      const totals = new Float64Array(tried);
      gathered.forEach((v, at) => {
        totals[at % tried] += v;
      });
      let best = 0;
      for (let t = 1; t < tried; t++) if (totals[t] < totals[best]) best = t;
      total = totals[best];
      sums = gathered.filter((_, at) => at % tried === best);
      nearest.set(after[best]);
      centres.set(candidates.subarray(best * d, (best + 1) * d), c * d);
    }
    return centres;
  } finally {
    distances.free();
  }
}
