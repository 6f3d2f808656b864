import { DenseMatrix } from '@southwell/numerics/arrays';
import type { GraphPoint } from '../estimate.ts';
import { allowedParents } from '../knowledge.ts';
import { candidates, disjoint, type OrderedSearch } from './candidates.ts';
import type { TopoIterate } from './topo.ts';

/** Regressions of nodes on any set of others, each made once and cached. */
export interface NodeRegressions {
  readonly d: number;
  /** The score of the regression of a node on these others (ascending): lower is better. */
  score(target: number, parents: readonly number[]): number;
  /** The weight of each of these others in the regression, signed or not. */
  weights(target: number, parents: readonly number[]): ArrayLike<number>;
  /** Called with each order that the search moves to. */
  settle?(order: Int32Array): void;
  /** Further fields of the point. */
  extra?(order: Int32Array): Partial<GraphPoint>;
  /** Number of regressions made so far. */
  readonly fits: number;
  /** Whether regressions of an earlier run have not been requested yet; see {@link orderSearchIterates}. */
  readonly replaying: boolean;
  /** All regressions made so far in their order, with their starting points, as plain data. */
  state(): unknown;
  /** Relative decrease of the score below which a swap is not accepted. */
  readonly tolerance: number;
}

export interface OrderSearchLimits {
  /** Maximum number of times that the large set may lower the score. */
  readonly largeSearches: number;
  /** Number of regressions after which the search ends with `iteration-limit`. */
  readonly maxFits: number;
  /** Number of regressions between two iterates, at which the caller can stop. */
  readonly slice: number;
}

/**
 * The search of TOPO over orders, for scores that are sums of one regression of each node on its predecessors: after a
 * swap of positions a < b only the nodes from a to b are refitted, each once for a set of parents. Each iterate is a
 * round or part of one; the objective never increases. Orders and sets respect the knowledge. Ends `converged` where no
 * swap of the sets lowers the score, and `iteration-limit` where the limit on regressions is reached first.
 *
 * A checkpoint contains only the regressions and is available at any iterate: a resumed run repeats the same search
 * through them quickly, and yields nothing until it reaches the same position.
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
