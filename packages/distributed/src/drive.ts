import type { Communicator, Request } from './communicator.ts';
import type { Traffic } from './traffic.ts';

/** A program for any number of ranks: a generator of requests and iterates. */
export type Program<Y, R> = (comm: Communicator) => Generator<Y | Request, R, unknown>;

/** Runs this rank's part of a program: implemented by `alone`, threads and MPI. */
export type Ranks = <Y, R>(program: Program<Y, R>) => Generator<Y, R>;

/** Return type of a generator. */
export function complete<R>(generator: Generator<unknown, R>): R {
  let step = generator.next();
  while (!step.done) step = generator.next();
  return step.value;
}

/** Whether a yielded value is a request; everything else (iterates) is for the caller that runs the program. */
export const isRequest = (value: unknown): value is Request =>
  typeof value === 'object' && value !== null && 'kind' in value && 'comm' in value && !('iteration' in value);

/** Requests that concern no other rank. */
type Own = Extract<Request, { kind: 'work' | 'clock' | 'phase' | 'traffic' }>;

/** Requests that a driver has to answer. */
export type Outward = Exclude<Request, Own>;

/** Answers requests on real hardware: declared work has already been done, and the clock is the wall clock. */
function fulfil(request: Request, answer: (request: Outward) => unknown, traffic: Traffic): unknown {
  switch (request.kind) {
    case 'work':
      return undefined;
    case 'clock':
      return performance.now() / 1000;
    case 'phase':
      return traffic.enter(request.name);
    case 'traffic':
      return traffic.report();
    default:
      return answer(request);
  }
}

/**
 * Runs a program, fulfilling its requests by the blocking function `answer`; other yielded values are passed through,
 * so that a distributed method is a method like any other. Errors of `answer` are thrown at the point of the request.
 * The time spent in requests is recorded.
 */
export function* drive<Y, R>(
  program: Program<Y, R>,
  comm: Communicator,
  answer: (request: Outward) => unknown,
  traffic: Traffic,
): Generator<Y, R> {
  const running = program(comm);
  let ended = false;
  try {
    let step = running.next();
    while (!step.done) {
      if (isRequest(step.value)) {
        const from = performance.now();
        let given: unknown;
        let wrong: { readonly error: unknown } | undefined;
        try {
          given = fulfil(step.value, answer, traffic);
        } catch (error) {
          wrong = { error };
        }
        traffic.spend((performance.now() - from) / 1000);
        step = wrong ? running.throw(wrong.error) : running.next(given);
      } else {
        yield step.value as Y;
        step = running.next();
      }
    }
    ended = true;
    return step.value;
  } finally {
    // If the caller leaves early, the program is ended too, so that it frees its memory.
    if (!ended) running.return(undefined as R);
  }
}
