import { fail, knownKeys, type OptionKeys, Random, wholeNumber } from '@southwell/numerics/core';
import type { Numbers } from '../communicator.ts';
import { type Down, type Failures, type Meanwhile, type Outage, Outages } from './outages.ts';
import { checkTimes, drawTime, type Times } from './times.ts';

/** How ranks are connected, and what goes wrong. Times are in seconds. */
export interface NetworkOptions {
  /** Of all that is random (default 0). */
  readonly seed?: number;
  /** Of every message, on its way (default 1e-6). */
  readonly latency?: number;
  /** Mean of an exponential delay that is added to the latency of each message (default 0). */
  readonly jitter?: number;
  /** Bytes a second that a rank can send (default 1e10). */
  readonly bandwidth?: number;
  /** The probability that a message is lost, each time it is sent (default 0). */
  readonly loss?: number;
  /** After how long a lost message is sent again (default 1e-3); false: never, and whoever waits for it waits. */
  readonly retransmit?: number | false;
  /** Standard deviation of normal noise on every floating-point number that travels (default 0). */
  readonly noise?: number;
  /** How many times slower than the others ranks work and send. */
  readonly stragglers?: Readonly<Record<number, number>>;
  /** Ranks that lie: each changes what it is about to send, in place. */
  readonly byzantine?: Readonly<Record<number, (data: Numbers, to: number, random: Random) => void>>;
  /** When ranks stop for ever. */
  readonly stopped?: Readonly<Record<number, number>>;
  /**
   * By what ranks multiply the seconds of each `work`, drawn anew for each: of all ranks, or of those that are named (default: 1). Those of
   * a rank depend on the seed and on how often it has worked, and on nothing else.
   */
  readonly workTimes?: Times | Readonly<Record<number, Times>>;
  /** Links that go down, in both directions, for ever or until they come back. */
  readonly down?: readonly Down[];
  /** Links that fail and come back at random times, which depend on the seed and the link alone. */
  readonly failures?: Failures;
  /** Standard deviations of the offset (seconds) and of the drift (seconds a second) of the clocks that ranks read. */
  readonly clocks?: { readonly offset?: number; readonly drift?: number };
}

export const networkKeys: OptionKeys<NetworkOptions> = {
  seed: true,
  latency: true,
  jitter: true,
  bandwidth: true,
  loss: true,
  retransmit: true,
  noise: true,
  stragglers: true,
  byzantine: true,
  stopped: true,
  workTimes: true,
  down: true,
  failures: true,
  clocks: true,
};

/** A message as it travelled. */
export interface Flight {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  /** Three times its communicator, and 0 for a message of the program, 1 for an agreement, 2 for a collective. */
  readonly context: number;
  /** Of a message; of a collective, which one of its communicator. */
  readonly tag: number;
  /** Within its collective. */
  readonly step: number;
  /** When it was handed over. */
  readonly sent: number;
  /** When it came; undefined for one that was lost. */
  readonly arrived: number | undefined;
  /** How often it was sent. */
  readonly attempts: number;
  /** What became of it where it met a link that was down. */
  readonly outage?: Meanwhile;
}

/** Of random numbers for work, beside those of the network itself and of links. */
const WORK = 2;

/** Delays, losses and lies, from one stream of random numbers; work and outages have their own. */
export class Network {
  private readonly random: Random;
  private readonly free: Float64Array;
  private readonly last = new Map<number, number>();
  private readonly outages: Outages;
  private readonly work: ReadonlyArray<{ readonly times: Times; readonly random: Random } | undefined>;
  private readonly clocks: ReadonlyArray<{ readonly offset: number; readonly drift: number }>;

  /** @throws INVALID_PARAMETER. */
  constructor(
    readonly ranks: number,
    private readonly options: NetworkOptions,
  ) {
    checkNetwork(ranks, options);
    const { seed = 0, clocks: { offset = 0, drift = 0 } = {}, down, failures } = options;
    this.random = new Random(seed);
    this.outages = new Outages(ranks, seed, down, failures);
    this.work = Array.from({ length: ranks }, (_, rank) => {
      const times = timesOf(options.workTimes, rank);
      return times && { times, random: new Random(seed).split(WORK).split(rank) };
    });
    this.free = new Float64Array(ranks);
    this.clocks = Array.from({ length: ranks }, () => ({
      offset: offset * this.random.normal(),
      drift: drift * this.random.normal(),
    }));
  }

  /** When a message that is handed over at `now` comes, on which attempt. Those of one link keep their order. */
  fly(from: number, to: number, bytes: number, now: number): Pick<Flight, 'arrived' | 'attempts' | 'outage'> {
    const { latency = 1e-6, jitter = 0, bandwidth = 1e10, loss = 0, retransmit = 1e-3 } = this.options;
    const start = Math.max(now, this.free[from]);
    let time = start + (bytes / bandwidth) * this.slowness(from);
    this.free[from] = time;
    let attempts = 1;
    while (loss > 0 && this.random.uniform() < loss) {
      if (retransmit === false) return { arrived: undefined, attempts };
      time += retransmit;
      attempts++;
    }
    time += latency;
    if (jitter > 0) time += jitter * this.random.exponential();
    const { arrived: own, ...met } = this.outages.pass(from, to, start, time, now);
    if (own === undefined) return { arrived: undefined, attempts, ...met };
    const link = from * this.ranks + to;
    const arrived = Math.max(own, this.last.get(link) ?? 0);
    this.last.set(link, arrived);
    return { arrived, attempts, ...met };
  }

  /** What comes of the numbers of a message: lies of the sender, then noise of the link. In place. */
  spoil(data: Numbers, from: number, to: number): void {
    this.options.byzantine?.[from]?.(data, to, this.random);
    const { noise = 0 } = this.options;
    if (noise === 0 || data instanceof Int32Array || data instanceof Uint8Array) return;
    for (let i = 0; i < data.length; i++) data[i] += noise * this.random.normal();
  }

  slowness(rank: number): number {
    return this.options.stragglers?.[rank] ?? 1;
  }

  hasStopped(rank: number, now: number): boolean {
    return now >= (this.options.stopped?.[rank] ?? Number.POSITIVE_INFINITY);
  }

  /** What the clock of a rank shows. */
  clock(rank: number, now: number): number {
    const { offset, drift } = this.clocks[rank];
    return offset + (1 + drift) * now;
  }

  /** When the clock of a rank shows a time: the inverse of {@link Network.clock}. */
  moment(rank: number, shown: number): number {
    const { offset, drift } = this.clocks[rank];
    return (shown - offset) / (1 + drift);
  }

  /** How long work takes that is told to take so many seconds. */
  worked(rank: number, seconds: number): number {
    const work = this.work[rank];
    const times = work ? drawTime(work.times, work.random) : 1;
    return seconds === 0 ? 0 : seconds * times * this.slowness(rank);
  }

  /** Outages that began up to a time. */
  outagesUntil(time: number): Outage[] {
    return this.outages.report(time);
  }
}

/** Of all ranks, or of one that is named. */
function timesOf(of: NetworkOptions['workTimes'], rank: number): Times | undefined {
  return of && 'kind' in of ? (of as Times) : (of as Readonly<Record<number, Times>> | undefined)?.[rank];
}

function checkNetwork(ranks: number, options: NetworkOptions): void {
  wholeNumber('The number of ranks', ranks, 1);
  const { latency = 0, jitter = 0, bandwidth = 1, loss = 0, retransmit = 1, noise = 0 } = options;
  for (const [name, value] of Object.entries({ latency, jitter, noise })) {
    if (!(value >= 0)) fail('INVALID_PARAMETER', `The ${name} of a network is at least 0, but is ${value}.`);
  }
  if (!(bandwidth > 0)) fail('INVALID_PARAMETER', `The bandwidth of a network is positive, but is ${bandwidth}.`);
  if (!(loss >= 0 && loss < 1))
    fail('INVALID_PARAMETER', `The probability of loss is from 0 to below 1, but is ${loss}.`);
  if (retransmit !== false && !(retransmit > 0)) {
    fail('INVALID_PARAMETER', `Lost messages are sent again after a positive time or, with false, never.`);
  }
  knownKeys('clocks', options.clocks, { offset: true, drift: true });
  for (const [name, of] of Object.entries({
    stragglers: options.stragglers,
    byzantine: options.byzantine,
    stopped: options.stopped,
    ...(options.workTimes && !('kind' in options.workTimes) && { workTimes: options.workTimes }),
  })) {
    for (const rank of Object.keys(of ?? {})) wholeNumber(`A rank of ${name}`, Number(rank), 0, ranks - 1);
  }
  for (let rank = 0; rank < ranks; rank++) {
    const times = timesOf(options.workTimes, rank);
    if (times) checkTimes('workTimes', times);
  }
}
