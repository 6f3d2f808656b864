import {
  type Certificate,
  checkOptions,
  choiceOption,
  fail,
  type Iterate,
  keysOf,
  knownKeys,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  type Status,
} from '@southwell/numerics/core';
import { descentIterates, settling } from '../../optimisers/index.ts';
import { components, type Graph } from './graph.ts';
import { graphSpectrum, laplacianEigen } from './spectrum.ts';

/** Shares of links in all communications. */
export interface GossipRates {
  /** One share a link, in the order of the links; they sum to 1. */
  readonly p: Float64Array;
  /** Of the Laplacian with these shares. */
  readonly chi1: number;
  readonly chi2: number;
  /** √(2χ₁χ₂): communications per unit of time in which every node computes one gradient. */
  readonly totalRate: number;
  /** Their cost, where links have costs, per unit of time; else `totalRate`. */
  readonly cost: number;
  /** No rates that use all links have a lower total rate (or cost); 0 where links are left out, and for `lambda2`. */
  readonly lowerBound: number;
}

const records = {
  /**
   * `chi1chi2`, the communications that DADAO needs; `lambda2`, how fast plain gossip averages: the rates with the largest λ₂ among those
   * with the same sum. Default chi1chi2.
   */
  objective: choiceOption({ chi1chi2: 'communications of DADAO', lambda2: 'speed of plain gossip' }),
  /** Positive costs of a communication over each link. Default 1 each. */
  costs: otherOption<ArrayLike<number>>('one positive number a link'),
};

type Settings = OptionsOf<typeof records>;
export interface GossipRatesOptions extends Settings, RunOptions<GossipRates> {}
const keys: OptionKeys<GossipRatesOptions> = { ...keysOf(records), ...runKeys };

/** Exponents of the norms that stand for maxima, in turn. The last one is within (ln m + ln n) / 4096 of the logarithms. */
const EXPONENTS = [4, 16, 64, 256, 1024, 4096];
/** Shares below this are tried without their links. */
const UNUSED = 1e-5;

/** log χ₁ + log χ₂ (without its ½) or log χ₁ alone, with norms of exponent b in place of maxima, and its gradient in the rates p. */
export function smoothed(
  graph: Graph,
  p: ArrayLike<number>,
  b: number,
  withChi2: boolean,
  gradient: Float64Array,
): number {
  const { n, from, to } = graph;
  const { values, vectors, zero } = laplacianEigen(graph, p);
  const others = Array.from({ length: n }, (_, v) => v).filter((v) => v !== zero);
  const smallest = Math.min(...others.map((v) => values[v]));
  if (!(smallest > 0)) return Number.POSITIVE_INFINITY;
  const weights = others.map((v) => (smallest / values[v]) ** b);
  const total = weights.reduce((a, c) => a + c, 0);
  let value = Math.log(total) / b - Math.log(smallest);
  gradient.fill(0);
  others.forEach((v, a) => {
    const weight = weights[a] / total / values[v];
    if (weight === 0) return;
    for (let k = 0; k < from.length; k++) {
      gradient[k] -= weight * (vectors[from[k] * n + v] - vectors[to[k] * n + v]) ** 2;
    }
  });
  if (!withChi2) return value;
  // Row k: the coordinates of eₖ, the difference of the two unit vectors of link k, along eigenvectors divided by roots of eigenvalues.
  const width = others.length;
  const rows = new Float64Array(from.length * width);
  const resistances = new Float64Array(from.length);
  for (let k = 0; k < from.length; k++) {
    others.forEach((v, a) => {
      const entry = (vectors[from[k] * n + v] - vectors[to[k] * n + v]) / Math.sqrt(values[v]);
      rows[k * width + a] = entry;
      resistances[k] += entry * entry;
    });
  }
  const largest = Math.max(...resistances);
  const shares = resistances.map((r) => (r / largest) ** b);
  const sum = shares.reduce((a, c) => a + c, 0);
  value += Math.log(sum) / b + Math.log(largest);
  // −Σₖ wₖ (eₖᵀΛ⁺eₗ)² is the quadratic form of Σₖ wₖ (row k)(row k)ᵀ at row l.
  const form = new Float64Array(width * width);
  for (let k = 0; k < from.length; k++) {
    const weight = shares[k] / sum / resistances[k];
    if (weight < 1e-18 / largest) continue;
    for (let a = 0; a < width; a++) {
      const left = weight * rows[k * width + a];
      for (let c = 0; c < width; c++) form[a * width + c] += left * rows[k * width + c];
    }
  }
  for (let l = 0; l < from.length; l++) {
    let quadratic = 0;
    for (let a = 0; a < width; a++) {
      let inner = 0;
      for (let c = 0; c < width; c++) inner += form[a * width + c] * rows[l * width + c];
      quadratic += inner * rows[l * width + a];
    }
    gradient[l] -= quadratic;
  }
  return value;
}

const sharesOf = (logits: ArrayLike<number>): Float64Array => {
  const top = Array.from(logits).reduce((a, c) => Math.max(a, c), Number.NEGATIVE_INFINITY);
  const shares = Float64Array.from(logits, (v) => Math.exp(v - top));
  const sum = shares.reduce((a, c) => a + c, 0);
  return shares.map((v) => v / sum);
};

/**
 * The shares of links in gossip that need the fewest communications: minimises log χ₁ + log χ₂ over the simplex. Both are convex in the rates (λ₂ and the
 * inverses of effective resistances are concave), so that no semidefinite program is needed: norms of growing exponents stand for maxima,
 * and L-BFGS steps are taken in logits from uniform shares on. An iterate is a step with the best rates so far, which are never worse than
 * uniform ones; its certificate is the distance of the objective from a lower bound by convexity. O(n³ + links · n²) an iterate.
 *
 * Links whose shares tend to 0 are left out at the end. They no longer count in χ₂ then, so that this may lower the total rate further.
 *
 * With costs c the cost of the communications is minimised: the problem in the shares pₖcₖ / Σ pc.
 *
 * Problem: Nabli and Oyallon, DADAO (ICML 2023). The formulation is our own.
 *
 * @throws SouthwellError for a graph that is not connected, for costs that are not one positive finite number a link, and for invalid options.
 */
export function* gossipRatesIterates(graph: Graph, options: Settings = {}): Generator<Iterate<GossipRates>> {
  checkOptions('gossipRatesIterates', records, options);
  const { objective = 'chi1chi2', costs } = options;
  const links = graph.from.length;
  const price = checkedCosts(costs, links);
  const search = new Search(graph, price, objective === 'chi1chi2');
  search.offer(sharesOf(new Float64Array(links)));
  if (links < 2) {
    search.bound = search.value;
    yield search.iterate(0, 'converged');
    return;
  }
  let iteration = 0;
  let logits = new Float64Array(links);
  const gradient = new Float64Array(links);
  for (const b of EXPONENTS) {
    // Shares that were driven to zero have no slope in logits, and may be wanted by the next norm.
    logits = sharesOf(logits).map((share) => Math.log((1 - LIFTED) * share + LIFTED / links));
    const oracle = (at: Float64Array, out: Float64Array): number => {
      const q = sharesOf(at);
      const value = search.smoothed(q, b, gradient);
      const mean = q.reduce((sum, share, k) => sum + share * gradient[k], 0);
      for (let k = 0; k < links; k++) out[k] = q[k] * (gradient[k] - mean);
      return value;
    };
    for (const step of settling(descentIterates(oracle, logits), { gradient: 1e-9, decrease: 1e-10 })) {
      logits = step.x.slice();
      search.offer(sharesOf(step.x), b);
      yield search.iterate(iteration++);
      if (iteration > 1 && step.iteration >= STEPS) break;
    }
  }
  yield search.iterate(iteration, search.value - search.bound <= CLOSE ? 'converged' : 'stalled');
}

/** A gap of log χ₁χ₂ that counts as none. */
const CLOSE = 1e-3;
/** Part of all shares that is spread over the links before each exponent. */
const LIFTED = 0.005;
/** L-BFGS steps with one exponent. */
const STEPS = 300;

function checkedCosts(costs: ArrayLike<number> | undefined, links: number): ArrayLike<number> {
  if (costs === undefined) return new Float64Array(links).fill(1);
  if (costs.length !== links)
    fail('INVALID_PARAMETER', `The graph has ${links} links, and ${costs.length} costs were given.`);
  for (let k = 0; k < links; k++) {
    if (!(costs[k] > 0 && costs[k] < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `The cost of link ${k} is ${costs[k]}: costs are positive and finite.`);
    }
  }
  return costs;
}

/** The best shares so far. Those of costs, q, are proportional to those of communications times costs. */
class Search {
  value = Number.POSITIVE_INFINITY;
  bound = Number.NEGATIVE_INFINITY;
  private calls = 0;
  private best: Float64Array = new Float64Array(0);
  private readonly scratch: Float64Array;

  constructor(
    private readonly graph: Graph,
    private readonly costs: ArrayLike<number>,
    private readonly withChi2: boolean,
  ) {
    this.scratch = new Float64Array(graph.from.length);
  }

  private rates(q: Float64Array): Float64Array {
    return q.map((share, k) => share / this.costs[k]);
  }

  smoothed(q: Float64Array, b: number, gradient: Float64Array): number {
    this.calls++;
    const value = smoothed(this.graph, this.rates(q), b, this.withChi2, gradient);
    for (let k = 0; k < gradient.length; k++) gradient[k] /= this.costs[k];
    return value;
  }

  /** log χ₁ + log 2χ₂, or log χ₁. */
  private exact(q: Float64Array): number {
    if (q.length === 0) return 0;
    const { chi1, chi2 } = graphSpectrum(this.graph, this.rates(q));
    return Math.log(chi1) + (this.withChi2 ? Math.log(2 * chi2) : 0);
  }

  /** Keeps shares if they are better, and the bound at them with exponent b if it is. */
  offer(q: Float64Array, b?: number): void {
    const exact = this.exact(q);
    if (this.best.length === 0 || exact < this.value) [this.best, this.value] = [q, exact];
    if (b === undefined) return;
    const { n } = this.graph;
    const at = this.smoothed(q, b, this.scratch);
    // The tangent plane of a convex function is least at a corner of the simplex; a norm exceeds the maximum at most by the number of terms.
    const excess = (Math.log(n - 1) + (this.withChi2 ? Math.log(q.length) : 0)) / b;
    const slope = q.reduce((sum, share, k) => sum + share * this.scratch[k], 0);
    this.bound = Math.max(
      this.bound,
      at - slope + this.scratch.reduce((a, c) => Math.min(a, c), Number.POSITIVE_INFINITY) - excess,
    );
  }

  /** The best shares; without links that are hardly used, which count among those of χ₂, if that costs next to nothing. */
  private used(): Float64Array {
    const { best } = this;
    const top = best.reduce((a, c) => Math.max(a, c), 0);
    const used = best.map((share) => (share < UNUSED * top ? 0 : share));
    if (components(this.graph, used).some((component) => component !== 0)) return best;
    const sum = used.reduce((a, c) => a + c, 0);
    for (let k = 0; k < used.length; k++) used[k] /= sum;
    return this.exact(used) <= this.value + UNUSED ? used : best;
  }

  iterate(iteration: number, done?: Status): Iterate<GossipRates> {
    const { value } = this;
    const gap = Math.max(0, value - this.bound);
    const certificate: Certificate = { kind: 'objectiveGap', value: gap, relative: gap };
    return {
      ...{ iteration, objective: value, work: { oracleCalls: this.calls }, ...(done && { done }) },
      ...(done === 'stalled' && {
        next: 'The bound is not this close for graphs with unused links; the rates are valid.',
      }),
      ...(Number.isFinite(gap) && { certificate }),
      snapshot: () => this.found(),
    };
  }

  private found(): GossipRates {
    const rates = this.rates(this.used());
    const sum = rates.reduce((a, c) => a + c, 0);
    const p = sum > 0 ? rates.map((rate) => rate / sum) : rates;
    const { chi1, chi2, scale } = graphSpectrum(this.graph, p);
    const cost = p.reduce((total, share, k) => total + share * this.costs[k], 0) * scale;
    const whole = this.withChi2 && p.every((share) => share > 0);
    const lowerBound = whole ? Math.min(cost, Math.exp(this.bound / 2)) : 0;
    return { p, chi1, chi2, totalRate: scale, cost, lowerBound };
  }
}

/**
 * The best shares of links by {@link gossipRatesIterates}.
 *
 * @param options `tol` is on the gap of log χ₁χ₂, twice the relative gap of the total rate. Default 1e-3, within `maxIter` = 2000 steps.
 * @throws SouthwellError for a graph that is not connected, for costs that are not one positive finite number a link, and for invalid options.
 */
export function gossipRates(graph: Graph, options: GossipRatesOptions = {}): Solution<GossipRates> {
  knownKeys('gossipRates', options, keys);
  const { objective, costs, tol = 1e-3, maxIter = 2000, ...watched } = options;
  const settings = only({ objective, costs }, keysOf(records));
  return run(gossipRatesIterates(graph, settings), { ...watched, tol, maxIter });
}
