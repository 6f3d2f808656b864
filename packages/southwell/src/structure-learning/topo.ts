import type { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, type Iterate, Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import {
  type EstimateOptions,
  estimateGraph,
  type GraphEstimate,
  type GraphMethod,
  type GraphPoint,
} from './estimate.ts';
import { strongestOrder } from './graphs.ts';
import { type GraphData, type Moments, moments } from './moments.ts';
import { OrderFactor } from './orderFactor.ts';

export interface TopoOptions {
  /** Start. Default: a random order. */
  readonly order?: ArrayLike<number>;
  /** Swaps that are tried first, those with the smallest acyclicity gradient. Default min(1.5d, √d(d−1)·log₁₀d). */
  readonly small?: number;
  /** Swaps that are tried when none of the small set lowers the score. Default max(1.5d, √d(d−1)·log₁₀d), at most all. */
  readonly large?: number;
  /** How often the large set may lower the score. Default 1. */
  readonly largeSearches?: number;
  /** Added to the diagonal of C: needed where rows are fewer than columns. Default 0. */
  readonly ridge?: number;
  /** Of the random order. Default 0. */
  readonly seed?: number;
}

export interface TopoIterate extends Iterate<GraphPoint> {
  /** Scores of neighbouring orders computed so far. */
  readonly evaluations: number;
}

/** Fewest evaluations between two chances of the caller to stop. */
const SLICE = 500;

/**
 * TOPO (Deng, Bello, Aragam & Ravikumar, ICML 2023) for linear least squares: local search over orders by swaps of two
 * nodes, tried in the order of the acyclicity gradient at the present fit; swaps of disjoint stretches are made at once.
 * Ties at the end of a set go by position, so that a set has the size asked for. An iterate is a round, or a part of one
 * that made many evaluations; the objective never rises. Ends `converged` where no candidate lowers the score by more
 * than rounding. Throws SINGULAR, INVALID_PARAMETER. O(d²) an evaluation, O(d³) a round.
 */
export function* topoIterates(data: Moments, options: TopoOptions = {}): Generator<TopoIterate> {
  const { C, d } = data;
  const { small, large, order } = searchOf(d, options);
  const factor = new OrderFactor(C, order, options.ridge, data.names);
  let searches = options.largeSearches ?? 1;
  let rounds = 0;
  let evaluations = 0;
  let score = factor.score();
  const iterate = (done?: 'converged'): TopoIterate => ({
    iteration: rounds,
    objective: score,
    work: { oracleCalls: evaluations },
    evaluations,
    done,
    snapshot: () => ({ W: factor.weights(), order: factor.order.slice() }),
  });
  yield iterate();
  for (;;) {
    const pairs = candidates(factor.coefficients(), d, large);
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
    yield iterate();
  }
  yield iterate('converged');
}

export interface OrderedSearch {
  readonly small: number;
  readonly large: number;
  readonly order: Int32Array;
}

/** The sizes of the two sets of swaps, and the start. Throws INVALID_PARAMETER. */
export function searchOf(d: number, options: TopoOptions): OrderedSearch {
  const all = (d * (d - 1)) / 2;
  const usual = d > 1 ? (Math.sqrt(d) * (d - 1) * elementary.log(d)) / Math.LN10 : 0;
  const small = Math.min(Math.round(options.small ?? Math.min(1.5 * d, usual)), all);
  const large = Math.min(Math.max(Math.round(options.large ?? Math.max(1.5 * d, usual)), small), all);
  if (!(small >= 0 && large >= 0))
    fail('INVALID_PARAMETER', `The sets of swaps cannot be ${small} and ${large} large.`);
  const order = options.order ?? new Random(options.seed ?? 0).permutation(d);
  if (
    order.length !== d ||
    new Set(Array.from(order)).size !== d ||
    Array.from(order).some((v) => !(v >= 0 && v < d))
  ) {
    fail('INVALID_PARAMETER', `The order must hold each of 0 … ${d - 1} once.`);
  }
  return { small, large, order: Int32Array.from(order) };
}

/**
 * Pairs of positions a < b, by the weight of walks from the node at a to that at b, ascending: the cycles that an edge
 * back would close. That is the gradient of −log det(I − |W|) at edge b → a. Equal ones (where a penalty leaves no walk at
 * all, most are) go by position. At most `count`. O(d³/6 + d² log d).
 */
export function candidates(coefficients: Float64Array, d: number, count: number): Array<readonly [number, number]> {
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
  for (let b = 0; b < d; b++) for (let a = 0; a < b; a++) pairs.push([a, b]);
  const walk = ([a, b]: readonly [number, number]) => walks[b * d + a];
  return pairs.sort((x, y) => walk(x) - walk(y)).slice(0, count);
}

/** Pairs whose stretches meet none taken before. */
export function disjoint(pairs: ReadonlyArray<readonly [number, number]>): Array<readonly [number, number]> {
  const taken: Array<readonly [number, number]> = [];
  for (const [a, b] of pairs) if (taken.every(([c, e]) => b < c || a > e)) taken.push([a, b]);
  return taken;
}

/** Learns an order and the regressions along it; see {@link topoIterates}. */
export const topo = (X: GraphData, options: TopoOptions & EstimateOptions = {}): GraphEstimate =>
  estimateGraph(X, (data) => topoIterates(data, options), options);

/**
 * {@link topo} from the order of another method's weights: cycles are broken at their weakest edges. The score of the
 * order never gets worse.
 */
export const improveDag = (
  W: DenseMatrix,
  X: GraphData,
  options: Omit<TopoOptions, 'order'> & EstimateOptions = {},
): GraphEstimate => topo(X, { ...options, order: strongestOrder(W) });

/**
 * Any method, with swaps ({@link topoIterates} unless others are given) from the order of its last weights after it. The
 * objective is then that of the swaps: for {@link topoIterates} that of the regressions along the order, without penalty.
 */
export function refined(method: GraphMethod): GraphMethod;
export function refined<Data>(method: Method<Data>, swaps: Swaps<Data>): Method<Data>;
export function refined(
  method: GraphMethod,
  swaps: Swaps<Moments> = (data, order) => topoIterates(data, { order }),
): GraphMethod {
  return function* (data) {
    let last: Iterate<GraphPoint> | undefined;
    let point: GraphPoint | undefined;
    for (const it of method(data)) {
      last = it;
      // At once: what an iterate shows may be gone when its method ends.
      if (it.done) point = it.snapshot();
      yield { ...it, done: undefined };
    }
    point ??= last?.snapshot();
    const before = last?.iteration ?? 0;
    const order = point && strongestOrder(point.W);
    for (const it of swaps(data, order, point)) yield { ...it, iteration: before + it.iteration };
  };
}

type Method<Data> = (data: Data) => Iterable<Iterate<GraphPoint>>;
type Swaps<Data> = (
  data: Data,
  order: Int32Array | undefined,
  point: GraphPoint | undefined,
) => Iterable<Iterate<GraphPoint>>;

/** The order of ascending variances: what shows how much the variances alone give away. O(d log d). */
export function varianceOrder(X: GraphData): Int32Array {
  const { C, d } = moments(X);
  return Int32Array.from({ length: d }, (_, j) => j).sort((a, b) => C.get(a, a) - C.get(b, b));
}
