import { modelKernels } from '@southwell/kernels/models';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, type Iterate, keysOf, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { matrixProduct } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import { type EstimateOptions, estimateFromRows, type GraphEstimate, type GraphPoint, split } from '../estimate.ts';
import {
  allowedParents,
  checkKnowledge,
  consistentOrder,
  isFirst,
  type Knowledge,
  type KnowledgeOption,
  knowledgeRecords,
  requiredAmong,
} from '../knowledge.ts';
import type { GraphData } from '../moments.ts';
import { type Samples, samples } from '../samples.ts';
import { adaptiveLasso } from './adaptiveLasso.ts';

export interface DirectLingamOptions extends KnowledgeOption {
  /** State from a checkpoint of an earlier run, for the same data and options. */
  readonly resume?: DirectLingamState;
}

/** The variables found so far, as plain data. */
export interface DirectLingamState {
  /** Causes first. */
  readonly order: Int32Array;
  readonly objective: number;
  readonly comparisons: number;
}

export interface DirectLingamIterate extends Iterate<GraphPoint> {
  /** Number of pairs of variables compared so far. */
  readonly comparisons: number;
}

const directLingamKeys: OptionKeys<DirectLingamOptions> = { ...keysOf(knowledgeRecords), resume: true };

/** A column is singular if its residual variance is below this fraction of its variance. */
const SINGULAR = 1e-12;

/**
 * DirectLiNGAM (Shimizu et al., JMLR 2011) for linear models with non-Gaussian noise: finds a variable that has no
 * cause among the others, regresses the others on it, and repeats on the residuals. That variable has the smallest sum
 * over the others of min(0, Δ)², where Δ is the difference of the log-likelihoods of the two directions between it and
 * the other, with the entropy approximation of Hyvärinen & Smith (JMLR 2013): the measure "pwling" of the authors'
 * package. The two variables with the smallest sums so far are compared first, so that most other pairs need not be
 * compared. Edges then come from the {@link adaptiveLasso} along the order. With prior knowledge, variables that
 * another one must precede are not yet compared, as in the authors' package; forbidden edges are left out of the
 * regressions, and required ones are not penalised.
 *
 * Each iterate is a variable found, and checkpoints are possible at each; until the end, nodes not yet found come last
 * in the order, without edges into them. The objective is the total of the smallest sums: near 0 where the model fits,
 * independent of the units of the columns. Ends `completed` with the last variable; nothing is claimed about an
 * optimum. With Gaussian noise the order is arbitrary.
 *
 * At most O(nd³) for the order, often closer to O(nd²); O(d⁴) for the edges; O(nd) memory.
 * @throws INVALID_PARAMETER unless there are more rows than columns, SINGULAR for a column that is a linear combination
 * of others (to 1e-12 of its variance), NOT_SUPPORTED for weighted rows.
 */
export function* directLingamIterates(
  data: Samples,
  options: DirectLingamOptions = {},
): Generator<DirectLingamIterate> {
  knownKeys('directLingamIterates', options, directLingamKeys);
  const { n, d } = data;
  const { resume, knowledge } = options;
  checkKnowledge(knowledge, d);
  if (data.shares) fail('NOT_SUPPORTED', 'DirectLiNGAM takes unweighted rows, not rows with shares.');
  if (n <= d) {
    fail(
      'INVALID_PARAMETER',
      `DirectLiNGAM regresses columns on all others, which needs more rows than columns, but there are ${n} rows for ${d} columns. Leave columns out.`,
    );
  }
  const search = new ExogenousSearch(data);
  const W = DenseMatrix.create(d, d);
  const order: number[] = [];
  let objective = resume?.objective ?? 0;
  const take = (next: number) => {
    const parents = allowedParents(order, next, knowledge);
    const weights = search.edges(next, parents, requiredAmong(parents, next, knowledge));
    parents.forEach((parent, k) => {
      W.set(parent, next, weights[k]);
    });
    order.push(next);
    search.remove(next);
  };
  const iterate = (): DirectLingamIterate => ({
    iteration: order.length,
    objective,
    work: { oracleCalls: search.comparisons },
    mayFail: true,
    done: order.length === d ? 'completed' : undefined,
    comparisons: search.comparisons,
    snapshot: () => ({
      W: DenseMatrix.fromColumnMajor(W.data, d, d),
      order: consistentOrder([...order, ...search.left], knowledge),
      scaleFree: true,
    }),
    checkpoint: (): DirectLingamState => ({
      order: Int32Array.from(order),
      objective,
      comparisons: search.comparisons,
    }),
  });
  try {
    search.refuseCombinations();
    for (const next of resume?.order ?? []) take(next);
    search.comparisons = resume?.comparisons ?? 0;
    yield iterate();
    while (order.length < d) {
      const { node, sum } = search.next(knowledge);
      objective += sum;
      take(node);
      yield iterate();
    }
  } finally {
    search.free();
    W.free();
  }
}

/** The remaining variables, standardised residuals of the regressions on those found. */
class ExogenousSearch {
  /** In ascending order. */
  readonly left: number[];
  comparisons = 0;
  private readonly Z: DenseMatrix;
  /** Correlations of the original columns, and their standard deviations. */
  private readonly R: DenseMatrix;
  private readonly deviations: Float64Array;
  /** Residual variance of each, relative to its variance. */
  private readonly shares: Float64Array;
  private readonly work: DenseMatrix;

  constructor(private readonly data: Samples) {
    const { X, n, d } = data;
    this.left = Array.from({ length: d }, (_, j) => j);
    this.Z = DenseMatrix.create(n, d, { arena: X.arena });
    this.Z.data.set(X.data);
    this.deviations = new Float64Array(d);
    this.shares = new Float64Array(d).fill(1);
    for (let j = 0; j < d; j++) this.deviations[j] = standardise(this.Z.column(j));
    this.R = DenseMatrix.create(d, d, { arena: X.arena });
    matrixProduct(this.Z, this.Z, this.R, { transA: true, alpha: 1 / n });
    this.work = DenseMatrix.create(n, 4, { arena: X.arena });
  }

  /** Weights of the edges into a node from parents among those found, in the units of the data. */
  edges(node: number, parents: readonly number[], required: readonly boolean[]): Float64Array {
    const { R, deviations, data } = this;
    const weights = adaptiveLasso(R, data.n, node, parents, required);
    return weights.map((w, k) => w * (deviations[node] / deviations[parents[k]]));
  }

  /**
   * The variable with the smallest sum of min(0, Δ)² over the others, of those that no other one must precede; in case
   * of ties the first. A single candidate is not compared.
   */
  next(knowledge?: Knowledge): { readonly node: number; readonly sum: number } {
    const { left } = this;
    const m = left.length;
    const places = Array.from({ length: m }, (_, a) => a).filter((a) => isFirst(left[a], left, knowledge));
    if (places.length === 1) return { node: left[places[0]], sum: 0 };
    const entropies = Float64Array.from(left, (j) => this.entropyOf(j));
    const sums = new Float64Array(m);
    const compared = Array.from({ length: m }, (_, a) => Uint8Array.from({ length: m }, (__, b) => (a === b ? 1 : 0)));
    for (;;) {
      const a = places.reduce((least, k) => (sums[k] < sums[least] ? k : least));
      // Partial sums only grow: a complete sum that is still the smallest is the minimum.
      let b = -1;
      for (let k = 0; k < m; k++) if (compared[a][k] === 0 && (b < 0 || sums[k] < sums[b])) b = k;
      if (b < 0) return { node: left[a], sum: sums[a] };
      compared[a][b] = 1;
      compared[b][a] = 1;
      const [entropyA, entropyB] = this.residualEntropies(left[a], left[b]);
      const difference = entropies[b] + entropyA - (entropies[a] + entropyB);
      if (difference < 0) sums[a] += difference ** 2;
      else sums[b] += difference ** 2;
      this.comparisons++;
    }
  }

  /** Removes a variable, and regresses the others on it. O(n) a remaining variable. */
  remove(node: number): void {
    const { left, Z, shares } = this;
    left.splice(left.indexOf(node), 1);
    const cause = Z.column(node);
    for (const j of left) {
      const slope = this.correlation(node, j);
      const column = Z.column(j);
      for (let i = 0; i < column.length; i++) column[i] -= slope * cause[i];
      shares[j] *= standardise(column) ** 2;
      this.refuseCombination(j, shares[j]);
    }
  }

  free(): void {
    for (const matrix of [this.Z, this.R, this.work]) matrix.free();
  }

  /**
   * O(d³).
   * @throws SINGULAR; by elimination, before any comparison.
   */
  refuseCombinations(): void {
    const d = this.R.rows;
    const P = this.R.data.slice();
    for (let k = 0; k < d; k++) {
      this.refuseCombination(k, P[k * d + k]);
      for (let j = k + 1; j < d; j++) {
        const factor = P[j * d + k] / P[k * d + k];
        for (let i = k; i < d; i++) P[j * d + i] -= factor * P[k * d + i];
      }
    }
  }

  private refuseCombination(j: number, share: number): void {
    if (share > SINGULAR) return;
    const name = this.data.names?.[j] ?? `Column ${j}`;
    fail('SINGULAR', `${name} is a linear combination of other columns: leave it out.`);
  }

  private correlation(i: number, j: number): number {
    const { Z } = this;
    const n = Z.rows;
    return Z.arena.kernels.dot(n, Z.pointer + 8 * i * n, Z.pointer + 8 * j * n) / n;
  }

  private entropyOf(j: number): number {
    const { Z, work } = this;
    work.column(0).set(Z.column(j));
    return entropies(work, 1)[0];
  }

  /** Entropies of the standardised residuals of each of two variables regressed on the other. */
  private residualEntropies(a: number, b: number): Float64Array {
    const { Z, work, shares } = this;
    const slope = this.correlation(a, b);
    const variance = (1 - slope) * (1 + slope);
    this.refuseCombination(b, variance * Math.min(shares[a], shares[b]));
    const scale = 1 / Math.sqrt(variance);
    const [x, y, u, v] = [Z.column(a), Z.column(b), work.column(0), work.column(1)];
    for (let i = 0; i < x.length; i++) {
      u[i] = scale * (x[i] - slope * y[i]);
      v[i] = scale * (y[i] - slope * x[i]);
    }
    return entropies(work, 2);
  }
}

/** Centres a column and divides it by its standard deviation, which is returned. */
function standardise(column: Float64Array): number {
  const n = column.length;
  let mean = 0;
  for (const v of column) mean += v / n;
  let variance = 0;
  for (let i = 0; i < n; i++) {
    column[i] -= mean;
    variance += column[i] ** 2 / n;
  }
  const deviation = Math.sqrt(variance);
  if (deviation > 0) for (let i = 0; i < n; i++) column[i] /= deviation;
  return deviation;
}

const GAUSSIAN = (1 + elementary.log(2 * Math.PI)) / 2;

/**
 * Entropies of the first `count` (1 or 2) standardised columns of a matrix of at least 2 · count columns, by the
 * maximum entropy approximation of Hyvärinen (NIPS 1998), (1 + log 2π)/2 − 79.047(E log cosh u − 0.37457)² − 7.4129
 * E²[u·e^(−u²/2)]. The columns are overwritten.
 */
function entropies(columns: DenseMatrix, count: 1 | 2): Float64Array {
  const n = columns.rows;
  const a = columns.data;
  const size = count * n;
  const sums = new Float64Array(count);
  // Both functions come from one vectorised pass of sigmoids σ, at t = 2|u| and at t = −u²/2.
  const u = a.slice(0, size);
  for (let k = 0; k < size; k++) {
    a[k] = 2 * Math.abs(u[k]);
    a[size + k] = (-u[k] * u[k]) / 2;
  }
  columns.arena.use(modelKernels).sigmoids(2 * size, 0, columns.pointer);
  for (let c = 0; c < count; c++) {
    let [logs, product, waves, sizes] = [0, 1, 0, 0];
    for (let k = c * n; k < (c + 1) * n; k++) {
      // log cosh u = |u| − log 2 − log σ(2|u|); factors lie in [½, 1], so that a product of 512 of them cannot
      // underflow.
      product *= a[k];
      if ((k & 511) === 511) {
        logs += elementary.log(product);
        product = 1;
      }
      sizes += Math.abs(u[k]);
      const sigmoid = a[size + k];
      waves += (u[k] * sigmoid) / (1 - sigmoid);
    }
    logs += elementary.log(product);
    const cosh = (sizes - logs) / n - Math.LN2;
    sums[c] = GAUSSIAN - 79.047 * (cosh - 0.37457) ** 2 - 7.4129 * (waves / n) ** 2;
  }
  return sums;
}

/**
 * Learns an order and the edges along it by {@link directLingamIterates}; takes rows, not moments. The adaptive lasso
 * already removes edges, so that the default threshold is 0.
 */
export function directLingam(X: GraphData, options: DirectLingamOptions & EstimateOptions = {}): GraphEstimate {
  const { own, estimate } = split<DirectLingamOptions>('directLingam', options, directLingamKeys);
  const learn = (data: Samples) => directLingamIterates(data, own);
  return estimateFromRows(X, learn, { ...estimate, threshold: options.threshold ?? 0 }, samples);
}
