import { fail, knownKeys, type OptionKeys, Random, wholeNumber } from '@southwell/numerics/core';
import type { Numbers } from '../communicator.ts';
import { type Down, type Failures, type Meanwhile, type Outage, Outages } from './outages.ts';
import type { RankCourse } from './spans.ts';
import { checkTimes, drawTime, type Times } from './times.ts';

/** Properties and faults of the network between ranks. Times are in seconds. */
export interface NetworkOptions {
  /** Seed of all randomness (default 0). */
  readonly seed?: number;
  /** Latency of every message (default 1e-6). */
  readonly latency?: number;
  /** Mean of an exponential delay that is added to the latency of each message (default 0). */
  readonly jitter?: number;
  /** Bytes per second that a rank can send (default 1e10). */
  readonly bandwidth?: number;
  /** The probability that a message is lost, for each attempt (default 0). */
  readonly loss?: number;
  /** Time after which a lost message is sent again (default 1e-3); false: never, so that its receiver waits forever. */
  readonly retransmit?: number | false;
  /** Standard deviation of normal noise added to every floating-point number sent (default 0). */
  readonly noise?: number;
  /** Factors by which the computation and sending of ranks are slowed down. */
  readonly stragglers?: Readonly<Record<number, number>>;
  /** Byzantine ranks: each modifies its outgoing messages, in place. */
  readonly byzantine?: Readonly<Record<number, (data: Numbers, to: number, random: Random) => void>>;
  /** Times at which ranks stop forever. */
  readonly stopped?: Readonly<Record<number, number>>;
  /**
   * Random factors by which the seconds of each `work` are multiplied, for all ranks or for the named ones (default:
   * 1). The factors of a rank depend only on the seed and on the number of its previous calls.
   */
  readonly workTimes?: Times | Readonly<Record<number, Times>>;
  /** Links that go down, in both directions, forever or for a limited time. */
  readonly down?: readonly Down[];
  /** Links that fail and recover at random times, which depend only on the seed and the link. */
  readonly failures?: Failures;
  /** Standard deviations of the offset (seconds) and of the drift (seconds per second) of the ranks' clocks. */
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

/** The record of a message. */
export interface Flight {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  /** Three times the communicator, plus 0 for a message of the program, 1 for an agreement, 2 for a collective. */
  readonly context: number;
  /** The tag of a message; for a collective, its number in its communicator. */
  readonly tag: number;
  /** The step within the collective. */
  readonly step: number;
  /** Time of sending. */
  readonly sent: number;
  /** The time in which its bytes left the sender, which sends one message after the other. */
  readonly began: number;
  readonly left: number;
  /** Time of arrival; undefined if the message was lost. */
  readonly arrived: number | undefined;
  /** Number of attempts. */
  readonly attempts: number;
  /** What happened to it at a link that was down. */
  readonly outage?: Meanwhile;
}

/** Index of the random stream for work, separate from those of the network and the links. */
const WORK = 2;

/** Delays, losses and Byzantine changes, from one random stream; work and outages have streams of their own. */
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

  /** The arrival time of a message sent at `now`, and the number of attempts. Messages on one link stay in order. */
  fly(
    from: number,
    to: number,
    bytes: number,
    now: number,
  ): Pick<Flight, 'began' | 'left' | 'arrived' | 'attempts' | 'outage'> {
    const { latency = 1e-6, jitter = 0, bandwidth = 1e10, loss = 0, retransmit = 1e-3 } = this.options;
    const start = Math.max(now, this.free[from]);
    let time = start + (bytes / bandwidth) * this.slowness(from);
    this.free[from] = time;
    const sending = { began: start, left: time };
    let attempts = 1;
    while (loss > 0 && this.random.uniform() < loss) {
      if (retransmit === false) return { ...sending, arrived: undefined, attempts };
      time += retransmit;
      attempts++;
    }
    time += latency;
    if (jitter > 0) time += jitter * this.random.exponential();
    const { arrived: own, ...met } = this.outages.pass(from, to, start, time, now);
    if (own === undefined) return { ...sending, arrived: undefined, attempts, ...met };
    const link = from * this.ranks + to;
    const arrived = Math.max(own, this.last.get(link) ?? 0);
    this.last.set(link, arrived);
    return { ...sending, arrived, attempts, ...met };
  }

  /** How a rank differs from the others. */
  about(rank: number): Pick<RankCourse, 'slowness' | 'byzantine' | 'stopped' | 'clock'> {
    const { byzantine, stopped } = this.options;
    return {
      slowness: this.slowness(rank),
      byzantine: byzantine?.[rank] !== undefined,
      stopped: stopped?.[rank],
      clock: this.clocks[rank],
    };
  }

  /** Alters the data of a message in place: by its sender if Byzantine, then by noise of the link. */
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

  /** The reading of a rank's clock. */
  clock(rank: number, now: number): number {
    const { offset, drift } = this.clocks[rank];
    return offset + (1 + drift) * now;
  }

  /** The time at which the clock of a rank has a given reading: the inverse of {@link Network.clock}. */
  moment(rank: number, shown: number): number {
    const { offset, drift } = this.clocks[rank];
    return (shown - offset) / (1 + drift);
  }

  /** The actual duration of work that is declared to take `seconds`. */
  worked(rank: number, seconds: number): number {
    const work = this.work[rank];
    const times = work ? drawTime(work.times, work.random) : 1;
    return seconds === 0 ? 0 : seconds * times * this.slowness(rank);
  }

  /** Outages that began before or at a given time. */
  outagesUntil(time: number): Outage[] {
    return this.outages.report(time);
  }
}

/** The distribution for all ranks, or for a named one. */
function timesOf(of: NetworkOptions['workTimes'], rank: number): Times | undefined {
  return of && 'kind' in of ? (of as Times) : (of as Readonly<Record<number, Times>> | undefined)?.[rank];
}

function checkNetwork(ranks: number, options: NetworkOptions): void {
  wholeNumber('The number of ranks', ranks, 1);
  const { latency = 0, jitter = 0, bandwidth = 1, loss = 0, retransmit = 1, noise = 0 } = options;
  for (const [name, value] of Object.entries({ latency, jitter, noise })) {
    if (!(value >= 0)) fail('INVALID_PARAMETER', `The ${name} of a network must be at least 0, but is ${value}.`);
  }
  if (!(bandwidth > 0)) fail('INVALID_PARAMETER', `The bandwidth of a network must be positive, but is ${bandwidth}.`);
  if (!(loss >= 0 && loss < 1))
    fail('INVALID_PARAMETER', `The probability of loss must be at least 0 and below 1, but is ${loss}.`);
  if (retransmit !== false && !(retransmit > 0)) {
    fail('INVALID_PARAMETER', `retransmit must be a positive time in seconds, or false.`);
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
