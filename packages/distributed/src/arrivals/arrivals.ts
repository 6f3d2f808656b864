import { SouthwellError } from '@southwell/numerics/core';
import type { Exchange, Request } from '../communicator.ts';
import { isRequest } from '../drive.ts';

/**
 * A result that depends on the order of arrival or on the clock: the source (null: not complete, or failed) and tag of
 * a receive from any rank; the result of `test` for an exchange, given by its number among those that the rank began,
 * and the number of equal consecutive results; the index chosen by `waitAny` among a number of exchanges (null: the
 * deadline passed); a reading of the clock.
 */
export type Arrival =
  | readonly ['receive', from: number | null, tag: number]
  | readonly ['test', over: boolean, exchange: number, times: number]
  | readonly ['waitAny', place: number | null, of: number]
  | readonly ['clock', seconds: number];

/** The order of arrivals at one rank in the course of its program: plain data, which JSON preserves exactly. */
export interface Arrivals {
  readonly rank: number;
  readonly size: number;
  readonly events: readonly Arrival[];
}

/** Thrown if a program makes another request than the record from which it is replayed. */
export class ReplayError extends SouthwellError {
  constructor(
    readonly rank: number,
    /** The index of the event in the record, from 0. */
    readonly event: number,
    message: string,
  ) {
    super('MISMATCH', message);
  }
}

/**
 * Runs a program whose requests are fulfilled by `ask` through requests of its own; other yielded values are passed
 * through. Errors are thrown at the point of the request.
 */
export function* translated<Y, R>(
  running: Generator<Y | Request, R, unknown>,
  ask: (request: Request) => Exchange<unknown>,
): Generator<Y | Request, R, unknown> {
  let ended = false;
  try {
    let step = running.next();
    while (!step.done) {
      if (!isRequest(step.value)) {
        yield step.value;
        step = running.next();
        continue;
      }
      let answer: unknown;
      let wrong: { readonly error: unknown } | undefined;
      try {
        answer = yield* ask(step.value);
      } catch (error) {
        wrong = { error };
      }
      step = wrong ? running.throw(wrong.error) : running.next(answer);
    }
    ended = true;
    return step.value;
  } finally {
    if (!ended) running.return(undefined as R);
  }
}
