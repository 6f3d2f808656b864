import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, Random, run } from '@southwell/numerics/core';
import { matrixProduct } from '@southwell/numerics/linalg';
import { descentIterates, halving, settling } from '../../optimisers/index.ts';
import { type NetworkTail, networkLoss } from '../continuous/network.ts';
import type { NetworkOptions } from '../continuous/notearsMlp.ts';
import type { NodeNetworks } from '../estimate.ts';
import { allowedParents, requiredAmong } from '../knowledge.ts';
import type { Samples } from '../samples.ts';
import type { NodeRegressions } from './orderSearch.ts';

/** All networks in the order in which they were fitted, as plain data. */
export interface NetworksState {
  readonly targets: Uint16Array;
  /** d numbers for each network: 1 for the nodes that were allowed as its inputs. */
  readonly allowed: Uint8Array;
  /** The networks one after another, each as in {@link NodeNetworks}. */
  readonly networks: Float64Array;
}

/** Options of network regressions. */
export interface NetworkRegressionOptions extends NetworkOptions {
  readonly networks?: NodeNetworks;
  readonly starts?: number;
  readonly resume?: NetworksState;
}

interface Fit {
  readonly score: number;
  /** As in {@link NodeNetworks}. */
  readonly network: Float64Array;
  /** 1 for the nodes that were allowed as inputs. */
  readonly allowed: Uint8Array;
  /** The norm of the weights from each node. */
  readonly norms: Float64Array;
}

/**
 * Options with defaults.
 * @throws INVALID_PARAMETER if the networks do not fit d nodes.
 */
function settingsOf(d: number, options: NetworkRegressionOptions) {
  const { lambda = 0.01, ridge = 0.01, seed = 0, networks, starts = 1, knowledge } = options;
  const hidden = networks?.hidden ?? options.hidden ?? 10;
  const size = d * hidden + 2 * hidden + 1;
  if (networks && (networks.each.length !== d || networks.each.some((network) => network.length !== size))) {
    fail('INVALID_PARAMETER', `networks must be ${d} networks of ${size} numbers each.`);
  }
  return { lambda, ridge, seed, starts, knowledge, hidden, size };
}

/**
 * A network for each node with the preceding nodes as inputs, fitted once for each node and set of inputs, from the
 * present network and from random ones. A network is stored as `d · hidden` input weights, unit by unit, then biases,
 * output weights, and the output bias.
 */
export class NetworkRegressions implements NodeRegressions {
  readonly d: number;
  // Fits stop where a step lowers the score by less than 1e-9 relatively, but many such steps may remain.
  readonly tolerance = 1e-5;
  fits = 0;
  private readonly settings: ReturnType<typeof settingsOf>;
  /** Products of all rows with the input weights of the units; and these weights. */
  private readonly Z: DenseMatrix;
  private readonly A: DenseMatrix;
  private readonly error: Float64Array;
  private readonly known = new Map<string, Fit>();
  /** The fits in the order in which they were made. */
  private readonly made: Array<{ readonly target: number; readonly fit: Fit }> = [];
  /** Fits of an earlier run that have not been requested yet. */
  private readonly ahead = new Map<string, Float64Array>();
  /** 1 for nodes whose present network is the result of a fit. */
  private readonly fitted: Uint8Array;
  private readonly present: Fit[];

  /** @throws INVALID_PARAMETER for options of networks. */
  constructor(
    private readonly data: Samples,
    start: Int32Array,
    options: NetworkRegressionOptions,
  ) {
    const { X, n, d } = data;
    this.d = d;
    this.settings = settingsOf(d, options);
    const { hidden, size, knowledge, seed } = this.settings;
    this.Z = DenseMatrix.create(n, hidden, { arena: X.arena });
    this.A = DenseMatrix.create(d, hidden, { arena: X.arena });
    this.error = new Float64Array(n);
    options.resume?.targets.forEach((target, k) => {
      const { allowed, networks: earlier } = options.resume!;
      const key = keyOf(target, allowed.subarray(k * d, (k + 1) * d));
      this.ahead.set(key, earlier.slice(k * size, (k + 1) * size));
    });
    this.fitted = new Uint8Array(d);
    this.present = new Array(d);
    start.forEach((target, p) => {
      const allowed = this.allow(allowedParents(start.subarray(0, p), target, knowledge));
      const network = options.networks?.each[target] ?? this.begin(new Random(seed).split(d + target));
      this.present[target] = this.measured(target, this.masked(network, allowed), allowed);
    });
  }

  /** Views of the parameters after the first layer of a network. */
  private tailOf(v: Float64Array, from: number): NetworkTail {
    const { hidden } = this.settings;
    return {
      biases: v.subarray(from, from + hidden),
      second: v.subarray(from + hidden, from + 2 * hidden),
      last: v.subarray(from + 2 * hidden, from + 2 * hidden + 1),
    };
  }

  /** The score and the norms of a network. */
  private measured(target: number, network: Float64Array, allowed: Uint8Array): Fit {
    const { d, Z, A, error } = this;
    const { X } = this.data;
    const { hidden, size, lambda, ridge, knowledge } = this.settings;
    const first = d * hidden;
    A.data.set(network.subarray(0, first));
    matrixProduct(X, A, Z);
    const gradient = new Float64Array(size);
    const tail = this.tailOf(network, first);
    let score = networkLoss(X.column(target), Z, 0, tail, ridge, this.tailOf(gradient, first), error);
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
  }

  private masked(network: Float64Array, allowed: Uint8Array): Float64Array {
    const { d } = this;
    const copy = network.slice();
    for (let k = 0; k < d * this.settings.hidden; k++) if (allowed[k % d] === 0) copy[k] = 0;
    return copy;
  }

  private allow(parents: ArrayLike<number>): Uint8Array {
    const allowed = new Uint8Array(this.d);
    for (let k = 0; k < parents.length; k++) allowed[parents[k]] = 1;
    return allowed;
  }

  /** A random network. */
  private begin(random: Random): Float64Array {
    const { d } = this;
    const { hidden, size } = this.settings;
    const first = d * hidden;
    const network = new Float64Array(size);
    for (let k = 0; k < first + hidden; k++) network[k] = (2 * random.uniform() - 1) / Math.sqrt(d);
    for (let u = 0; u < hidden; u++) network[first + hidden + u] = (2 * random.uniform() - 1) / Math.sqrt(hidden);
    return network;
  }

  /** Minimises over the weights of the parents and all other parameters, starting from a network. */
  private minimise(target: number, parents: readonly number[], from: Float64Array): Fit {
    const { d, Z, error } = this;
    const { X, n } = this.data;
    const { hidden, size, lambda, ridge, knowledge } = this.settings;
    this.fits++;
    const first = d * hidden;
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
      let value = networkLoss(X.column(target), Z, 0, this.tailOf(v, own), ridge, this.tailOf(g, own), error);
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
    return this.measured(target, network, this.allow(parents));
  }

  /** The best of the fits from the present network and from random ones. */
  private best(target: number, parents: readonly number[], allowed: Uint8Array): Fit {
    const { seed, starts } = this.settings;
    let found = this.minimise(target, parents, this.masked(this.present[target].network, allowed));
    const random = new Random(seed).split(target);
    for (let k = 0; k < starts; k++) {
      const other = this.minimise(target, parents, this.begin(random));
      if (other.score < found.score) found = other;
    }
    return found;
  }

  private fitOf(target: number, parents: readonly number[]): Fit {
    const { d, known, ahead, fitted } = this;
    const allowed = this.allow(parents);
    const key = keyOf(target, allowed);
    const before = known.get(key);
    if (before) return before;
    const now = this.present[target];
    // If only inputs that the present network does not use are removed, it is still feasible and optimal.
    let same = fitted[target] === 1;
    for (let i = 0; same && i < d; i++) same = allowed[i] === 1 ? now.allowed[i] === 1 : now.norms[i] === 0;
    fitted[target] = 1;
    let found = now;
    if (!same) {
      const earlier = ahead.get(key);
      ahead.delete(key);
      if (earlier) this.fits += 1 + this.settings.starts;
      found = earlier ? this.measured(target, earlier, allowed) : this.best(target, parents, allowed);
      this.made.push({ target, fit: found });
    }
    known.set(key, found);
    return found;
  }

  private parentsAt(order: Int32Array, p: number): readonly number[] {
    return allowedParents(order.subarray(0, p), order[p], this.settings.knowledge);
  }

  score(target: number, parents: readonly number[]): number {
    return this.fitOf(target, parents).score;
  }

  weights(target: number, parents: readonly number[]): number[] {
    const { norms } = this.fitOf(target, parents);
    return parents.map((parent) => norms[parent]);
  }

  settle(order: Int32Array): void {
    order.forEach((target, p) => {
      this.present[target] = this.fitOf(target, this.parentsAt(order, p));
    });
  }

  extra(): { readonly networks: NodeNetworks } {
    const { hidden } = this.settings;
    return { networks: { hidden, each: this.present.map(({ network }) => network.slice()) } };
  }

  /** Whether fits of an earlier run have not been requested yet. */
  get replaying(): boolean {
    return this.ahead.size > 0;
  }

  state(): NetworksState {
    const { made } = this;
    return {
      targets: Uint16Array.from(made, ({ target }) => target),
      allowed: Uint8Array.from(made.flatMap(({ fit: { allowed } }) => Array.from(allowed))),
      networks: Float64Array.from(made.flatMap(({ fit: { network } }) => Array.from(network))),
    };
  }

  /** The score of all present networks. */
  total(): number {
    return this.present.reduce((sum, { score }) => sum + score, 0);
  }

  /** W[i, j] is the norm of the weights from input i in network j. */
  graph(): DenseMatrix {
    const W = DenseMatrix.create(this.d, this.d);
    this.present.forEach(({ norms }, j) => {
      W.data.set(norms, j * this.d);
    });
    return W;
  }

  /** Fits the network of the node at a position of an order. */
  fit(order: Int32Array, p: number): void {
    this.present[order[p]] = this.fitOf(order[p], this.parentsAt(order, p));
  }

  free(): void {
    for (const matrix of [this.Z, this.A]) matrix.free();
  }
}

const keyOf = (target: number, allowed: Uint8Array): string => `${target}:${allowed.join('')}`;
