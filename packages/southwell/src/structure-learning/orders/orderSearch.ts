import { DenseMatrix } from '@southwell/numerics/arrays';
import type { GraphPoint } from '../estimate.ts';
import { allowedParents } from '../knowledge.ts';
import { candidates, disjoint, type OrderedSearch } from './candidates.ts';
import type { TopoIterate } from './topo.ts';

/** A regression of each node on any set of others, made once a set and kept. */
export interface NodeRegressions {
  readonly d: number;
  /** The score of a node on these others (ascending): less is better. */
  score(target: number, parents: readonly number[]): number;
  /** How much it takes of each of these others, with or without sign. */
  weights(target: number, parents: readonly number[]): ArrayLike<number>;
  /** Called with each order that the search moves to. */
  settle?(order: Int32Array): void;
  /** More that belongs into a point. */
  extra?(order: Int32Array): Partial<GraphPoint>;
  /** Regressions made so far. */
  readonly fits: number;
  /** Whether regressions of an earlier run are still left to be asked for: see {@link orderSearchIterates}. */
  readonly replaying: boolean;
  /** All regressions made so far in their order, and where the next ones begin, as plain data. */
  state(): unknown;
  /** A fall of the score by less than this share of it is not believed. */
  readonly tolerance: number;
}

export interface OrderSearchLimits {
  /** How often the large set may lower the score. */
  readonly largeSearches: number;
  /** Ends with `iteration-limit` once so many regressions were made. */
  readonly maxFits: number;
  /** Regressions between two chances of the caller to stop. */
  readonly slice: number;
}

/**
 * The search of TOPO over orders, for scores that are sums of one regression a node on its predecessors: after a swap of
 * positions a < b only the nodes from a to b are fitted anew, and none twice on the same set. An iterate is a round or
 * part of one; the objective never rises. Orders and sets keep to what is known. Ends `converged` where no swap of the sets lowers the score, `iteration-limit`
 * where there were no regressions left to find out.
 *
 * A checkpoint has the regressions alone, and is to be had at any iterate: the search goes the same way through them again
 * in a moment, and says nothing until it is where it was.
 */
export function* orderSearchIterates(
  fitted: NodeRegressions,
  { small, large, order: start, knowledge }: OrderedSearch,
  { largeSearches, maxFits, slice }: OrderSearchLimits,
): Generator<TopoIterate> {
  const { d } = fitted;
  let order = start;
  let searches = largeSearches;
  let [rounds, evaluations] = [0, 0];
  const parentsAt = (o: Int32Array, p: number): number[] => allowedParents(o.subarray(0, p), o[p], knowledge);
  const scoreAt = (o: Int32Array, p: number): number => fitted.score(o[p], parentsAt(o, p));
  const total = (o: Int32Array): number => {
    let sum = 0;
    for (let p = 0; p < d; p++) sum += scoreAt(o, p);
    return sum;
  };
  let score = total(order);
  const weights = (): DenseMatrix => {
    const W = DenseMatrix.create(d, d);
    order.forEach((target, p) => {
      const parents = parentsAt(order, p);
      const w = fitted.weights(target, parents);
      parents.forEach((parent, k) => {
        W.set(parent, target, w[k]);
      });
    });
    return W;
  };
  const iterate = (done?: 'converged' | 'iteration-limit'): TopoIterate => ({
    iteration: rounds,
    objective: score,
    work: { oracleCalls: evaluations },
    evaluations,
    done,
    snapshot: () => ({ W: weights(), order: order.slice(), ...fitted.extra?.(order) }),
    checkpoint: () => fitted.state(),
  });
  fitted.settle?.(order);
  if (!fitted.replaying) yield iterate();
  let cut = false;
  let rested = fitted.fits;
  for (;;) {
    const W = weights();
    const coefficients = new Float64Array(d * d);
    for (let p = 0; p < d; p++) for (let q = 0; q < p; q++) coefficients[p * d + q] = W.get(order[q], order[p]);
    W.free();
    const pairs = candidates(coefficients, order, large, knowledge);
    let accepted: Array<readonly [number, number]> = [];
    cut = false;
    for (const [from, to] of [
      [0, small],
      [small, searches > 0 ? large : small],
    ]) {
      const better: Array<{ readonly pair: readonly [number, number]; readonly gain: number }> = [];
      for (let k = from; k < Math.min(to, pairs.length); k++) {
        cut = fitted.fits >= maxFits;
        if (cut) break;
        const [a, b] = pairs[k];
        const next = swapped(order, [pairs[k]]);
        let gain = 0;
        for (let p = a; p <= b; p++) {
          gain += scoreAt(next, p) - scoreAt(order, p);
          if (fitted.fits - rested < slice) continue;
          rested = fitted.fits;
          if (!fitted.replaying) yield iterate();
        }
        evaluations++;
        if (gain < -fitted.tolerance * Math.abs(score)) better.push({ pair: pairs[k], gain });
      }
      accepted = disjoint(better.sort((x, y) => x.gain - y.gain).map((x) => x.pair));
      if (accepted.length > 0) {
        if (from > 0) searches--;
        break;
      }
    }
    if (accepted.length === 0) break;
    order = swapped(order, accepted);
    score = total(order);
    fitted.settle?.(order);
    rounds++;
    if (!fitted.replaying) yield iterate();
  }
  yield iterate(cut ? 'iteration-limit' : 'converged');
}

function swapped(order: Int32Array, pairs: ReadonlyArray<readonly [number, number]>): Int32Array {
  const next = order.slice();
  for (const [a, b] of pairs) [next[a], next[b]] = [next[b], next[a]];
  return next;
}
