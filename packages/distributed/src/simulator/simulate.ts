import { fail, knownKeys, type OptionKeys, wholeNumber } from '@southwell/numerics/core';
import type { Act, Numbers, Request } from '../communicator.ts';
import { isRequest, type Program } from '../drive.ts';
import { carriesNumbers, Engine, type Operation } from '../engine.ts';
import { type NoAnswerError, noAnswer, silent, waitedFor, waiting } from '../faults.ts';
import { firstOver } from '../first.ts';
import { type Awaited, Mailbox } from '../mailbox.ts';
import { typeOf } from '../numbers.ts';
import { type Phases, Traffic } from '../traffic.ts';
import { Events } from './events.ts';
import { type Flight, Network, type NetworkOptions, networkKeys } from './network.ts';
import type { Outage } from './outages.ts';
import type { RankCourse, Span } from './spans.ts';

export interface SimulationOptions extends NetworkOptions {
  /** Number of ranks. */
  readonly ranks: number;
  /** Timeout in seconds of simulated time for waiting ranks (default 60). */
  readonly timeout?: number;
  /** Whether ranks verify before each collective that their calls match (default true). */
  readonly checks?: boolean;
  /** Whether to record every message, and the work and waiting of every rank (default true). */
  readonly trace?: boolean;
  /** The rank whose iterates are passed through (default 0). */
  readonly iterates?: number;
  /** Duration in seconds of a `test`; without it, a program that polls would stop the clock (default 1e-7). */
  readonly look?: number;
}

/** The result of a simulation. */
export interface Simulation<R> {
  /** The result of each rank; undefined for a stopped one. */
  readonly results: ReadonlyArray<R | undefined>;
  /** Time at which the last rank ended. */
  readonly seconds: number;
  /** All messages, in the order of sending. */
  readonly trace: readonly Flight[];
  /** What each rank did when. */
  readonly courses: readonly RankCourse[];
  /** The times of the iterates that were passed through. */
  readonly times: readonly number[];
  /** What each rank sent, by phase, with seconds of simulated time. */
  readonly traffic: readonly Phases[];
  /**
   * Outages while ranks were running, in the order of failure: all given ones, and random ones of links that carried
   * messages.
   */
  readonly outages: readonly Outage[];
}

export const simulationKeys: OptionKeys<SimulationOptions> = {
  ...networkKeys,
  ranks: true,
  timeout: true,
  checks: true,
  trace: true,
  iterates: true,
  look: true,
};

/**
 * Runs a program on any number of ranks in this thread, on a simulated clock (discrete-event simulation): the same seed
 * reproduces the run bit for bit. Time is taken by messages and by declared `work`. The iterates of one rank are passed
 * through. O(log e) per event for e scheduled events; a message costs a copy of its data.
 * @throws INVALID_PARAMETER for options; errors that a rank throws and does not catch: {@link NoAnswerError} if it
 * waits longer than the timeout.
 */
export function* simulate<Y, R>(program: Program<Y, R>, options: SimulationOptions): Generator<Y, Simulation<R>> {
  knownKeys('simulate', options, simulationKeys);
  const { ranks, timeout, checks, trace, look, iterates: shown = 0, ...network } = options;
  const world = new World<R>(new Network(ranks, network), { timeout, checks, trace, look });
  wholeNumber('The rank whose iterates come through', shown, 0, ranks - 1);
  const running = world.ranks.map((rank) => program(rank.engine.whole));
  const times: number[] = [];
  try {
    for (const rank of world.ranks) world.resume(rank, undefined);
    for (let event = world.events.next(); event; event = world.events.next()) {
      if (world.going === 0) break;
      world.now = event.time;
      event.happen();
      for (let ready = world.ready.shift(); ready; ready = world.ready.shift()) {
        const { rank, input } = ready;
        if (world.network.hasStopped(rank.rank, world.now)) continue;
        const iterates = advance(world, rank, running[rank.rank], input);
        for (let step = iterates.next(); !step.done; step = iterates.next()) {
          if (rank.rank !== shown) continue;
          times.push(world.now);
          yield step.value as Y;
        }
      }
    }
    world.checkEnd();
    return {
      results: world.ranks.map((rank) => rank.result),
      seconds: world.lastEnd,
      trace: world.trace,
      courses: world.ranks.map((rank) => world.courseOf(rank)),
      times,
      traffic: world.ranks.map((rank) => rank.traffic.report()),
      outages: world.network.outagesUntil(world.lastEnd),
    };
  } finally {
    for (const generator of running) generator.return(undefined as R);
  }
}

/** Runs a program until it waits or ends; yields its iterates. */
function* advance<Y, R>(
  world: World<R>,
  rank: Rank<R>,
  program: Generator<Y | Request, R, unknown>,
  { error, value }: Input,
): Generator<Y, void> {
  let step = error === undefined ? program.next(value) : program.throw(error);
  while (!step.done) {
    if (!isRequest(step.value)) {
      yield step.value as Y;
      step = program.next();
      continue;
    }
    const answer = world.answer(rank, step.value);
    if (!answer) return;
    step = answer.error === undefined ? program.next(answer.value) : program.throw(answer.error);
  }
  world.ended(rank, step.value);
}

interface Input {
  readonly value?: unknown;
  readonly error?: unknown;
}

interface Rank<R> {
  readonly rank: number;
  readonly engine: Engine;
  readonly mailbox: Mailbox;
  readonly traffic: Traffic;
  blocked?: Blocked;
  /** The ranks for which it was waiting when it last timed out. */
  gaveUp?: readonly number[];
  /** Whether a check of its waiting time is scheduled. */
  timed: boolean;
  over: boolean;
  ended?: number;
  readonly spans: Span[];
  result?: R;
}

/** What a program is waiting for: one exchange, whose answer it receives, or the first of several. */
interface Blocked {
  readonly operations: readonly Operation[];
  readonly any: boolean;
  readonly since: number;
  /** Whether it waits until a deadline, and thus cannot time out. */
  readonly limited: boolean;
}

/** Ranks, network, clock and scheduled events. */
class World<R> {
  readonly events = new Events();
  readonly ranks: Rank<R>[];
  readonly ready: Array<{ readonly rank: Rank<R>; readonly input: Input }> = [];
  readonly trace: Flight[] = [];
  now = 0;
  lastEnd = 0;
  /** Number of programs that have not ended, without stopped ones. */
  going: number;
  private readonly timeout: number;
  private readonly look: number;
  private readonly traced: boolean;

  constructor(
    readonly network: Network,
    options: Pick<SimulationOptions, 'timeout' | 'checks' | 'trace' | 'look'>,
  ) {
    const { timeout = 60, checks = true, look = 1e-7, trace = true } = options;
    if (!(look > 0)) fail('INVALID_PARAMETER', `look must be a positive number of seconds, not ${look}.`);
    this.timeout = timeout;
    this.look = look;
    this.traced = trace;
    this.going = network.ranks;
    this.ranks = Array.from({ length: network.ranks }, (_, rank) => {
      const [mailbox, traffic] = [new Mailbox(), new Traffic()];
      const transport = {
        expect: (receive: Awaited) => mailbox.expect(receive),
        send: this.send.bind(this, rank),
      };
      const engine = new Engine(rank, network.ranks, transport, traffic, checks);
      return { rank, engine, mailbox, traffic, timed: false, over: false, spans: [] };
    });
  }

  /** Scheduled at the current time, after the current event. */
  resume(rank: Rank<R>, value: unknown, at = this.now): void {
    this.events.plan(at, () => this.ready.push({ rank, input: { value } }));
  }

  ended(rank: Rank<R>, result: R): void {
    rank.over = true;
    rank.ended = this.now;
    rank.result = result;
    this.going--;
    this.lastEnd = this.now;
  }

  /** Undefined if the program has to wait. */
  answer(rank: Rank<R>, request: Request): Input | undefined {
    switch (request.kind) {
      case 'begin':
        return { value: rank.engine.begin(request.comm, request.act) };
      case 'wait':
        return this.block(rank, [request.begun as Operation]);
      case 'waitAny':
        return this.blockAny(rank, request.begun as readonly Operation[], request.until);
      case 'test': {
        const operation = request.begun as Operation;
        if (operation.over) return { value: true };
        this.events.plan(this.now + this.look, () => this.ready.push({ rank, input: { value: operation.over } }));
        return undefined;
      }
      case 'work': {
        const end = this.now + this.network.worked(rank.rank, request.seconds);
        this.record(rank, 'work', this.now, end);
        this.resume(rank, undefined, end);
        return undefined;
      }
      case 'clock':
        return { value: this.network.clock(rank.rank, this.now) };
      case 'phase':
        return { value: rank.traffic.enter(request.name) };
      case 'traffic':
        return { value: rank.traffic.report() };
      default:
        return this.block(rank, [rank.engine.begin(request.comm, request as Act)]);
    }
  }

  private record({ spans }: Rank<R>, kind: Span['kind'], from: number, to: number): void {
    if (this.traced && to > from) spans.push({ kind, from, to });
  }

  courseOf({ rank, ended, spans }: Rank<R>): RankCourse {
    const { network, lastEnd } = this;
    return { ...network.about(rank), ended, spans: spans.map((span) => ({ ...span, to: Math.min(span.to, lastEnd) })) };
  }

  private block(rank: Rank<R>, operations: readonly Operation[], any = false): Input | undefined {
    const input = outcome(operations, any);
    if (input) return input;
    rank.blocked = { operations, any, since: this.now, limited: false };
    this.watch(rank);
    return undefined;
  }

  private blockAny(rank: Rank<R>, operations: readonly Operation[], until: number): Input | undefined {
    if (until === Number.POSITIVE_INFINITY) return this.block(rank, operations, true);
    const input = outcome(operations, true);
    if (input) return input;
    const blocked: Blocked = { operations, any: true, since: this.now, limited: true };
    rank.blocked = blocked;
    // A deadline in the past still takes the duration of a test, or a polling program would stop the clock.
    const moment = Math.max(this.network.moment(rank.rank, until), this.now + this.look);
    this.events.plan(moment, () => {
      if (rank.blocked === blocked) this.release(rank, blocked, { value: undefined });
    });
    return undefined;
  }

  private release(rank: Rank<R>, blocked: Blocked, input: Input): void {
    rank.blocked = undefined;
    rank.traffic.spend(this.now - blocked.since);
    this.record(rank, 'wait', blocked.since, this.now);
    this.ready.push({ rank, input });
  }

  /** Resumes a rank whose exchange is complete. */
  private settle(rank: Rank<R>): void {
    rank.engine.progress();
    const { blocked } = rank;
    const input = blocked && outcome(blocked.operations, blocked.any);
    if (!input) return;
    rank.gaveUp = undefined;
    this.release(rank, blocked, input);
  }

  private send(from: number, to: number, context: number, tag: number, step: number, { data }: { data: Numbers }) {
    const sent = { sent: true };
    if (this.network.hasStopped(from, this.now)) return sent;
    const copy = data.slice();
    if (carriesNumbers(context)) this.network.spoil(copy, from, to);
    const { arrived, ...flown } = this.network.fly(from, to, copy.byteLength, this.now);
    if (this.traced) {
      this.trace.push({ from, to, bytes: copy.byteLength, context, tag, step, sent: this.now, arrived, ...flown });
    }
    if (arrived === undefined) return sent;
    this.events.plan(arrived, () => {
      if (this.network.hasStopped(to, this.now)) return;
      const receiver = this.ranks[to];
      const sink = receiver.mailbox.open({ from, context, tag, step, type: typeOf(copy), length: copy.length });
      sink.put(copy, 0);
      sink.close();
      this.settle(receiver);
    });
    return sent;
  }

  /** At most one check per rank is scheduled, for the end of the wait at that time. */
  private watch(rank: Rank<R>): void {
    if (rank.timed || this.timeout === Number.POSITIVE_INFINITY) return;
    rank.timed = true;
    this.events.plan(rank.blocked!.since + this.timeout, () => {
      rank.timed = false;
      const { blocked } = rank;
      if (!blocked || blocked.limited || this.network.hasStopped(rank.rank, this.now)) return;
      if (this.now < blocked.since + this.timeout) {
        this.watch(rank);
        return;
      }
      rank.blocked = undefined;
      this.record(rank, 'wait', blocked.since, this.now);
      this.ready.push({ rank, input: { error: this.noAnswer(rank.rank, blocked.operations) } });
    });
  }

  private noAnswer(rank: number, operations: readonly Operation[]): NoAnswerError {
    const hasStopped = (r: number) => this.network.hasStopped(r, this.now);
    const blame = silent(rank, (r) => {
      const { blocked, gaveUp } = this.ranks[r];
      if (r === rank) return waitedFor(operations);
      if (hasStopped(r) || blocked?.limited) return undefined;
      return blocked ? waitedFor(blocked.operations) : gaveUp;
    });
    this.ranks[rank].gaveUp = blame;
    return noAnswer(rank, waiting(operations), this.timeout, blame, (r) =>
      this.ranks[r].over ? 'has ended' : undefined,
    );
  }

  /** @throws if no event is left but some rank is still waiting. */
  checkEnd(): void {
    for (const { rank, blocked } of this.ranks) {
      if (blocked && !this.network.hasStopped(rank, this.now)) throw this.noAnswer(rank, blocked.operations);
    }
  }
}

/** The input with which a program that waits for operations is resumed; undefined if it must go on waiting. */
function outcome(operations: readonly Operation[], any: boolean): Input | undefined {
  const first = firstOver(operations);
  if (first === undefined) return undefined;
  return any ? { value: first } : { value: operations[first].answer, error: operations[first].error };
}
