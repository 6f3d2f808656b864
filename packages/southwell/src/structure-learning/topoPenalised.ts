import { DenseMatrix } from '../arrays/index.ts';
import { fail } from '../core/index.ts';
import {
  type EstimateOptions,
  estimateFromRows,
  estimateGraph,
  type GraphEstimate,
  type ScoreOption,
} from './estimate.ts';
import { lbfgs } from './lbfgs.ts';
import type { GraphData, Moments } from './moments.ts';
import { binarySamples, type Samples } from './samples.ts';
import { candidates, disjoint, searchOf, type TopoIterate, type TopoOptions } from './topo.ts';

export interface PenalisedTopoOptions extends Omit<TopoOptions, 'ridge'> {
  /** Weight of the L1 norm of each regression. Default 0.1. */
  readonly lambda?: number;
}

interface Fit {
  readonly score: number;
  /** One a parent. */
  readonly weights: Float64Array;
}

/** Fewest regressions between two chances of the caller to stop. */
const SLICE = 50;

/**
 * TOPO with L1-penalised regressions along the order: least squares on moments, logistic ones without intercepts on
 * {@link binarySamples}. The score of an order is that of all regressions with their penalties. After a swap of positions
 * a < b only the nodes from a to b are fitted anew, and no node twice on the same set of predecessors: the fits are kept.
 * Fewer rows than columns are no obstacle. An iterate is a round or part of one; the objective never rises. Throws
 * INVALID_PARAMETER. A fit by L-BFGS takes O(d²) a step, or O(nd) on rows; memory O(d) a fit.
 */
export function* penalisedTopoIterates(
  data: Moments | Samples,
  options: PenalisedTopoOptions = {},
): Generator<TopoIterate> {
  const { lambda = 0.1 } = options;
  if (!(lambda >= 0 && Number.isFinite(lambda))) fail('INVALID_PARAMETER', `lambda cannot be ${lambda}.`);
  const { d } = data;
  const search = searchOf(d, options);
  let { order } = search;
  const { small, large } = search;
  const fitted = regressions(data, lambda);
  let searches = options.largeSearches ?? 1;
  let [rounds, evaluations, pending] = [0, 0, 0];

  const fitAt = (o: Int32Array, p: number): Fit =>
    fitted.fit(
      o[p],
      Array.from(o.subarray(0, p)).sort((a, b) => a - b),
    );
  const total = (o: Int32Array, from: number, to: number): number => {
    let sum = 0;
    for (let p = from; p <= to; p++) sum += fitAt(o, p).score;
    return sum;
  };
  let score = total(order, 0, d - 1);
  const weights = (): DenseMatrix => {
    const W = DenseMatrix.create(d, d);
    order.forEach((target, p) => {
      const fit = fitAt(order, p);
      Array.from(order.subarray(0, p))
        .sort((a, b) => a - b)
        .forEach((parent, k) => {
          W.set(parent, target, fit.weights[k]);
        });
    });
    return W;
  };
  const iterate = (done?: 'converged'): TopoIterate => ({
    iteration: rounds,
    objective: score,
    work: { oracleCalls: evaluations },
    evaluations,
    done,
    snapshot: () => ({ W: weights(), order: order.slice() }),
  });
  yield iterate();
  for (;;) {
    const W = weights();
    const coefficients = new Float64Array(d * d);
    for (let p = 0; p < d; p++) for (let q = 0; q < p; q++) coefficients[p * d + q] = W.get(order[q], order[p]);
    W.free();
    const pairs = candidates(coefficients, d, large);
    let accepted: Array<readonly [number, number]> = [];
    for (const [from, to] of [
      [0, small],
      [small, searches > 0 ? large : small],
    ]) {
      const better: Array<{ readonly pair: readonly [number, number]; readonly gain: number }> = [];
      for (let k = from; k < Math.min(to, pairs.length); k++) {
        const [a, b] = pairs[k];
        const before = fitted.count();
        const gain = total(swapped(order, [pairs[k]]), a, b) - total(order, a, b);
        evaluations++;
        // Beyond what the tolerance of the fits may feign.
        if (gain < -1e-6 * Math.abs(score)) better.push({ pair: pairs[k], gain });
        pending += fitted.count() - before;
        if (pending >= SLICE) {
          pending = 0;
          yield iterate();
        }
      }
      accepted = disjoint(better.sort((x, y) => x.gain - y.gain).map((x) => x.pair));
      if (accepted.length > 0) {
        if (from > 0) searches--;
        break;
      }
    }
    if (accepted.length === 0) break;
    order = swapped(order, accepted);
    score = total(order, 0, d - 1);
    rounds++;
    yield iterate();
  }
  yield iterate('converged');
}

function swapped(order: Int32Array, pairs: ReadonlyArray<readonly [number, number]>): Int32Array {
  const next = order.slice();
  for (const [a, b] of pairs) [next[a], next[b]] = [next[b], next[a]];
  return next;
}

/** Penalised regressions of a node on others, each made once. */
function regressions(data: Moments | Samples, lambda: number) {
  if (!('C' in data) && !data.binary) fail('INVALID_PARAMETER', 'The logistic score needs zeros and ones.');
  const known = new Map<string, Fit>();
  const fit = (target: number, parents: readonly number[]): Fit => {
    const key = `${target}:${parents.join()}`;
    const before = known.get(key);
    if (before) return before;
    const weights = new Float64Array(parents.length);
    const loss = 'C' in data ? squares(data, target, parents) : logLoss(data, target, parents);
    let score = 0;
    for (const state of lbfgs(weights, loss, lambda)) score = state.value;
    const made = { score, weights };
    known.set(key, made);
    return made;
  };
  return { fit, count: () => known.size };
}

/** ½ of the variance that is left. */
const squares =
  ({ C }: Moments, target: number, parents: readonly number[]) =>
  (w: Float64Array, g: Float64Array): number => {
    let value = C.get(target, target) / 2;
    for (let a = 0; a < w.length; a++) {
      let Cw = 0;
      for (let b = 0; b < w.length; b++) Cw += C.get(parents[a], parents[b]) * w[b];
      const c = C.get(parents[a], target);
      g[a] = Cw - c;
      value += w[a] * (Cw / 2 - c);
    }
    return value;
  };

/** Mean log-loss. */
const logLoss =
  ({ X, n }: Samples, target: number, parents: readonly number[]) =>
  (w: Float64Array, g: Float64Array): number => {
    const x = X.column(target);
    const m = new Float64Array(n);
    parents.forEach((parent, a) => {
      const column = X.column(parent);
      for (let i = 0; i < n; i++) m[i] += w[a] * column[i];
    });
    let value = 0;
    for (let i = 0; i < n; i++) {
      value += (Math.max(m[i], 0) + Math.log1p(Math.exp(-Math.abs(m[i]))) - x[i] * m[i]) / n;
      m[i] = (1 / (1 + Math.exp(-m[i])) - x[i]) / n;
    }
    parents.forEach((parent, a) => {
      const column = X.column(parent);
      let sum = 0;
      for (let i = 0; i < n; i++) sum += m[i] * column[i];
      g[a] = sum;
    });
    return value;
  };

/** Learns an order and penalised regressions along it by {@link penalisedTopoIterates}. */
export const penalisedTopo = (
  X: GraphData,
  options: PenalisedTopoOptions & EstimateOptions & ScoreOption = {},
): GraphEstimate =>
  options.score === 'logistic'
    ? estimateFromRows(X, (data) => penalisedTopoIterates(data, options), options, binarySamples)
    : estimateGraph(X, (data) => penalisedTopoIterates(data, options), options);
