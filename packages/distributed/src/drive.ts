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

/** Requests among what a program yields: all else (iterates) is for whoever runs it. */
export const isRequest = (value: unknown): value is Request =>
  typeof value === 'object' && value !== null && 'kind' in value && 'comm' in value && !('iteration' in value);

/** What concerns no other rank. */
type Own = Extract<Request, { kind: 'work' | 'clock' | 'phase' | 'traffic' }>;

/** Interface of a driver. */
export type Outward = Exclude<Request, Own>;

/** Where programs run in earnest: work has been done by the time it is told, and the clock is the wall's. */
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
 * Runs a program whose exchanges `answer` fulfils, blocking; what it yields besides comes through, so that a distributed
 * method is a method like any other. Errors of `answer` are thrown where the program asked. The time in requests is
 * counted.
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
    // Whoever leaves early ends the program, too, so that it gives its memory back.
    if (!ended) running.return(undefined as R);
  }
}
