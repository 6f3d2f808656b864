import type { Communicator, Request } from './communicator.ts';
import type { Traffic } from './traffic.ts';

/** A program for any number of ranks: yields requests and, for whoever runs it, iterates. */
export type Program<Y, R> = (comm: Communicator) => Generator<Y | Request, R, unknown>;

/** Runs a program on ranks, this one's part of it: what `alone` does, and what threads and MPI give. */
export type Ranks = <Y, R>(program: Program<Y, R>) => Generator<Y, R>;

/** What a generator returns, whatever it yields on the way. */
export function complete<R>(generator: Generator<unknown, R>): R {
  let step = generator.next();
  while (!step.done) step = generator.next();
  return step.value;
}

/** Requests among what a program yields: all else (iterates) is for whoever runs it. */
export const isRequest = (value: unknown): value is Request =>
  typeof value === 'object' && value !== null && 'kind' in value && 'comm' in value && !('iteration' in value);

/**
 * Runs a program whose requests `answer` fulfils, blocking; what it yields besides comes through, so that a distributed
 * method is a method like any other. Errors of `answer` are thrown where the program asked. The time in requests is
 * counted.
 */
export function* drive<Y, R>(
  program: Program<Y, R>,
  comm: Communicator,
  answer: (request: Request) => unknown,
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
          given = answer(step.value);
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
