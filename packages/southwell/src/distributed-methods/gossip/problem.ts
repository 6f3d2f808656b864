import { fail } from '@southwell/numerics/core';
import type { Client, Clients } from '../feedback/index.ts';
import { type Graph, gossipRates, graphSpectrum } from '../graphs/index.ts';
import type { TimedGraph } from './events.ts';

/** Functions f_i of the nodes of a graph, whose sum is minimised. */
export interface DecentralisedProblem {
  /** One a node; of exact gradients, or of stochastic ones. */
  readonly local: Clients;
  /** A connected graph, or graphs of the same nodes that follow each other. */
  readonly graph: Graph | readonly Graph[];
  /** All f_i are μ-strongly convex, μ > 0, and have L-Lipschitz gradients. */
  readonly mu: number;
  readonly L: number;
  /** The first point, the same for all nodes, or one a node. */
  readonly start: ArrayLike<number> | readonly ArrayLike<number>[];
}

/** The points of all nodes at a time. */
export interface DadaoPoint {
  readonly x: readonly Float64Array[];
  readonly mean: Float64Array;
  /** Means of the points of each node at its gradients, if asked for. */
  readonly averages?: readonly Float64Array[];
}

/**
 * The points at which nodes start.
 *
 * @throws INVALID_PARAMETER for points that are not one a node or not of one length, NON_FINITE.
 */
export function startsOf({ local, start }: Pick<DecentralisedProblem, 'local' | 'start'>): Float64Array[] {
  const each = typeof start[0] === 'object';
  if (each && start.length !== local.length) {
    fail('INVALID_PARAMETER', `There are ${local.length} nodes, and ${start.length} points to start from.`);
  }
  const starts = Array.from({ length: local.length }, (_, i) =>
    Float64Array.from(each ? (start as readonly ArrayLike<number>[])[i] : (start as ArrayLike<number>)),
  );
  const d = starts[0].length;
  if (d === 0) fail('INVALID_PARAMETER', 'The start has no entries.');
  starts.forEach((x, i) => {
    if (x.length !== d)
      fail('INVALID_PARAMETER', `The start of node ${i} has ${x.length} entries, and that of node 0 ${d}.`);
    const j = x.findIndex((v) => !Number.isFinite(v));
    if (j >= 0) fail('NON_FINITE', `Entry ${j} of the start of node ${i} is ${x[j]}.`);
  });
  return starts;
}

/** @throws INVALID_PARAMETER for moduli that are not 0 < μ ≤ L < ∞, and where nodes and functions do not correspond. */
export function checkProblem(problem: DecentralisedProblem): readonly Graph[] {
  const { local, mu, L } = problem;
  const graphs = Array.isArray(problem.graph) ? (problem.graph as readonly Graph[]) : [problem.graph as Graph];
  if (graphs.length === 0) fail('INVALID_PARAMETER', 'There is no graph.');
  graphs.forEach(({ n }, g) => {
    const which = graphs.length > 1 ? `Graph ${g}` : 'The graph';
    if (n !== local.length) {
      fail('INVALID_PARAMETER', `${which} has ${n} nodes, and there are ${local.length} functions: give one a node.`);
    }
  });
  if (!(mu > 0 && mu < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `mu is ${mu}: the functions have to be strongly convex, with a finite mu above 0.`);
  }
  if (!(L >= mu && L < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `L is ${L}: it has to be finite and at least mu, ${mu}.`);
  }
  return graphs;
}

/** @throws INVALID_PARAMETER if node i has no function. */
export function clientAt(local: Clients, i: number): Client {
  const client = local.at(i);
  if (typeof client?.gradient !== 'function') {
    fail('INVALID_PARAMETER', `Function ${i} of ${local.length} has no function 'gradient'.`);
  }
  return client;
}

export type Rates = 'uniform' | 'optimal' | ArrayLike<number>;

/** Rates of links with χ₁χ₂ ≤ ½ for all graphs, and the largest χ₁ with these rates. */
export interface Timing {
  readonly sequence: readonly TimedGraph[];
  readonly chi1: number;
  /** Communications per unit of time. */
  readonly total: number;
}

/**
 * Rates of the given proportions: of each graph shares p, times √(2χ₁χ₂) of the worst values of all graphs.
 *
 * @throws INVALID_PARAMETER for a graph that is not connected by links of positive rates, and for rates that are not one nonnegative finite
 * number a link, or that are given for several graphs.
 */
export function timingOf(graphs: readonly Graph[], rates: Rates): Timing {
  if (typeof rates !== 'string' && graphs.length > 1) {
    fail('INVALID_PARAMETER', "Rates can be given for one graph only: with several, use 'uniform' or 'optimal'.");
  }
  const shares = graphs.map((graph) => {
    const links = graph.from.length;
    if (rates === 'optimal') return gossipRates(graph).point.p;
    const given = rates === 'uniform' ? new Float64Array(links).fill(1) : Float64Array.from(rates);
    const sum = given.reduce((a, rate) => a + rate, 0);
    return sum > 0 ? given.map((rate) => rate / sum) : given;
  });
  const spectra = graphs.map((graph, g) => graphSpectrum(graph, shares[g]));
  const chi1 = Math.max(...spectra.map((spectrum) => spectrum.chi1));
  const chi2 = Math.max(...spectra.map((spectrum) => spectrum.chi2));
  const total = Math.sqrt(2 * chi1 * chi2);
  return {
    sequence: graphs.map((graph, g) => ({ graph, rates: shares[g].map((share) => share * total) })),
    chi1: total > 0 ? chi1 / total : 0,
    total,
  };
}
