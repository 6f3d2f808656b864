import { type Communicator, complete, type Phases, type Ranks, type Request } from '@southwell/distributed';
import { decodePlain, encodePlain, type SharedSignal, stoppedBy } from '@southwell/numerics/core';
import { type LimitedSignal, lateReason } from '../deadline.ts';

/** Memory and communication of a job on each of several ranks, excluding its results. */
export interface RankPlan {
  /** "57 features, dense". */
  readonly about: string;
  /** Memory for each of the rank's rows, and apart from rows. */
  readonly bytesARow: number;
  readonly bytes: number;
  /** Vectors that are repeatedly summed over all ranks, with their numbers of doubles. */
  readonly exchanges: ReadonlyArray<{ readonly what: string; readonly doubles: number }>;
}

/**
 * The ranks that execute a job together, from the point of view of this one. Each has a part of the data; all run the
 * same job.
 */
export interface JobRanks {
  readonly rank: number;
  readonly size: number;
  /** Seconds after which a rank that does not respond is presumed dead. */
  readonly timeout: number;
  /** Runs a program on all ranks, and blocks until this rank's part of it has finished. */
  together<R>(program: (comm: Communicator) => Generator<Request, R, unknown>): R;
  /** The job's own signal, seen identically by all ranks: all of them must read `aborted` equally often. */
  readonly signal: SharedSignal;
  /** The first of these ranks, on them; undefined on the others, which leave the job by throwing {@link NotNeeded}. */
  first(count: number): JobRanks | undefined;
  /** Whether the job is to choose how many of the ranks it uses. */
  readonly choose?: boolean;
  /** Whether the network between the ranks is simulated, so that exchanges have no times of their own. */
  readonly simulated?: boolean;
  /** On a simulated network: seconds that a rank is declared to compute in a step. */
  readonly work?: number;
  /** On the first rank of a run whose events are recorded: keeps a value, with the time on the clock of the rank. */
  readonly mark?: (measure: string, iteration: number, value: number) => void;
  /** There too: notes in a few words what happened on a rank, at a time on the clock of the first. */
  readonly note?: (seconds: number, rank: number, what: string) => void;
  /** There too: names the ranks whose messages were found to be wrong. */
  readonly suspect?: (ranks: readonly number[]) => void;
}

/** Thrown on a rank that a job has left out: it ends without a result. */
export class NotNeeded extends Error {}

/** The ranks for a job; `own` is the signal of this rank. */
export function jobRanks(
  ranks: Ranks,
  own: AbortSignal,
  timeout: number,
  about: Pick<JobRanks, 'choose' | 'simulated' | 'mark' | 'note' | 'suspect' | 'work'> = {},
): JobRanks {
  const together: JobRanks['together'] = (program) => complete(ranks(program));
  const comm = together(function* (all) {
    yield* all.barrier();
    return all;
  });
  return { ...about, ...ranksOf(comm, together, own, timeout) };
}

function ranksOf(
  { rank, size }: Pick<Communicator, 'rank' | 'size'>,
  together: JobRanks['together'],
  own: AbortSignal,
  timeout: number,
): JobRanks {
  return {
    ...{ rank, size, timeout, together },
    signal: agreedSignal(together, own),
    first(count) {
      const some = together((comm) => comm.split(rank < count ? 0 : undefined));
      return some && ranksOf(some, (program) => together(() => program(some)), own, timeout);
    },
  };
}

/**
 * The communication so far: what all ranks sent, and the largest time that a rank spent in exchanges, including
 * waiting.
 */
export interface Exchanged {
  readonly messages: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** To be called on all ranks. */
export function exchanged({ together }: Pick<JobRanks, 'together'>): Exchanged {
  return together(function* (comm) {
    const own = sentSoFar(yield* comm.traffic());
    const [sums, most] = [Float64Array.of(own.messages, own.bytes), Float64Array.of(own.seconds)];
    yield* comm.allReduce(sums);
    yield* comm.allReduce(most, 'max');
    return { messages: sums[0], bytes: sums[1], seconds: most[0] };
  });
}

/** The same for one rank, over all phases. */
export function sentSoFar(phases: Phases): Exchanged {
  const out = { messages: 0, bytes: 0, seconds: 0 };
  for (const sent of Object.values(phases)) {
    out.messages += sent.messages;
    out.bytes += sent.bytes;
    out.seconds += sent.seconds;
  }
  return out;
}

/** Broadcasts plain data of the first rank to all; the others pass undefined. */
export function fromFirst<T>(ranks: JobRanks, of: T | undefined): T {
  return ranks.together(function* (comm) {
    const text = ranks.rank === 0 ? new TextEncoder().encode(encodePlain(of)) : undefined;
    const length = Float64Array.of(text?.length ?? 0);
    yield* comm.broadcast(length);
    const bytes = text ?? new Uint8Array(length[0]);
    yield* comm.broadcast(bytes);
    return text ? (of as T) : (decodePlain(new TextDecoder().decode(bytes)) as T);
  });
}

/** Seconds between exchanges about the signal if it is read more often: fast enough for users. */
const BETWEEN = 0.1;
/** Maximum number of reads that are answered without an exchange. */
const MOST_LOOKS = 1000;

/** What ended the work of a rank, in the order in which the ranks agree: the largest counts. */
const [GOING, LATE, STOPPED] = [0, 1, 2];

const stateOf = (own: AbortSignal): number => (!own.aborted ? GOING : stoppedBy(own) === 'time-limit' ? LATE : STOPPED);

function agreedSignal(together: JobRanks['together'], own: AbortSignal): SharedSignal {
  const { signal } = new AbortController();
  let seen = GOING;
  let looks = 0;
  let left = 0;
  let last = performance.now();
  const aborted = () => {
    looks++;
    if (seen !== GOING || left-- > 0) return seen !== GOING;
    const seconds = (performance.now() - last) / 1000;
    const words = Float64Array.of(stateOf(own), seconds / looks);
    together((comm) => comm.allReduce(words, 'max'));
    // Determined by the slowest rank, and the same on all ranks.
    left = Math.min(MOST_LOOKS, Math.floor(BETWEEN / words[1]));
    looks = 0;
    last = performance.now();
    seen = words[0];
    return seen !== GOING;
  };
  // A limit that another rank has reached is that of this rank, too: their clocks differ a little.
  const reason = () =>
    seen === GOING
      ? undefined
      : seen === LATE
        ? lateReason((own as Partial<LimitedSignal>).timeLimit!)
        : (stateOf(own) === STOPPED && own.reason) || new DOMException('Stopped.', 'AbortError');
  Object.defineProperty(signal, 'aborted', { get: aborted });
  Object.defineProperty(signal, 'throwIfAborted', {
    value: () => {
      if (aborted()) throw reason();
    },
  });
  Object.defineProperty(signal, 'reason', { get: reason });
  return Object.assign(signal, {
    onAny(here: boolean): boolean {
      const word = Float64Array.of(here ? 1 : 0);
      together((comm) => comm.allReduce(word, 'max'));
      return word[0] !== 0;
    },
  });
}
