import type { DenseMatrix } from '../arrays/index.ts';
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
import { type NodeRegressions, orderSearchIterates } from './orderSearch.ts';
import { binarySamples, type Samples } from './samples.ts';
import { scoreOf } from './scores.ts';
import { searchOf, type TopoIterate, type TopoOptions } from './topo.ts';

export interface PenalisedTopoOptions extends Omit<TopoOptions, 'ridge'> {
  /** Weight of the L1 norm of each regression. Default 0.1. */
  readonly lambda?: number;
  /** Default: all swaps. Where weights are 0 the acyclicity gradient tells little of which swaps are worth a trial. */
  readonly large?: number;
  /** Default: without limit. */
  readonly largeSearches?: number;
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
 * INVALID_PARAMETER. A fit takes O(d²) a sweep of
 * coordinate descent, or on rows O(nd) a step of L-BFGS; memory O(d) a fit.
 */
export function* penalisedTopoIterates(
  data: Moments | Samples,
  options: PenalisedTopoOptions = {},
): Generator<TopoIterate> {
  const { lambda = 0.1 } = options;
  if (!(lambda >= 0 && Number.isFinite(lambda))) fail('INVALID_PARAMETER', `lambda cannot be ${lambda}.`);
  const { d } = data;
  const search = searchOf(d, { large: (d * (d - 1)) / 2, ...options });
  const { largeSearches = Number.POSITIVE_INFINITY } = options;
  yield* orderSearchIterates(regressions(data, lambda), search, {
    largeSearches,
    maxFits: Number.POSITIVE_INFINITY,
    slice: SLICE,
  });
}

/** Penalised regressions of a node on others, each made once, from where the last one of the node ended. */
function regressions(data: Moments | Samples, lambda: number): NodeRegressions {
  if (!('C' in data) && !data.binary) fail('INVALID_PARAMETER', 'The logistic score needs zeros and ones.');
  const { d } = data;
  const known = new Map<string, Fit>();
  const last = Array.from({ length: d }, () => new Float64Array(d));
  const fit = (target: number, parents: readonly number[]): Fit => {
    const key = `${target}:${parents.join()}`;
    const before = known.get(key);
    if (before) return before;
    const weights = Float64Array.from(parents, (parent) => last[target][parent]);
    let score = 0;
    if ('C' in data) score = lasso(data, target, parents, lambda, weights);
    else for (const state of lbfgs(weights, logLoss(data, target, parents), lambda)) score = state.value;
    parents.forEach((parent, k) => {
      last[target][parent] = weights[k];
    });
    const made = { score, weights };
    known.set(key, made);
    return made;
  };
  /** The gradient of the score without its penalty, at [j · d + i] for i → j. */
  const slopes = (W: DenseMatrix): Float64Array => {
    const score = scoreOf(data, W);
    const g = new Float64Array(d * d);
    score.refresh();
    score.gradient(1, g);
    score.free();
    return g;
  };
  return {
    d,
    score: (target, parents) => fit(target, parents).score,
    weights: (target, parents) => fit(target, parents).weights,
    slopes,
    get fits() {
      return known.size;
    },
    // Beyond what the tolerance of the fits may feign.
    tolerance: 1e-6,
  };
}

/** ½ of the variance that is left, + λ‖w‖₁, minimised over w by coordinate descent from the given w on. */
function lasso({ C, d }: Moments, target: number, parents: readonly number[], lambda: number, w: Float64Array): number {
  const m = parents.length;
  const c = C.data;
  // Covariances of the parents with what w leaves of the target.
  const r = Float64Array.from(parents, (parent) => {
    let sum = c[target * d + parent];
    for (let b = 0; b < m; b++) sum -= c[parents[b] * d + parent] * w[b];
    return sum;
  });
  const own = c[target * d + target];
  for (let sweep = 0; sweep < 10_000; sweep++) {
    let change = 0;
    for (let a = 0; a < m; a++) {
      const column = parents[a] * d;
      const scale = c[column + parents[a]];
      const z = r[a] + scale * w[a];
      const next = Math.abs(z) > lambda ? (z - Math.sign(z) * lambda) / scale : 0;
      const step = next - w[a];
      if (step === 0) continue;
      w[a] = next;
      for (let b = 0; b < m; b++) r[b] -= step * c[column + parents[b]];
      change = Math.max(change, scale * step * step);
    }
    if (change <= 1e-14 * own) break;
  }
  let value = own / 2;
  for (let a = 0; a < m; a++) value += lambda * Math.abs(w[a]) - (w[a] * (c[target * d + parents[a]] + r[a])) / 2;
  return value;
}

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
