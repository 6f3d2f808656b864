import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  type Iterate,
  keysOf,
  knownKeys,
  limitOption,
  numberOption,
  type OptionKeys,
  type OptionsOf,
} from '@southwell/numerics/core';
import {
  type EstimateOptions,
  estimateGraph,
  type GraphEstimate,
  type GraphMethod,
  type GraphPoint,
  split,
} from '../estimate.ts';
import { strongestOrder } from '../graphs/graphs.ts';
import { type GraphData, type Moments, moments } from '../moments.ts';
import { candidates, disjoint, searchOf, swapRecords } from './candidates.ts';
import { MaskedFactor } from './maskedFactor.ts';
import { OrderFactor } from './orderFactor.ts';

/** Options of a search over orders, whatever is fitted along them. */
export const searchRecords = {
  ...swapRecords,
  /** Maximum number of times that the large set may lower the score. Default 1. */
  largeSearches: limitOption(0),
};

const topoRecords = {
  ...searchRecords,
  /** Added to the diagonal of C: needed where there are fewer rows than columns. Default 0. */
  ridge: numberOption({ min: 0 }),
};

export interface TopoOptions extends OptionsOf<typeof topoRecords> {
  /** State from a checkpoint of an earlier run, for the same data and options. */
  readonly resume?: TopoState;
}

const topoKeys: OptionKeys<TopoOptions> = { ...keysOf(topoRecords), resume: true };

/** The beginning of a round, as plain data. */
export interface TopoState {
  readonly order: Int32Array;
  readonly rounds: number;
  readonly evaluations: number;
  /** How many more times the large set may lower the score. */
  readonly searches: number;
}

export interface TopoIterate extends Iterate<GraphPoint> {
  /** Number of scores of neighbouring orders computed so far. */
  readonly evaluations: number;
}

/** Minimum number of evaluations between two iterates, at which the caller can stop. */
const SLICE = 500;

/**
 * TOPO (Deng, Bello, Aragam & Ravikumar, ICML 2023) for linear least squares: local search over orders by swaps of two
 * nodes, tried in the order of the acyclicity gradient at the present fit; swaps of disjoint ranges are made at once.
 * Ties at the end of a set are broken by position, so that a set has the requested size. Each iterate is a round, or a
 * part of one that made many evaluations; the objective never increases. Ends `converged` where no candidate lowers the
 * score by more than rounding, the study's rule. Checkpoints are possible at the beginnings of rounds. O(d²) an
 * evaluation, O(d³) a round.
 *
 * With prior knowledge, orders respect required edges and tiers, and regressions leave out forbidden edges: nodes with
 * forbidden edges into them are fitted one by one, O(d³) each between two positions, once for a set of parents.
 * @throws SINGULAR, INVALID_PARAMETER.
 */
export function* topoIterates(data: Moments, options: TopoOptions = {}): Generator<TopoIterate> {
  knownKeys('topoIterates', options, topoKeys);
  checkGiven(topoRecords, options);
  const { C, d } = data;
  const { resume } = options;
  const { small, large, order } = searchOf(d, options);
  const { knowledge, ridge } = options;
  const begin = resume?.order ?? order;
  const factor = knowledge
    ? new MaskedFactor(C, begin, knowledge, ridge, data.names)
    : new OrderFactor(C, begin, ridge, data.names);
  let searches = resume?.searches ?? options.largeSearches ?? 1;
  let rounds = resume?.rounds ?? 0;
  let evaluations = resume?.evaluations ?? 0;
  let score = factor.score();
  let boundary: TopoState;
  const iterate = (done?: 'converged'): TopoIterate => ({
    iteration: rounds,
    objective: score,
    work: { oracleCalls: evaluations },
    evaluations,
    done,
    snapshot: () => ({ W: factor.weights(), order: factor.order.slice() }),
    checkpoint: () => boundary,
  });
  for (;;) {
    boundary = { order: factor.order.slice(), rounds, evaluations, searches };
    yield iterate();
    const pairs = candidates(factor.coefficients(), factor.order, large, knowledge);
    let accepted: Array<readonly [number, number]> = [];
    for (const [from, to] of [
      [0, small],
      [small, searches > 0 ? large : small],
    ]) {
      const better: Array<{ readonly pair: readonly [number, number]; readonly gain: number }> = [];
      for (let k = from; k < Math.min(to, pairs.length); k++) {
        const gain = factor.swapGain(pairs[k][0], pairs[k][1]);
        evaluations++;
        if (gain < -1e-12 * score) better.push({ pair: pairs[k], gain });
        if (evaluations % SLICE === 0) yield iterate();
      }
      accepted = disjoint(better.sort((a, b) => a.gain - b.gain).map((b) => b.pair));
      if (accepted.length > 0) {
        if (from > 0) searches--;
        break;
      }
    }
    if (accepted.length === 0) break;
    factor.swap(accepted);
    score = factor.score();
    rounds++;
  }
  yield iterate('converged');
}

/** Learns an order and the regressions along it; see {@link topoIterates}. */
export function topo(X: GraphData, options: TopoOptions & EstimateOptions = {}): GraphEstimate {
  const { own, estimate } = split<TopoOptions>('topo', options, topoKeys);
  return estimateGraph(X, (data) => topoIterates(data, own), estimate);
}

/**
 * {@link topo} from the order of another method's weights, after breaking cycles at their weakest edges. The score of
 * the order never increases.
 */
export function improveDag(
  W: DenseMatrix,
  X: GraphData,
  options: Omit<TopoOptions, 'order'> & EstimateOptions = {},
): GraphEstimate {
  const { order: _, ...keys } = topoKeys;
  split<Omit<TopoOptions, 'order'>>('improveDag', options, keys);
  return topo(X, { ...options, order: strongestOrder(W) });
}

/** State of a method followed by swaps: the state of the method, or its last point and the state of the swaps. */
export type RefinedState =
  | { readonly method: unknown }
  | {
      readonly before: number;
      readonly point: Omit<GraphPoint, 'W'> & { readonly W: Float64Array; readonly d: number };
      readonly swaps: unknown;
    };

/**
 * A method followed by swaps from the order of its last weights, by default those of {@link topoIterates} without prior
 * knowledge. The objective is then that of the swaps: for {@link topoIterates} that of the regressions along the order,
 * without penalty. So is the status: how the method ended does not matter for the swaps, which only start from it.
 */
export function refined(method: GraphMethod): GraphMethod;
export function refined<Data>(method: Method<Data>, swaps: Swaps<Data>): Method<Data>;
export function refined(
  method: GraphMethod,
  swaps: Swaps<Moments> = (data, { order, resume }) =>
    topoIterates(data, { order, resume: resume as TopoState | undefined }),
): GraphMethod {
  return function* (data, resume) {
    const state = resume as RefinedState | undefined;
    let last: Iterate<GraphPoint> | undefined;
    let point: GraphPoint | undefined;
    let before = 0;
    if (state && 'swaps' in state) {
      const { W, d, ...rest } = state.point;
      point = { ...rest, W: DenseMatrix.fromColumnMajor(W, d, d) };
      before = state.before;
    } else {
      for (const it of method(data, state?.method)) {
        last = it;
        // Taken immediately: the arrays of an iterate may be freed when its method ends.
        if (it.done) point = it.snapshot();
        const { checkpoint } = it;
        yield {
          ...it,
          done: undefined,
          checkpoint: checkpoint && ((): RefinedState => ({ method: checkpoint() })),
        };
      }
      if (!last) return;
      point ??= last.snapshot();
      before = last.iteration;
    }
    const start = { order: strongestOrder(point.W), point };
    const { W, ...rest } = point;
    const kept = { ...rest, W: W.data.slice(), d: W.rows };
    for (const it of swaps(data, { ...start, resume: state && 'swaps' in state ? state.swaps : undefined })) {
      const { checkpoint } = it;
      yield {
        ...it,
        iteration: before + it.iteration,
        checkpoint: checkpoint && ((): RefinedState => ({ before, point: kept, swaps: checkpoint() })),
      };
    }
  };
}

type Method<Data> = (data: Data, resume?: unknown) => Iterable<Iterate<GraphPoint>>;
/** Iterates of swaps from an order and a point; `resume` is the state from a checkpoint of an earlier run. */
type Swaps<Data> = (
  data: Data,
  start: { readonly order: Int32Array; readonly point: GraphPoint; readonly resume?: unknown },
) => Iterable<Iterate<GraphPoint>>;

/**
 * The order of ascending variances, a baseline that shows how much the variances alone reveal of the order. O(d log d).
 */
export function varianceOrder(X: GraphData): Int32Array {
  const { C, d } = moments(X);
  return Int32Array.from({ length: d }, (_, j) => j).sort((a, b) => C.get(a, a) - C.get(b, b));
}
