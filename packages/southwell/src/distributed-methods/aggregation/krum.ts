import { checkOptions, type OptionsOf } from '@southwell/numerics/core';
import { checkGram, squaredDistances } from './gram.ts';
import { aggregateRecords, checkSettings } from './options.ts';

const { f, m } = aggregateRecords;
export const krumRecords = { f, m };

export interface KrumOptions extends OptionsOf<typeof krumRecords> {}

/** A mean of some of the gradients. */
export interface KrumWeights {
  /** 1 / m for the selected gradients, 0 for the others. */
  readonly weights: Float64Array;
  /** Indices of the selected gradients, the lowest score first. */
  readonly selected: readonly number[];
  /** Sum of squared distances from the p − f − 2 nearest other gradients. */
  readonly scores: Float64Array;
}

interface Scored {
  /** NaN for gradients that are not among those that are compared. */
  readonly scores: Float64Array;
  /** The gradients in the order of their scores. */
  readonly order: readonly number[];
}

/**
 * Scores of the gradients `among`, from squared distances between all p. Two gradients that are each other's only neighbours have equal
 * scores; the one with the nearer next neighbour comes first, then that with the nearer one after it, and so on, so that neither the order of the
 * workers nor gradients far from all others have an influence as long as nearer ones differ. O(p² log p).
 */
function scored(squares: Float64Array, p: number, among: readonly number[], f: number): Scored {
  const scores = new Float64Array(p).fill(Number.NaN);
  const nearest = Math.max(1, among.length - f - 2);
  const ascending = new Map<number, Float64Array>();
  for (const i of among) {
    const others = Float64Array.from(
      among.filter((j) => j !== i),
      (j) => squares[i * p + j],
    ).sort();
    scores[i] = others.subarray(0, nearest).reduce((sum, v) => sum + v, 0);
    ascending.set(i, others);
  }
  const order = [...among].sort((i, j) => {
    if (scores[i] !== scores[j]) return scores[i] - scores[j];
    const [a, b] = [ascending.get(i)!, ascending.get(j)!];
    const at = a.findIndex((v, k) => k >= nearest && v !== b[k]);
    return at < 0 ? i - j : a[at] - b[at];
  });
  return { scores, order };
}

const everyone = (p: number): number[] => Array.from({ length: p }, (_, i) => i);

/** As {@link krumWeights}, for options and inner products that have been checked. */
export function krumOf(K: Float64Array, p: number, f: number, m: number): KrumWeights {
  const { scores, order } = scored(squaredDistances(K, p), p, everyone(p), f);
  const selected = order.slice(0, m);
  const weights = new Float64Array(p);
  for (const i of selected) weights[i] = 1 / m;
  return { weights, selected, scores };
}

/**
 * Krum (Blanchard, El Mhamdi, Guerraoui & Stainer, NeurIPS 2017) from the p × p inner products K of the gradients: the score of a gradient
 * is the sum of its squared distances from the p − f − 2 nearest others, and the m gradients with the lowest scores are averaged,
 * of equal ones those with nearer neighbours beyond these first, then the lower index. m = 1, the default, is Krum; m = p − f − 2 is Multi-Krum in its usual form. Distances below 10⁻⁸ of the norms are lost in
 * rounding. O(p² log p).
 * @throws INVALID_SHAPE, NON_FINITE; INVALID_PARAMETER unless f is given, with 2f < p, p ≥ f + 3 and m ≤ p − f.
 */
export function krumWeights(K: Float64Array, options: KrumOptions): KrumWeights {
  const p = checkGram('krumWeights', K);
  checkOptions('krumWeights', krumRecords, options);
  checkSettings('krumWeights', { ...options, rule: 'multi-krum' }, p);
  return krumOf(K, p, options.f ?? 0, options.m ?? 1);
}

/**
 * The p − 2f gradients that Bulyan keeps (El Mhamdi, Guerraoui & Rouault, ICML 2018), in the order of selection: one at a time by Krum among those
 * that are left, with at least one neighbour in a score. O(p³ log p).
 */
export function bulyanSelection(K: Float64Array, p: number, f: number): number[] {
  const squares = squaredDistances(K, p);
  let left = everyone(p);
  const selected: number[] = [];
  while (selected.length < p - 2 * f) {
    const [best] = scored(squares, p, left, f).order;
    selected.push(best);
    left = left.filter((i) => i !== best);
  }
  return selected;
}
