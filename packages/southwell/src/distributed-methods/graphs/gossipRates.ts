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
  /** No rates that use the same links have a lower total rate (or cost); 0 if there is no such bound, and for `lambda2`. */
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

/** Exponents of the norms that stand for maxima, in turn. The last one is within (ln m + ln n) / 16384 of the logarithms. */
const EXPONENTS = [4, 16, 64, 256, 1024, 4096, 16384];
/** Links with less than a part of the largest share are left out, if the objective rises by less than a limit. */
const UNUSED = [
  [0.3, 0],
  [0.1, 0],
  [0.03, 0],
  [0.003, 0],
  [1e-5, 1e-5],
] as const;
/** Gaps above this are told before it is known whether links will be left out. */
const WIDE = 0.1;

/** log χ₁ + log 2χ₂, or log χ₁ alone, with norms of exponent b in place of maxima, and without. */
export interface Smoothed {
  readonly value: number;
  readonly exact: number;
}

/** Values and the gradient in the rates p, all of which are positive. O(n³ + links · n). */
export function smoothed(
  graph: Graph,
  p: ArrayLike<number>,
  b: number,
  withChi2: boolean,
  gradient: Float64Array,
): Smoothed {
  const { n, from, to } = graph;
  const { values, vectors, zero } = laplacianEigen(graph, p);
  const smallest = values.reduce((least, value, v) => (v === zero ? least : Math.min(least, value)), Infinity);
  gradient.fill(0);
  if (!(smallest > 0)) return { value: Number.POSITIVE_INFINITY, exact: Number.POSITIVE_INFINITY };
  const weights = values.map((value, v) => (v === zero ? 0 : (smallest / value) ** b));
  const total = weights.reduce((a, c) => a + c, 0);
  const slopes = spectral(vectors, n, (v) => weights[v] / values[v]);
  for (let k = 0; k < gradient.length; k++) gradient[k] = -ofLink(slopes, n, from[k], to[k]) / total;
  const value = Math.log(total) / b - Math.log(smallest);
  if (!withChi2) return { value, exact: -Math.log(smallest) };
  const inverse = spectral(vectors, n, (v) => (v === zero ? 0 : 1 / values[v]));
  const resistances = gradient.map((_, k) => ofLink(inverse, n, from[k], to[k]));
  const largest = resistances.reduce((a, c) => Math.max(a, c), 0);
  const shares = resistances.map((r) => (r / largest) ** b);
  const sum = shares.reduce((a, c) => a + c, 0);
  // The derivative of resistance k in rate l is −((eₖ)ᵀ Λ⁺ e_l)², so that Σₖ wₖ of them is the form Λ⁺ (Σₖ wₖ eₖ eₖᵀ) Λ⁺ at e_l.
  const form = between(graph, inverse, (k) => shares[k] / sum / resistances[k]);
  for (let k = 0; k < gradient.length; k++) gradient[k] -= ofLink(form, n, from[k], to[k]);
  return {
    value: value + Math.log(sum) / b + Math.log(largest),
    exact: Math.log(largest) - Math.log(smallest),
  };
}

/** The form of a symmetric n × n matrix at the difference of two unit vectors. */
const ofLink = (matrix: Float64Array, n: number, i: number, j: number): number =>
  matrix[i * n + i] + matrix[j * n + j] - 2 * matrix[i * n + j];

/** Σ_v f(v) v vᵀ over the columns v of a row-major n × n matrix. O(n³), less the columns with f(v) = 0. */
function spectral(vectors: Float64Array, n: number, f: (v: number) => number): Float64Array {
  const scales = Float64Array.from({ length: n }, (_, v) => f(v));
  const used = [...scales.keys()].filter((v) => scales[v] > 0);
  const width = used.length;
  const rows = new Float64Array(n * width);
  for (let i = 0; i < n; i++)
    for (let a = 0; a < width; a++) rows[i * width + a] = vectors[i * n + used[a]] * Math.sqrt(scales[used[a]]);
  return products(rows, rows, n, width);
}

/** The inner products of the rows of one matrix with those of another, n × width both, of which it is known that they are symmetric. */
function products(left: Float64Array, right: Float64Array, n: number, width: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let inner = 0;
      for (let a = 0; a < width; a++) inner += left[i * width + a] * right[j * width + a];
      out[i * n + j] = out[j * n + i] = inner;
    }
  }
  return out;
}

/** P (Σₖ wₖ eₖ eₖᵀ) P for a symmetric P, eₖ the difference of the unit vectors of link k. O(n³ + links · n). */
function between({ n, from, to }: Graph, P: Float64Array, weightOf: (k: number) => number): Float64Array {
  const half = new Float64Array(n * n);
  for (let k = 0; k < from.length; k++) {
    const weight = weightOf(k);
    if (weight === 0) continue;
    const [i, j] = [from[k] * n, to[k] * n];
    for (let a = 0; a < n; a++) {
      const difference = weight * (P[i + a] - P[j + a]);
      half[i + a] += difference;
      half[j + a] -= difference;
    }
  }
  // Row j of the transpose of the middle part times P.
  const turned = half.map((_, at) => half[(at % n) * n + Math.floor(at / n)]);
  return products(P, turned, n, n);
}

/** Shares by their square roots, up to a factor. */
const sharesOf = (roots: Float64Array): Float64Array => {
  const sum = roots.reduce((a, root) => a + root * root, 0);
  return roots.map((root) => (root * root) / sum);
};

/**
 * The shares of links in gossip that need the fewest communications: minimises log χ₁ + log χ₂ over the simplex. Both are convex in the rates (λ₂ and the
 * inverses of effective resistances are concave), so that no semidefinite program is needed: norms of growing exponents stand for maxima,
 * and L-BFGS steps are taken in logits from uniform shares on. An iterate is a step with the best rates so far, which are never worse than
 * uniform ones; its certificate is the distance of the objective from a lower bound by convexity. O(n³ + links · n) an iterate.
 *
 * Links whose shares tend to 0 are left out at the end, and the rates of the others are optimised again: links without a share do not count
 * in χ₂, so that this may lower the total rate further.
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
  const all = Int32Array.from({ length: links }, (_, k) => k);
  let search = new Search({ graph, costs: price, withChi2: objective === 'chi1chi2', members: all, links });
  let best = search;
  let iteration = 0;
  for (let next: Search | undefined = search; next; next = search.narrowed()) {
    search = next;
    for (const _ of search.steps()) yield search.iterate(iteration++);
    if (search.value <= best.value) best = search;
  }
  yield best.iterate(iteration, best.gap() <= CLOSE ? 'converged' : 'stalled');
}

/** A gap of log χ₁χ₂ that counts as none. */
const CLOSE = 0.01;
/** Part of all shares that is spread over the links before each exponent. */
const LIFTED = 0.005;
/** Steps with exponent b end where its minimum is closer than this divided by b. */
const NEAR = 1;
/** L-BFGS steps with one exponent. */
const STEPS = 100;
/** With larger exponents there are more of them. */
const SHARP = 1000;

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

interface SearchProblem {
  readonly graph: Graph;
  readonly costs: ArrayLike<number>;
  readonly withChi2: boolean;
  /** The numbers of the links of `graph` among all `links`, of which the others are left out. */
  readonly members: Int32Array;
  readonly links: number;
}

/** The best shares so far. Those of costs, q, are proportional to those of communications times costs. */
class Search {
  value = Number.POSITIVE_INFINITY;
  private bound = Number.NEGATIVE_INFINITY;
  private calls = 0;
  private checked?: { readonly best: Float64Array; readonly used: Float64Array };
  private best: Float64Array = new Float64Array(0);
  /** Distance of the last look from the minimum with its exponent, at most. */
  private slack = Number.POSITIVE_INFINITY;

  constructor(
    private readonly problem: SearchProblem,
    start?: Float64Array,
  ) {
    const { length } = problem.members;
    const q = start ?? new Float64Array(length).fill(1 / length);
    this.keep(q, this.exact(q));
    if (length < 2) this.bound = this.value;
  }

  private rates(q: Float64Array): Float64Array {
    return q.map((share, k) => share / this.problem.costs[k]);
  }

  /** log χ₁ + log 2χ₂, or log χ₁. */
  private exact(q: Float64Array): number {
    if (q.length === 0) return 0;
    const { chi1, chi2 } = graphSpectrum(this.problem.graph, this.rates(q));
    return Math.log(chi1) + (this.problem.withChi2 ? Math.log(2 * chi2) : 0);
  }

  private keep(q: Float64Array, exact: number): void {
    if (this.best.length === 0 || exact < this.value) [this.best, this.value] = [q, exact];
  }

  /** The smoothed objective with exponent b and its gradient in the shares; they are kept if they are better, and so is the bound. */
  private look(q: Float64Array, b: number, gradient: Float64Array): number {
    const { graph, costs, withChi2 } = this.problem;
    this.calls++;
    const { value, exact } = smoothed(graph, this.rates(q), b, withChi2, gradient);
    for (let k = 0; k < gradient.length; k++) gradient[k] /= costs[k];
    if (!Number.isFinite(value)) return value;
    this.keep(q, exact);
    // The tangent plane of a convex function is least at a corner of the simplex; a norm exceeds the maximum at most by the number of terms.
    const excess = (Math.log(graph.n - 1) + (withChi2 ? Math.log(q.length) : 0)) / b;
    const slope = q.reduce((sum, share, k) => sum + share * gradient[k], 0);
    this.slack = slope - gradient.reduce((a, c) => Math.min(a, c), Number.POSITIVE_INFINITY);
    this.bound = Math.max(this.bound, value - this.slack - excess);
    return value;
  }

  /** L-BFGS in roots of shares for each exponent in turn; yields after each step. */
  *steps(): Generator<void> {
    const links = this.best.length;
    if (links < 2) return;
    const gradient = new Float64Array(links);
    let shares = this.best;
    for (const b of EXPONENTS) {
      // Shares that were driven to zero have no slope in their roots, and may be wanted by the next norm.
      const roots = shares.map((share) => Math.sqrt((1 - LIFTED) * share + LIFTED / links));
      const oracle = (at: Float64Array, out: Float64Array): number => {
        const q = sharesOf(at);
        const value = this.look(q, b, gradient);
        const mean = q.reduce((sum, share, k) => sum + share * gradient[k], 0);
        const square = at.reduce((sum, root) => sum + root * root, 0);
        for (let k = 0; k < links; k++) out[k] = (2 * at[k] * (gradient[k] - mean)) / square;
        return value;
      };
      for (const step of settling(descentIterates(oracle, roots), { gradient: 1e-9, decrease: 1e-10 })) {
        shares = sharesOf(step.x);
        yield;
        if (step.iteration >= (b < SHARP ? STEPS : 4 * STEPS) || this.slack < NEAR / b) break;
      }
    }
  }

  /** The best shares without those that are hardly used, if the graph stays connected and it costs next to nothing. */
  private used(): Float64Array {
    const { best, checked } = this;
    if (checked?.best === best) return checked.used;
    const top = best.reduce((a, c) => Math.max(a, c), 0);
    let used = best;
    for (const [share, cost] of UNUSED) {
      const fewer = this.above(share * top);
      if (fewer === undefined || this.exact(fewer) > this.value + cost) continue;
      used = fewer;
      break;
    }
    this.checked = { best, used };
    return used;
  }

  /** The best shares above a limit, scaled to a sum of 1; undefined if these are all, or do not connect the graph. */
  private above(limit: number): Float64Array | undefined {
    const used = this.best.map((share) => (share < limit ? 0 : share));
    if (used.every((share) => share > 0)) return undefined;
    if (components(this.problem.graph, used).some((component) => component !== 0)) return undefined;
    const sum = used.reduce((a, c) => a + c, 0);
    return used.map((share) => share / sum);
  }

  /** The problem of the links that are used, if that is another: links that are not used do not count in χ₂. */
  narrowed(): Search | undefined {
    const { graph, costs, withChi2, members, links } = this.problem;
    const used = this.used();
    const kept = [...used.keys()].filter((k) => used[k] > 0);
    if (!withChi2 || kept.length === used.length) return undefined;
    const of = <T extends Int32Array>(all: T) => Int32Array.from(kept, (k) => all[k]);
    const search = new Search(
      {
        graph: { n: graph.n, from: of(graph.from), to: of(graph.to) },
        costs: kept.map((k) => costs[k]),
        ...{ withChi2, members: of(members), links },
      },
      Float64Array.from(kept, (k) => used[k]),
    );
    search.calls = this.calls;
    return search;
  }

  /** Distance of the objective from its lower bound. */
  gap(): number {
    return Math.max(0, this.value - this.bound);
  }

  iterate(iteration: number, done?: Status): Iterate<GossipRates> {
    const gap = this.gap();
    const certificate: Certificate = { kind: 'objectiveGap', value: gap, relative: gap };
    // Until links that are not used are left out, the bound is one of another problem.
    const whole = !this.problem.withChi2 || gap > WIDE || this.used() === this.best;
    return {
      ...{ iteration, objective: this.value, work: { oracleCalls: this.calls }, ...(done && { done }) },
      ...(done === 'stalled' && {
        next: 'The rates are valid, and never worse than uniform ones, but they may not be the best.',
      }),
      ...(whole && Number.isFinite(gap) && { certificate }),
      snapshot: () => this.found(),
    };
  }

  private found(): GossipRates {
    const { graph, costs, withChi2, members, links } = this.problem;
    const q = this.used();
    const rates = this.rates(q);
    const sum = rates.reduce((a, c) => a + c, 0);
    const shares = sum > 0 ? rates.map((rate) => rate / sum) : rates;
    const { chi1, chi2, scale } = graphSpectrum(graph, shares);
    const cost = shares.reduce((total, share, k) => total + share * costs[k], 0) * scale;
    const p = new Float64Array(links);
    members.forEach((link, k) => {
      p[link] = shares[k];
    });
    const lowerBound = withChi2 && q === this.best ? Math.min(cost, Math.exp(this.bound / 2)) : 0;
    return { p, chi1, chi2, totalRate: scale, cost, lowerBound };
  }
}

/**
 * The best shares of links by {@link gossipRatesIterates}.
 *
 * @param options `tol` is on the gap of log χ₁χ₂, twice the relative gap of the total rate. Default 0.01, within `maxIter` = 5000 steps.
 * @throws SouthwellError for a graph that is not connected, for costs that are not one positive finite number a link, and for invalid options.
 */
export function gossipRates(graph: Graph, options: GossipRatesOptions = {}): Solution<GossipRates> {
  knownKeys('gossipRates', options, keys);
  const { objective, costs, tol = 0.01, maxIter = 5000, ...watched } = options;
  const settings = only({ objective, costs }, keysOf(records));
  return run(gossipRatesIterates(graph, settings), { ...watched, tol, maxIter });
}
