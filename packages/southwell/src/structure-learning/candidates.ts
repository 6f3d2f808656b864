import { canSwap, type Knowledge } from './knowledge.ts';

/**
 * Pairs of positions a < b, by the weight of walks from the node at a to that at b, ascending: the cycles that an edge
 * back would close. That is the gradient of −log det(I − |W|) at edge b → a. Equal ones (where a penalty leaves no walk at
 * all, most are) go by position. At most `count` of those that what is known allows. O(d³/6 + d² log d), and O(d³) more
 * where anything is known.
 */
export function candidates(
  coefficients: Float64Array,
  order: ArrayLike<number>,
  count: number,
  knowledge?: Knowledge,
): Array<readonly [number, number]> {
  const d = order.length;
  // Walks N = (I − A)⁻¹ for A[p, q] = |coefficient of p on q|: row by row.
  const walks = new Float64Array(d * d);
  for (let p = 0; p < d; p++) {
    for (let k = 0; k < p; k++) {
      const a = Math.abs(coefficients[p * d + k]);
      if (a === 0) continue;
      for (let q = 0; q <= k; q++) walks[p * d + q] += a * walks[k * d + q];
    }
    walks[p * d + p] = 1;
  }
  const pairs: Array<readonly [number, number]> = [];
  for (let b = 0; b < d; b++) for (let a = 0; a < b; a++) if (canSwap(order, a, b, knowledge)) pairs.push([a, b]);
  const walk = ([a, b]: readonly [number, number]) => walks[b * d + a];
  return pairs.sort((x, y) => walk(x) - walk(y)).slice(0, count);
}

/** Pairs whose stretches meet none taken before. */
export function disjoint(pairs: ReadonlyArray<readonly [number, number]>): Array<readonly [number, number]> {
  const taken: Array<readonly [number, number]> = [];
  for (const [a, b] of pairs) if (taken.every(([c, e]) => b < c || a > e)) taken.push([a, b]);
  return taken;
}
