import { type DenseMatrix, type Iterate, runAsync } from 'southwell';
import {
  type GraphPoint,
  graphEstimate,
  type Moments,
  moments,
  simulateGraph,
  simulateSem,
  type TopoOptions,
  topoIterates,
} from 'southwell/structure-learning';
import { type ExperimentContext, type Parameter, parameterValue } from '../experiment.ts';

/** The method under test: the library's, or a negative control that the verdicts must catch. */
export type Method = (data: Moments, options: TopoOptions) => Iterable<Iterate<GraphPoint>>;

export const libraryMethod: Method = topoIterates;

export interface Setting {
  readonly nodes: number;
  readonly edges: number;
  readonly small: number;
  readonly large: number;
  readonly searches: number;
  /** Rows of data. */
  readonly rows: number;
}

/** A longer search is assumed to cycle. */
const MOST_ROUNDS = 500;

export const smallSet: Parameter = {
  name: 'small',
  title: 'Swaps tried first, as a share of the usual number',
  default: { quick: 1, full: 1 },
  min: 0.05,
  max: 20,
};

/** A graph with data of unit noise variance, not centred, as in the study. */
export function draw(setting: Setting, context: ExperimentContext, at: number) {
  const seed = 1000 * context.seed + at;
  const truth = simulateGraph({ nodes: setting.nodes, edges: setting.edges, seed });
  const data = moments(simulateSem(truth, { n: setting.rows, seed: seed + 100 }), { centre: false });
  return { truth, data, best: regressionScore(data.C, sourcesFirst(truth)), seed };
}

/** The sizes of the sets are those of the card, and not the library's defaults, which are smaller. */
export const optionsOf = (setting: Setting, context: ExperimentContext): TopoOptions => ({
  small: Math.max(1, Math.round(setting.small * parameterValue(smallSet, context))),
  large: setting.large,
  largeSearches: setting.searches,
});

/**
 * Runs to the end; returns the score of its order by independent code, at the end and at the beginning of each round.
 */
export async function search(method: Method, data: Moments, options: TopoOptions, signal: AbortSignal | undefined) {
  const orders: Array<ArrayLike<number>> = [];
  const evaluations: number[] = [];
  const onIterate = ({ iteration, work, snapshot }: Iterate<GraphPoint>) => {
    if (iteration !== orders.length) return;
    orders.push(snapshot().order!);
    evaluations.push(work.oracleCalls ?? 0);
  };
  const solution = await runAsync(method(data, options), { signal, maxIter: MOST_ROUNDS, onIterate });
  signal?.throwIfAborted();
  const began = solution.trace.filter((t, k, all) => k === 0 || t.iteration !== all[k - 1].iteration);
  const rounds = began.map(({ seconds }, k) => ({
    seconds,
    evaluations: evaluations[k],
    score: regressionScore(data.C, orders[k]),
  }));
  const estimate = graphEstimate(solution, data);
  return { estimate, rounds, score: regressionScore(data.C, estimate.order) };
}

/**
 * The score of an order by independent code: ½ Σ of the residual variances of regressing each variable on all before
 * it, by Gaussian elimination on their covariances. It has no code in common with the factor that the search updates.
 */
export function regressionScore(C: DenseMatrix, order: ArrayLike<number>): number {
  const d = order.length;
  const A = Array.from({ length: d }, (_, a) => Float64Array.from({ length: d }, (__, b) => C.get(order[a], order[b])));
  let sum = 0;
  for (let p = 0; p < d; p++) {
    // The residual variance of the p-th variable given those before it.
    sum += A[p][p];
    for (let i = p + 1; i < d; i++) {
      const factor = A[i][p] / A[p][p];
      for (let j = p; j < d; j++) A[i][j] -= factor * A[p][j];
    }
  }
  return sum / 2;
}

/** ½ tr[(I − W)ᵀC(I − W)] by independent code. */
export function lossOf(C: DenseMatrix, W: DenseMatrix): number {
  const d = C.rows;
  let sum = 0;
  for (let j = 0; j < d; j++) {
    const left = Array.from({ length: d }, (_, i) => Number(i === j) - W.get(i, j));
    for (let a = 0; a < d; a++) for (let b = 0; b < d; b++) sum += left[a] * C.get(a, b) * left[b];
  }
  return sum / 2;
}

/**
 * tr e^(W∘W) − d by independent code, which is 0 without cycles: the sum of the traces of all powers over factorials.
 */
export function cyclesOf(W: DenseMatrix): number {
  const d = W.rows;
  const each = Array.from({ length: d }, (_, k) => k);
  const squares = each.map((i) => each.map((j) => W.get(i, j) ** 2));
  let [term, sum] = [squares, 0];
  for (let k = 2; ; k++) {
    for (const i of each) sum += term[i][i];
    // For an acyclic matrix the powers beyond d vanish; otherwise, divided by factorials, they soon become negligible.
    if (!Number.isFinite(sum) || term.every((row) => row.every((v) => v < 1e-20))) return sum;
    term = term.map((row) => each.map((j) => row.reduce((s, v, l) => s + v * squares[l][j], 0) / k));
  }
}

/** The number of swaps of two nodes in an order that would lower its score by more than rounding. O(d⁵). */
export function betterSwaps(C: DenseMatrix, order: ArrayLike<number>): number {
  const now = regressionScore(C, order);
  const other = Array.from(order);
  let better = 0;
  for (let a = 0; a < other.length; a++) {
    for (let b = 0; b < a; b++) {
      [other[a], other[b]] = [other[b], other[a]];
      if (regressionScore(C, other) < now * (1 - 1e-9)) better++;
      [other[a], other[b]] = [other[b], other[a]];
    }
  }
  return better;
}

/** A topological order of an acyclic graph. */
export function sourcesFirst(graph: DenseMatrix): number[] {
  const order: number[] = [];
  const left = new Set(Array.from({ length: graph.rows }, (_, v) => v));
  while (left.size > 0) {
    for (const v of left) {
      if ([...left].some((u) => graph.get(u, v) !== 0)) continue;
      left.delete(v);
      order.push(v);
    }
  }
  return order;
}
