import { type Communicator, complete, type Ranks, type Request } from '@southwell/distributed';

/** The ranks that do a job together, as this one sees them. Each holds a part of the data; all run the same job. */
export interface JobRanks {
  readonly rank: number;
  readonly size: number;
  /** Runs a program on all ranks and blocks until this one's part of it is over. */
  together<R>(program: (comm: Communicator) => Generator<Request, R, unknown>): R;
  /** As the job's own signal, but seen by all ranks alike: all must look at `aborted` equally often. */
  readonly signal: AbortSignal;
}

/** What a job is given where it runs on ranks; `own` is the signal of this rank. */
export function jobRanks(ranks: Ranks, own: AbortSignal): JobRanks {
  const together: JobRanks['together'] = (program) => complete(ranks(program));
  const { rank, size } = together(function* (comm) {
    yield* comm.barrier();
    return comm;
  });
  return { rank, size, together, signal: agreedSignal(together, own) };
}

/** Seconds between exchanges about the signal, where looks come more often: a person does not wait for as long. */
const BETWEEN = 0.1;
/** The most looks that are answered without an exchange. */
const MOST_LOOKS = 1000;

function agreedSignal(together: JobRanks['together'], own: AbortSignal): AbortSignal {
  const { signal } = new AbortController();
  let seen = false;
  let looks = 0;
  let left = 0;
  let last = performance.now();
  const aborted = () => {
    looks++;
    if (seen || left-- > 0) return seen;
    const seconds = (performance.now() - last) / 1000;
    const words = Float64Array.of(own.aborted ? 1 : 0, seconds / looks);
    together((comm) => comm.allReduce(words, 'max'));
    // By the slowest rank's looks, on all ranks alike.
    left = Math.min(MOST_LOOKS, Math.floor(BETWEEN / words[1]));
    looks = 0;
    last = performance.now();
    seen = words[0] !== 0;
    return seen;
  };
  Object.defineProperty(signal, 'aborted', { get: aborted });
  Object.defineProperty(signal, 'throwIfAborted', {
    value: () => {
      if (aborted()) throw own.reason ?? new DOMException('Stopped.', 'AbortError');
    },
  });
  return signal;
}
