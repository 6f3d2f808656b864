import { SouthwellError } from '@southwell/numerics/core';
import type { Exchange, Request } from '../communicator.ts';
import { isRequest } from '../drive.ts';

/**
 * One answer that depends on who came first, or on the clock: of whom a receive from any rank was (null: it was not over, or failed), with its tag;
 * whether an exchange was over, by its number among those that the rank began, and how many such answers there were one after another;
 * which of how many exchanges `waitAny` told (null: the moment came); what the clock showed.
 */
export type Arrival =
  | readonly ['receive', from: number | null, tag: number]
  | readonly ['test', over: boolean, exchange: number, times: number]
  | readonly ['waitAny', place: number | null, of: number]
  | readonly ['clock', seconds: number];

/** The order of arrivals at one rank, in the course of its program: plain data, which JSON keeps to the bit. */
export interface Arrivals {
  readonly rank: number;
  readonly size: number;
  readonly events: readonly Arrival[];
}

/** Thrown where a program asks for something else than what the record that it is run by has. */
export class ReplayError extends SouthwellError {
  constructor(
    readonly rank: number,
    /** Which event of its record, from 0 on. */
    readonly event: number,
    message: string,
  ) {
    super('MISMATCH', message);
  }
}

/**
 * Runs a program whose requests `ask` fulfils by requests of its own; what it yields besides comes through. Errors are thrown where the
 * program asked.
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
