import { checkGiven, fail, keysOf, knownKeys, type OptionKeys, type OptionsOf, run } from '@southwell/numerics/core';
import { descentIterates, halving, settling } from '../../optimisers/index.ts';
import { addIntercept } from '../continuous/logisticIntercept.ts';
import { l1Option, logisticRecords } from '../continuous/scores.ts';
import {
  type EstimateOptions,
  estimateFromRows,
  estimateGraph,
  type GraphEstimate,
  type ScoreOption,
  split,
} from '../estimate.ts';
import { type Knowledge, requiredAmong } from '../knowledge.ts';
import type { GraphData, Moments } from '../moments.ts';
import { binarySamples, type Samples, sharesOf } from '../samples.ts';
import { searchOf } from './candidates.ts';
import { type NodeRegressions, orderSearchIterates } from './orderSearch.ts';
import { searchRecords, type TopoIterate } from './topo.ts';

const penalisedRecords = {
  ...searchRecords,
  ...logisticRecords,
  /** Weight of the L1 norm of each regression, without required edges. Default 0.1. */
  lambda: l1Option,
  /** Size of the large set of swaps. Default: all swaps. Where weights are 0 the acyclicity gradient hardly tells which swaps are worth a trial. */
  large: searchRecords.large,
  /** Maximum number of times that the large set may lower the score. Default: without limit. */
  largeSearches: searchRecords.largeSearches,
};

export interface PenalisedTopoOptions extends OptionsOf<typeof penalisedRecords> {
  /** State from a checkpoint of an earlier run, for the same data and options. */
  readonly resume?: RegressionsState;
}

const penalisedKeys: OptionKeys<PenalisedTopoOptions> = { ...keysOf(penalisedRecords), resume: true };

/** All regressions in the order in which they were made, as plain data. */
export interface RegressionsState {
  readonly targets: Uint16Array;
  /** The number of parents of each regression; the parents and their weights, concatenated. */
  readonly sizes: Uint16Array;
  readonly parents: Uint16Array;
  readonly weights: Float64Array;
  readonly scores: Float64Array;
}

interface Fit {
  readonly score: number;
  /** One for each parent. */
  readonly weights: Float64Array;
  readonly target: number;
  readonly parents: readonly number[];
}

/** Minimum number of regressions between two iterates, at which the caller can stop. */
const SLICE = 50;

/**
 * TOPO with L1-penalised regressions along the order: least squares on moments, logistic regressions with intercepts on
 * {@link binarySamples}. The score of an order is the sum of the scores of all regressions, penalties included. After a
 * swap of positions a < b only the nodes from a to b are refitted, each once for a set of predecessors, since fits are
 * cached. There may be fewer rows than columns. Each iterate is a round or part of one; the objective never increases.
 * Status and checkpoints are as for {@link orderSearchIterates}. A fit takes O(d²) a sweep of coordinate descent, or on
 * rows O(nd) a step of L-BFGS; memory O(d) a fit.
 * @throws INVALID_PARAMETER.
 */
export function* penalisedTopoIterates(
  data: Moments | Samples,
  options: PenalisedTopoOptions = {},
): Generator<TopoIterate> {
  knownKeys('penalisedTopoIterates', options, penalisedKeys);
  checkGiven(penalisedRecords, options);
  const { lambda = 0.1, intercepts = true } = options;
  const { d } = data;
  const search = searchOf(d, { large: (d * (d - 1)) / 2, ...options });
  const { largeSearches = Number.POSITIVE_INFINITY } = options;
  yield* orderSearchIterates(regressions(data, lambda, intercepts, options), search, {
    largeSearches,
    maxFits: Number.POSITIVE_INFINITY,
    slice: SLICE,
  });
}

/** Penalised regressions of a node on others, each made once, warm-started from the last one of the node. */
function regressions(
  data: Moments | Samples,
  lambda: number,
  intercepts: boolean,
  { resume, knowledge }: PenalisedTopoOptions,
): NodeRegressions {
  if (!('C' in data) && !data.binary) fail('INVALID_PARAMETER', 'The logistic score needs binary variables.');
  const { d } = data;
  const known = new Map<string, Fit>();
  /** Regressions of an earlier run that have not been requested yet. */
  const ahead = resume ? unpacked(resume) : new Map<string, Fit>();
  const last = Array.from({ length: d }, () => new Float64Array(d));
  const fit = (target: number, parents: readonly number[]): Fit => {
    const key = keyOf(target, parents);
    const before = known.get(key);
    if (before) return before;
    const earlier = ahead.get(key);
    ahead.delete(key);
    const weights = earlier?.weights ?? Float64Array.from(parents, (parent) => last[target][parent]);
    let score = 0;
    const l1 = lambdas(lambda, target, parents, knowledge);
    if (earlier) score = earlier.score;
    else if ('C' in data) score = lasso(data, target, parents, l1, weights);
    else {
      const loss = logLoss(data, target, parents, intercepts);
      const fitted = run(settling(descentIterates(loss, weights, { search: halving(), l1 })));
      score = fitted.objective;
      weights.set(fitted.point);
    }
    parents.forEach((parent, k) => {
      last[target][parent] = weights[k];
    });
    const made = { score, weights, target, parents };
    known.set(key, made);
    return made;
  };
  return {
    d,
    score: (target, parents) => fit(target, parents).score,
    weights: (target, parents) => fit(target, parents).weights,
    get fits() {
      return known.size;
    },
    get replaying() {
      return ahead.size > 0;
    },
    state: () => packed([...known.values()]),
    // Larger than the differences that the tolerance of the fits may cause.
    tolerance: 1e-6,
  };
}

/** L1 weights, one for each parent; required edges are not penalised. */
const lambdas = (lambda: number, target: number, parents: readonly number[], knowledge?: Knowledge): Float64Array =>
  Float64Array.from(requiredAmong(parents, target, knowledge), (must) => (must ? 0 : lambda));

function packed(fits: readonly Fit[]): RegressionsState {
  const parents = fits.flatMap((fit) => fit.parents);
  const weights = new Float64Array(parents.length);
  let at = 0;
  for (const fit of fits) {
    weights.set(fit.weights, at);
    at += fit.weights.length;
  }
  return {
    targets: Uint16Array.from(fits, (fit) => fit.target),
    sizes: Uint16Array.from(fits, (fit) => fit.parents.length),
    parents: Uint16Array.from(parents),
    weights,
    scores: Float64Array.from(fits, (fit) => fit.score),
  };
}

function unpacked({ targets, sizes, parents, weights, scores }: RegressionsState): Map<string, Fit> {
  const fits = new Map<string, Fit>();
  let at = 0;
  targets.forEach((target, k) => {
    const [from, to] = [at, at + sizes[k]];
    const own = Array.from(parents.subarray(from, to));
    fits.set(keyOf(target, own), { target, parents: own, weights: weights.slice(from, to), score: scores[k] });
    at = to;
  });
  return fits;
}

const keyOf = (target: number, parents: readonly number[]): string => `${target}:${parents.join()}`;

/**
 * Minimises half the residual variance + Σ λₐ|wₐ| over w, from the given w: sweeps of coordinate descent find the
 * support, and the equations of the non-zero weights are then solved directly. O(m²) a sweep, O(k³) for k non-zero
 * weights.
 */
function lasso(
  { C, d }: Moments,
  target: number,
  parents: readonly number[],
  lambda: Float64Array,
  w: Float64Array,
): number {
  const m = parents.length;
  const c = C.data;
  const r = new Float64Array(m);
  /** Covariances of the parents with the residual of the target. */
  const residual = () => {
    for (let a = 0; a < m; a++) r[a] = c[target * d + parents[a]];
    for (let b = 0; b < m; b++) {
      if (w[b] === 0) continue;
      const column = parents[b] * d;
      for (let a = 0; a < m; a++) r[a] -= w[b] * c[column + parents[a]];
    }
  };
  residual();
  const own = c[target * d + target];
  for (let sweep = 0; sweep < 10_000; sweep++) {
    let change = 0;
    for (let a = 0; a < m; a++) {
      const column = parents[a] * d;
      const scale = c[column + parents[a]];
      const z = r[a] + scale * w[a];
      const next = Math.abs(z) > lambda[a] ? (z - Math.sign(z) * lambda[a]) / scale : 0;
      const step = next - w[a];
      if (step === 0) continue;
      w[a] = next;
      for (let b = 0; b < m; b++) r[b] -= step * c[column + parents[b]];
      change = Math.max(change, scale * step * step);
    }
    if (change <= 1e-14 * own) break;
    if (solveSupport(c, d, target, parents, lambda, w)) residual();
  }
  let value = own / 2;
  for (let a = 0; a < m; a++) value += lambda[a] * Math.abs(w[a]) - (w[a] * (c[target * d + parents[a]] + r[a])) / 2;
  return value;
}

/**
 * Moves the non-zero weights towards the minimum over them with their present signs, as far as the first that becomes
 * 0. Returns false, and changes nothing, if their equations are singular.
 */
function solveSupport(
  c: Float64Array,
  d: number,
  target: number,
  parents: readonly number[],
  lambda: Float64Array,
  w: Float64Array,
): boolean {
  const support: number[] = [];
  for (let a = 0; a < w.length; a++) if (w[a] !== 0) support.push(a);
  const k = support.length;
  const L = new Float64Array(k * k);
  const x = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    const row = parents[support[i]] * d;
    for (let j = 0; j <= i; j++) {
      let sum = c[row + parents[support[j]]];
      for (let l = 0; l < j; l++) sum -= L[i * k + l] * L[j * k + l];
      if (j < i) L[i * k + j] = sum / L[j * k + j];
      else if (sum > 1e-12 * c[row + parents[support[i]]]) L[i * k + i] = Math.sqrt(sum);
      else return false;
    }
    let sum = c[target * d + parents[support[i]]] - lambda[support[i]] * Math.sign(w[support[i]]);
    for (let l = 0; l < i; l++) sum -= L[i * k + l] * x[l];
    x[i] = sum / L[i * k + i];
  }
  let [part, first] = [1, -1];
  for (let i = k - 1; i >= 0; i--) {
    for (let l = i + 1; l < k; l++) x[i] -= L[l * k + i] * x[l];
    x[i] /= L[i * k + i];
    const at = w[support[i]];
    if (lambda[support[i]] === 0 || at * x[i] >= 0) continue;
    const zero = at / (at - x[i]);
    if (zero < part) [part, first] = [zero, i];
  }
  for (let i = 0; i < k; i++) {
    const a = support[i];
    w[a] = i === first ? 0 : w[a] + part * (x[i] - w[a]);
  }
  return true;
}

/** Mean log-loss, with the optimal intercept if `intercepts`. */
function logLoss(data: Samples, target: number, parents: readonly number[], intercepts: boolean) {
  const { X } = data;
  const n = X.rows;
  const shares = sharesOf(data);
  const x = X.column(target);
  const m = new Float64Array(n);
  const slopes = new Float64Array(n);
  let intercept = intercepts ? 0 : undefined;
  return (w: Float64Array, g: Float64Array): number => {
    m.fill(0);
    parents.forEach((parent, a) => {
      const column = X.column(parent);
      for (let i = 0; i < n; i++) m[i] += w[a] * column[i];
    });
    const b = addIntercept(m, x, shares, intercept, slopes);
    if (intercepts) intercept = b;
    let value = 0;
    for (let i = 0; i < n; i++) {
      value += shares[i] * (Math.max(m[i], 0) + Math.log1p(Math.exp(-Math.abs(m[i]))) - x[i] * m[i]);
    }
    parents.forEach((parent, a) => {
      const column = X.column(parent);
      let sum = 0;
      for (let i = 0; i < n; i++) sum += slopes[i] * column[i];
      g[a] = sum;
    });
    return value;
  };
}

/** Learns an order and penalised regressions along it by {@link penalisedTopoIterates}. */
export function penalisedTopo(
  X: GraphData,
  options: PenalisedTopoOptions & EstimateOptions & ScoreOption = {},
): GraphEstimate {
  const { score, ...rest } = options;
  const { own, estimate } = split<PenalisedTopoOptions>('penalisedTopo', rest, penalisedKeys);
  return score === 'logistic'
    ? estimateFromRows(X, (data) => penalisedTopoIterates(data, own), estimate, binarySamples)
    : estimateGraph(X, (data) => penalisedTopoIterates(data, own), estimate);
}
