import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, knownKeys, type OptionKeys, Random, run } from '@southwell/numerics/core';
import { matrixProduct } from '@southwell/numerics/linalg';
import { descentIterates, halving, settling } from '../../optimisers/index.ts';
import { type NetworkTail, networkLoss } from '../continuous/network.ts';
import { type NetworkOptions, networkKeys } from '../continuous/notearsMlp.ts';
import { type EstimateOptions, estimateFromRows, type GraphEstimate, type NodeNetworks, split } from '../estimate.ts';
import { allowedParents, requiredAmong } from '../knowledge.ts';
import type { GraphData } from '../moments.ts';
import { type Samples, samples } from '../samples.ts';
import { searchOf } from './candidates.ts';
import { type NodeRegressions, orderSearchIterates } from './orderSearch.ts';
import { searchKeys, type TopoIterate, type TopoOptions } from './topo.ts';

export interface TopoMlpOptions extends Omit<TopoOptions, 'ridge' | 'resume'>, NetworkOptions {
  /** Networks to start from, as {@link notearsMlpIterates} leaves them. Default: random ones. */
  readonly networks?: NodeNetworks;
  /** Random networks that each fit starts from beside the present one. Default 1. */
  readonly starts?: number;
  /** Ends with `iteration-limit` after so many fits of one network. Default 100 a node. */
  readonly maxFits?: number;
  /** What a checkpoint of an earlier run kept, for the same data and options. */
  readonly resume?: NetworksState;
}

const topoMlpKeys: OptionKeys<TopoMlpOptions> = {
  ...searchKeys,
  ...networkKeys,
  networks: true,
  starts: true,
  maxFits: true,
  resume: true,
};

/** All networks in the order in which they were fitted, as plain data. */
export interface NetworksState {
  readonly targets: Uint16Array;
  /** d numbers each: 1 for the nodes that it was allowed to take of. */
  readonly allowed: Uint8Array;
  /** One after another, each as in {@link NodeNetworks}. */
  readonly networks: Float64Array;
}

interface Fit {
  readonly score: number;
  /** As in {@link NodeNetworks}. */
  readonly network: Float64Array;
  /** 1 for the nodes that it was allowed to take of. */
  readonly allowed: Uint8Array;
  /** One a node: the norm of the weights that lead from it. */
  readonly norms: Float64Array;
}

/**
 * TOPO with a network for each node (the nonlinear variant of Deng, Bello, Aragam & Ravikumar, ICML 2023), by the score
 * of {@link notearsMlpIterates}. A swap of positions a < b changes what the nodes between may take of: their networks
 * are fitted anew by L-BFGS from where they are now, weights of what is no longer allowed dropped and those of what is
 * newly allowed begun at 0, and from random ones, of which the best counts. Where nothing is newly allowed and the
 * present network takes nothing of what is dropped, it stays as it is without a fit. Each node and set is fitted once.
 * An iterate is a fit of the start, a round, or a part of one; the objective never rises. W[i, j] ≥ 0 is the norm of
 * what leads from i into network j. Status and checkpoints are those of {@link orderSearchIterates}. O(nd·hidden) a
 * step of a fit; memory O(d·hidden) a fit.
 * @throws INVALID_PARAMETER.
 */
export function* topoMlpIterates(data: Samples, options: TopoMlpOptions = {}): Generator<TopoIterate> {
  knownKeys('topoMlpIterates', options, topoMlpKeys);
  const { d } = data;
  const { largeSearches = 1, maxFits = 100 * d } = options;
  if (!(maxFits >= 0)) fail('INVALID_PARAMETER', `maxFits cannot be ${maxFits}.`);
  const search = searchOf(d, options);
  const { order } = search;
  const fitted = networkRegressions(data, order, options);
  try {
    // The networks of the start, one after the other, so that the caller can stop between them.
    for (let p = 0; p <= d; p++) {
      const objective = fitted.total();
      if (!fitted.replaying) {
        yield {
          iteration: 0,
          objective,
          work: { oracleCalls: 0 },
          evaluations: 0,
          snapshot: () => ({ W: fitted.graph(), order: order.slice(), ...fitted.extra() }),
          checkpoint: () => fitted.state(),
        };
      }
      if (p < d) fitted.fit(order, p);
    }
    yield* orderSearchIterates(fitted, search, { largeSearches, maxFits, slice: 1 });
  } finally {
    fitted.free();
  }
}

/**
 * Checks what belongs to networks.
 * @throws INVALID_PARAMETER.
 */
function networkRegressions(data: Samples, start: Int32Array, options: TopoMlpOptions) {
  const { X, n, d } = data;
  const { lambda = 0.01, ridge = 0.01, seed = 0, networks, starts = 1, knowledge } = options;
  const hidden = networks?.hidden ?? options.hidden ?? 10;
  if (!(Number.isInteger(hidden) && hidden >= 1)) {
    fail('INVALID_PARAMETER', `hidden must be a whole number above 0, not ${hidden}.`);
  }
  if (!(ridge >= 0 && Number.isFinite(ridge))) fail('INVALID_PARAMETER', `ridge cannot be ${ridge}.`);
  if (!(Number.isInteger(starts) && starts >= 0)) fail('INVALID_PARAMETER', `starts cannot be ${starts}.`);
  if (!(lambda >= 0 && Number.isFinite(lambda))) fail('INVALID_PARAMETER', `lambda cannot be ${lambda}.`);
  const first = d * hidden;
  const size = first + 2 * hidden + 1;
  if (networks && (networks.each.length !== d || networks.each.some((network) => network.length !== size))) {
    fail('INVALID_PARAMETER', `The networks must be ${d} of ${size} numbers.`);
  }
  const Z = DenseMatrix.create(n, hidden, { arena: X.arena });
  const A = DenseMatrix.create(d, hidden, { arena: X.arena });
  const error = new Float64Array(n);
  const known = new Map<string, Fit>();
  /** Those of them that were fitted. */
  const made: Array<{ readonly target: number; readonly fit: Fit }> = [];
  /** Of an earlier run, not asked for yet. */
  const ahead = new Map<string, Float64Array>();
  options.resume?.targets.forEach((target, k) => {
    const { allowed, networks: earlier } = options.resume!;
    ahead.set(keyOf(target, allowed.subarray(k * d, (k + 1) * d)), earlier.slice(k * size, (k + 1) * size));
  });
  /** 1 for nodes whose present network is the result of a fit. */
  const fitted = new Uint8Array(d);
  let fits = 0;

  const tailOf = (v: Float64Array, from: number): NetworkTail => ({
    biases: v.subarray(from, from + hidden),
    second: v.subarray(from + hidden, from + 2 * hidden),
    last: v.subarray(from + 2 * hidden, from + 2 * hidden + 1),
  });
  /** Score and norms of a network. */
  const measured = (target: number, network: Float64Array, allowed: Uint8Array): Fit => {
    A.data.set(network.subarray(0, first));
    matrixProduct(X, A, Z);
    const gradient = new Float64Array(size);
    const tail = tailOf(network, first);
    let score = networkLoss(X.column(target), Z, 0, tail, ridge, tailOf(gradient, first), error);
    const norms = new Float64Array(d);
    for (let i = 0; i < d; i++) {
      const l1 = knowledge?.required[target * d + i] ? 0 : lambda;
      for (let k = i; k < first; k += d) {
        score += l1 * Math.abs(network[k]) + (ridge / 2) * network[k] ** 2;
        norms[i] += network[k] ** 2;
      }
      norms[i] = Math.sqrt(norms[i]);
    }
    return { score, network, allowed, norms };
  };
  const masked = (network: Float64Array, allowed: Uint8Array): Float64Array => {
    const copy = network.slice();
    for (let k = 0; k < first; k++) if (allowed[k % d] === 0) copy[k] = 0;
    return copy;
  };
  const allow = (parents: ArrayLike<number>): Uint8Array => {
    const allowed = new Uint8Array(d);
    for (let k = 0; k < parents.length; k++) allowed[parents[k]] = 1;
    return allowed;
  };
  const begin = (random: Random): Float64Array => {
    const network = new Float64Array(size);
    for (let k = 0; k < first + hidden; k++) network[k] = (2 * random.uniform() - 1) / Math.sqrt(d);
    for (let u = 0; u < hidden; u++) network[first + hidden + u] = (2 * random.uniform() - 1) / Math.sqrt(hidden);
    return network;
  };
  const present: Fit[] = new Array(d);
  start.forEach((target, p) => {
    const allowed = allow(allowedParents(start.subarray(0, p), target, knowledge));
    present[target] = measured(
      target,
      masked(networks?.each[target] ?? begin(new Random(seed).split(d + target)), allowed),
      allowed,
    );
  });

  /** Minimises from a network on, over the weights of the parents and the rest. */
  const minimise = (target: number, parents: readonly number[], from: Float64Array): Fit => {
    fits++;
    const m = parents.length;
    const P = DenseMatrix.create(n, Math.max(m, 1), { arena: X.arena });
    const a = DenseMatrix.create(Math.max(m, 1), hidden, { arena: X.arena });
    const ga = DenseMatrix.create(Math.max(m, 1), hidden, { arena: X.arena });
    parents.forEach((parent, k) => {
      P.column(k).set(X.column(parent));
    });
    const own = m * hidden;
    const x = new Float64Array(own + 2 * hidden + 1);
    for (let u = 0; u < hidden; u++) for (let k = 0; k < m; k++) x[u * m + k] = from[u * d + parents[k]];
    x.set(from.subarray(first), own);
    const loss = (v: Float64Array, g: Float64Array): number => {
      if (m > 0) {
        a.data.set(v.subarray(0, own));
        matrixProduct(P, a, Z);
      } else Z.data.fill(0);
      let value = networkLoss(X.column(target), Z, 0, tailOf(v, own), ridge, tailOf(g, own), error);
      if (m > 0) matrixProduct(P, Z, ga, { transA: true });
      for (let k = 0; k < own; k++) {
        value += (ridge / 2) * v[k] ** 2;
        g[k] = ga.data[k] + ridge * v[k];
      }
      return value;
    };
    const l1 = new Float64Array(x.length).fill(lambda, 0, own);
    requiredAmong(parents, target, knowledge).forEach((must, k) => {
      for (let u = 0; must && u < hidden; u++) l1[u * m + k] = 0;
    });
    x.set(run(settling(descentIterates(loss, x, { search: halving(), l1 }))).point);
    const network = new Float64Array(size);
    for (let u = 0; u < hidden; u++) for (let k = 0; k < m; k++) network[u * d + parents[k]] = x[u * m + k];
    network.set(x.subarray(own), first);
    for (const matrix of [P, a, ga]) matrix.free();
    return measured(target, network, allow(parents));
  };
  /** The best of the fits from the present network and from random ones. */
  const best = (target: number, parents: readonly number[], allowed: Uint8Array): Fit => {
    let found = minimise(target, parents, masked(present[target].network, allowed));
    const random = new Random(seed).split(target);
    for (let k = 0; k < starts; k++) {
      const other = minimise(target, parents, begin(random));
      if (other.score < found.score) found = other;
    }
    return found;
  };
  const fit = (target: number, parents: readonly number[]): Fit => {
    const allowed = allow(parents);
    const key = keyOf(target, allowed);
    const before = known.get(key);
    if (before) return before;
    const now = present[target];
    // What the present network is and what it takes nothing of may go: then it is feasible still, and as good.
    let same = fitted[target] === 1;
    for (let i = 0; same && i < d; i++) same = allowed[i] === 1 ? now.allowed[i] === 1 : now.norms[i] === 0;
    fitted[target] = 1;
    let found = now;
    if (!same) {
      const earlier = ahead.get(key);
      ahead.delete(key);
      if (earlier) fits += 1 + starts;
      found = earlier ? measured(target, earlier, allowed) : best(target, parents, allowed);
      made.push({ target, fit: found });
    }
    known.set(key, found);
    return found;
  };
  const parentsAt = (order: Int32Array, p: number) => allowedParents(order.subarray(0, p), order[p], knowledge);
  return {
    d,
    score: (target: number, parents: readonly number[]) => fit(target, parents).score,
    weights(target: number, parents: readonly number[]) {
      const { norms } = fit(target, parents);
      return parents.map((parent) => norms[parent]);
    },
    settle(order: Int32Array) {
      order.forEach((target, p) => {
        present[target] = fit(target, parentsAt(order, p));
      });
    },
    extra: () => ({ networks: { hidden, each: present.map(({ network }) => network.slice()) } }),
    get fits() {
      return fits;
    },
    get replaying() {
      return ahead.size > 0;
    },
    state: (): NetworksState => ({
      targets: Uint16Array.from(made, ({ target }) => target),
      allowed: Uint8Array.from(made.flatMap(({ fit: { allowed } }) => Array.from(allowed))),
      networks: Float64Array.from(made.flatMap(({ fit: { network } }) => Array.from(network))),
    }),
    // Fits end where steps lower the score by parts of 1e-9 each, but many of them may be left.
    tolerance: 1e-5,
    // For the start.
    total: () => present.reduce((sum, { score }) => sum + score, 0),
    graph: () => {
      const W = DenseMatrix.create(d, d);
      present.forEach(({ norms }, j) => {
        W.data.set(norms, j * d);
      });
      return W;
    },
    fit: (order: Int32Array, p: number) => {
      present[order[p]] = fit(order[p], parentsAt(order, p));
    },
    free: () => {
      for (const matrix of [Z, A]) matrix.free();
    },
  } satisfies NodeRegressions & Record<string, unknown>;
}

const keyOf = (target: number, allowed: Uint8Array): string => `${target}:${allowed.join('')}`;

/** Learns an order and networks along it by {@link topoMlpIterates}; takes rows, not moments. */
export function topoMlp(X: GraphData, options: TopoMlpOptions & EstimateOptions = {}): GraphEstimate {
  const { own, estimate } = split<TopoMlpOptions>('topoMlp', options, topoMlpKeys);
  return estimateFromRows(X, (data) => topoMlpIterates(data, own), estimate, samples);
}
