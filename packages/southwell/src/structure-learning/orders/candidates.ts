import { fail, limitOption, type OptionsOf, otherOption, Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import {
  canSwap,
  checkKnowledge,
  consistentOrder,
  type Knowledge,
  type KnowledgeOption,
  knowledgeRecords,
} from '../knowledge.ts';
import { graphSeed } from '../seed.ts';

export const swapRecords = {
  ...knowledgeRecords,
  /** Initial order. Default: a random order. Nodes are held back until all that must precede them have come. */
  order: otherOption<ArrayLike<number>>('the nodes, each once'),
  /** Size of the small set of swaps, tried first: those with the smallest acyclicity gradient. Default min(1.5d, √d(d−1)·log₁₀d). */
  small: limitOption(0),
  /** Size of the large set of swaps, tried when none of the small set lowers the score. Default max(1.5d, √d(d−1)·log₁₀d), at most all. */
  large: limitOption(0),
  /** Seed of the random order. Default 0. */
  seed: graphSeed,
};

/** Options of the swap search. */
export interface SwapOptions extends OptionsOf<typeof swapRecords> {}

export interface OrderedSearch extends KnowledgeOption {
  readonly small: number;
  readonly large: number;
  readonly order: Int32Array;
}

/**
 * The sizes of the two sets of swaps, and the initial order.
 * @throws INVALID_PARAMETER, INVALID_SHAPE.
 */
export function searchOf(d: number, options: SwapOptions): OrderedSearch {
  const { knowledge } = options;
  checkKnowledge(knowledge, d);
  const all = (d * (d - 1)) / 2;
  const usual = d > 1 ? (Math.sqrt(d) * (d - 1) * elementary.log(d)) / Math.LN10 : 0;
  const small = Math.min(Math.round(options.small ?? Math.min(1.5 * d, usual)), all);
  const large = Math.min(Math.max(Math.round(options.large ?? Math.max(1.5 * d, usual)), small), all);
  const order = options.order ?? new Random(options.seed ?? 0).permutation(d);
  if (
    order.length !== d ||
    new Set(Array.from(order)).size !== d ||
    Array.from(order).some((v) => !(v >= 0 && v < d))
  ) {
    fail('INVALID_PARAMETER', `order must contain each of 0 … ${d - 1} once.`);
  }
  return { small, large, order: consistentOrder(order, knowledge), knowledge };
}

/**
 * Pairs of positions a < b in ascending order of the total weight of walks from the node at a to the node at b: the
 * cycles that an edge back would close. That is the gradient of −log det(I − |W|) at the edge b → a. Ties (most pairs,
 * where a penalty leaves no walk at all) are ordered by position. Returns at most `count` of the pairs that the
 * knowledge allows. O(d³/6 + d² log d), and O(d³) more with knowledge.
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

/** Pairs whose ranges are disjoint from those of all pairs taken before. */
export function disjoint(pairs: ReadonlyArray<readonly [number, number]>): Array<readonly [number, number]> {
  const taken: Array<readonly [number, number]> = [];
  for (const [a, b] of pairs) if (taken.every(([c, e]) => b < c || a > e)) taken.push([a, b]);
  return taken;
}
