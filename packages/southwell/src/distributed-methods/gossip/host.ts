import type { Communicator } from '@southwell/distributed';
import { Random } from '@southwell/numerics/core';
import { share } from '../feedback/exchange.ts';
import type { Client } from '../feedback/index.ts';
import type { DadaoConstants } from './constants.ts';
import type { PoissonEvents, PoissonState } from './events.ts';
import { DadaoNodes } from './nodes.ts';

interface Hosted {
  readonly comm: Pick<Communicator, 'rank' | 'size'>;
  readonly starts: readonly Float64Array[];
  readonly constants: DadaoConstants;
  readonly events: PoissonEvents;
  readonly client: (i: number) => Client;
  readonly seed: number;
  readonly averages: boolean;
  /** Whether to return after each gradient of this rank. */
  readonly pauses: boolean;
}

interface HostState {
  readonly gradients: number;
  readonly communications: number;
  readonly events: PoissonState;
  readonly values: Float64Array;
  readonly since: Float64Array;
  readonly averages: Float64Array;
  readonly counts: Float64Array;
  readonly draws: ReadonlyArray<readonly number[]>;
}

/** The nodes of one rank, and the events of all. */
export class DadaoHost {
  readonly nodes: DadaoNodes;
  /** The first node of this rank. */
  readonly first: number;
  readonly averages: Float64Array;
  /** Events of all ranks until now. */
  gradients = 0;
  communications = 0;
  /** The rank with which the present event exchanges, or −1. */
  remote = -1;
  readonly sent: Float64Array;
  readonly received: Float64Array;
  private readonly events: PoissonEvents;
  private readonly pauses: boolean;
  private readonly clients: readonly Client[];
  private readonly draws: readonly Random[];
  private readonly owner: Int32Array;
  private readonly gradient: Float64Array;
  private readonly counts: Float64Array;
  private readonly rank: number;
  private mine = -1;

  constructor({ comm, starts, constants, events, client, seed, averages, pauses }: Hosted) {
    const [n, d] = [starts.length, starts[0].length];
    const [from, to] = share(n, comm);
    this.first = from;
    this.rank = comm.rank;
    this.nodes = new DadaoNodes(to - from, d, constants);
    this.events = events;
    this.pauses = pauses;
    this.clients = Array.from({ length: to - from }, (_, k) => client(from + k));
    const root = new Random(seed).split(1);
    this.draws = this.clients.map((_, k) => root.split(from + k));
    for (let i = from; i < to; i++) this.nodes.x(i - from).set(starts[i]);
    this.owner = new Int32Array(n);
    for (let rank = 0; rank < comm.size; rank++) {
      const [first, end] = share(n, { rank, size: comm.size });
      this.owner.fill(rank, first, end);
    }
    this.gradient = new Float64Array(d);
    this.sent = new Float64Array(d);
    this.received = new Float64Array(d);
    this.averages = new Float64Array(averages ? (to - from) * d : 0);
    this.counts = new Float64Array(to - from);
  }

  /**
   * Carries out the events before a time, until this rank has to exchange with another, or after a gradient, if it is to pause there. Returns
   * whether all are done. `incoming` completes the event of an exchange.
   */
  advance(until: number): boolean {
    const { events, owner, rank, pauses } = this;
    this.remote = -1;
    while (events.time < until) {
      if (events.node >= 0) {
        this.gradients++;
        const own = owner[events.node] === rank;
        if (own) this.descend(events.node - this.first, events.time);
        events.next();
        if (own && pauses) return false;
        continue;
      }
      this.communications++;
      const { from, to } = events.graph;
      const [i, j] = [from[events.link], to[events.link]];
      const [here, there] = [owner[i] === rank, owner[j] === rank];
      if (here && there) this.mix(i - this.first, j - this.first, events.time);
      else if (here || there) {
        this.mine = (here ? i : j) - this.first;
        this.remote = owner[here ? j : i];
        return false;
      }
      events.next();
    }
    return true;
  }

  private descend(k: number, time: number): void {
    const { nodes, gradient } = this;
    nodes.flow(k, time);
    const x = nodes.x(k);
    if (this.averages.length > 0) {
      const count = ++this.counts[k];
      const at = k * nodes.d;
      for (let j = 0; j < nodes.d; j++) this.averages[at + j] += (x[j] - this.averages[at + j]) / count;
    }
    this.clients[k].gradient(x, gradient, this.draws[k]);
    nodes.descend(k, gradient);
  }

  private mix(k: number, l: number, time: number): void {
    const { nodes, sent, received } = this;
    nodes.flow(k, time);
    nodes.flow(l, time);
    nodes.message(k, sent);
    nodes.message(l, received);
    nodes.mix(k, sent, received);
    nodes.mix(l, received, sent);
  }

  /** Before the exchange: writes what this rank sends. */
  outgoing(): void {
    this.nodes.flow(this.mine, this.events.time);
    this.nodes.message(this.mine, this.sent);
  }

  /** After the exchange. */
  incoming(): void {
    this.nodes.mix(this.mine, this.sent, this.received);
    this.events.next();
  }

  state(): HostState {
    const { nodes, gradients, communications, events, averages, counts, draws } = this;
    return {
      ...{ gradients, communications, events: events.state() },
      ...{
        values: nodes.values.slice(),
        since: nodes.since.slice(),
        averages: averages.slice(),
        counts: counts.slice(),
      },
      draws: draws.map((random) => random.state()),
    };
  }

  restore(state: HostState): void {
    this.gradients = state.gradients;
    this.communications = state.communications;
    this.events.restore(state.events);
    this.nodes.values.set(state.values);
    this.nodes.since.set(state.since);
    this.averages.set(state.averages);
    this.counts.set(state.counts);
    this.draws.forEach((random, k) => {
      random.restore(state.draws[k]);
    });
  }
}
