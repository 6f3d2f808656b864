import { fail, Random } from '@southwell/numerics/core';
import type { Graph } from '../graphs/graph.ts';

/** A graph with the rates of its links, communications per unit of time. */
export interface TimedGraph {
  readonly graph: Graph;
  readonly rates: ArrayLike<number>;
}

/** Everything that the next events depend on, as plain data. */
export interface PoissonState {
  readonly random: readonly number[];
  readonly time: number;
  readonly node: number;
  readonly link: number;
  /** Number of changes of the graph. */
  readonly changes: number;
}

/** Draws one of several things with given weights in O(1): Walker's aliases, as set up by Vose (1991). */
class Aliases {
  private readonly keep: Float64Array;
  private readonly other: Int32Array;

  constructor(weights: ArrayLike<number>) {
    const n = weights.length;
    const sum = Array.from(weights).reduce((a, w) => a + w, 0);
    this.keep = Float64Array.from(weights, (w) => (w * n) / sum);
    this.other = Int32Array.from({ length: n }, (_, k) => k);
    const [small, large]: [number[], number[]] = [[], []];
    this.keep.forEach((w, k) => {
      (w < 1 ? small : large).push(k);
    });
    while (small.length > 0 && large.length > 0) {
      const [k, l] = [small.pop()!, large.at(-1)!];
      this.other[k] = l;
      this.keep[l] -= 1 - this.keep[k];
      if (this.keep[l] < 1) small.push(large.pop()!);
    }
    // What is left differs from 1 by rounding only.
    for (const k of [...small, ...large]) if (this.keep[k] > 0) this.keep[k] = 1;
  }

  /** @param u uniform on [0, 1). */
  draw(u: number): number {
    const scaled = u * this.keep.length;
    const k = Math.floor(scaled);
    return scaled - k < this.keep[k] ? k : this.other[k];
  }
}

/**
 * The order of events of a network in continuous time, from one seed: every node computes a gradient at rate 1, and every link is used at its
 * rate, all as independent Poisson processes. They are superposed: gaps are exponential with the total rate, and each event is of a node or of
 * a link with probabilities in proportion to the rates. The same on every rank that has the seed. O(1) an event, without allocation.
 *
 * With several graphs, link rates are those of the graph at the time: graph g from g · `period` on, and then again from the first.
 */
export class PoissonEvents {
  /** The time of the present event. */
  time = 0;
  /** The node that computes a gradient, or −1 for a communication. */
  node = -1;
  /** The link that is used, of the graph at the time, or −1. */
  link = -1;
  /** The graph at the time. */
  graph: Graph;
  private changes = 0;
  private readonly random: Random;
  private readonly sequence: ReadonlyArray<{
    readonly graph: Graph;
    readonly total: number;
    readonly aliases: Aliases;
  }>;

  /**
   * @param sequence graphs of the same nodes; a link of rate zero is never used.
   * @param period time for which each graph holds; infinite for one graph.
   * @throws INVALID_PARAMETER for graphs of different nodes, rates that are not one nonnegative finite number a link, and an invalid period.
   */
  constructor(
    sequence: readonly TimedGraph[],
    seed: number,
    private readonly period = Number.POSITIVE_INFINITY,
  ) {
    if (sequence.length === 0) fail('INVALID_PARAMETER', 'There is no graph.');
    if (!(period > 0)) fail('INVALID_PARAMETER', `Graphs change every ${period}: give a time above 0.`);
    this.sequence = sequence.map(({ graph, rates }, g) => {
      if (graph.n !== sequence[0].graph.n) {
        fail('INVALID_PARAMETER', `Graph ${g} has ${graph.n} nodes, and the first one ${sequence[0].graph.n}.`);
      }
      if (rates.length !== graph.from.length) {
        fail('INVALID_PARAMETER', `Graph ${g} has ${graph.from.length} links, and ${rates.length} rates were given.`);
      }
      let total = 0;
      for (let k = 0; k < rates.length; k++) {
        if (!(rates[k] >= 0 && rates[k] < Number.POSITIVE_INFINITY)) {
          fail('INVALID_PARAMETER', `The rate of link ${k} is ${rates[k]}: rates are finite and not negative.`);
        }
        total += rates[k];
      }
      return { graph, total, aliases: new Aliases(rates) };
    });
    this.graph = sequence[0].graph;
    this.random = new Random(seed);
  }

  /** Goes on to the next event. */
  next(): void {
    const { sequence, random, period } = this;
    let { time } = this;
    for (;;) {
      const { graph, total, aliases } = sequence[this.changes % sequence.length];
      const { n } = graph;
      const end = sequence.length > 1 ? (this.changes + 1) * period : Number.POSITIVE_INFINITY;
      time += random.exponential() / (n + total);
      if (time >= end) {
        // Poisson processes have no memory: those of the next graph begin when it does.
        time = end;
        this.changes++;
        continue;
      }
      this.time = time;
      this.graph = graph;
      const at = random.uniform() * (n + total);
      this.node = at < n ? Math.floor(at) : -1;
      this.link = at < n ? -1 : aliases.draw(Math.min((at - n) / total, BELOW_ONE));
      return;
    }
  }

  state(): PoissonState {
    const { random, time, node, link, changes } = this;
    return { random: random.state(), time, node, link, changes };
  }

  restore({ random, ...rest }: PoissonState): void {
    this.random.restore(random);
    Object.assign(this, rest);
    const { changes } = this;
    this.graph = this.sequence[changes % this.sequence.length].graph;
  }
}

const BELOW_ONE = 1 - 2 ** -53;
