import { RequestError } from '@southwell/tasks';

/** How the command ends. */
export const EXIT = { done: 0, claimFails: 1, usage: 2, stopped: 3, noAnswer: 4, interrupted: 130 } as const;

/** A mistake in how the command was called. */
export { RequestError as UsageError };

/** What went wrong with a code of its own. */
export class Failure extends RequestError {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** Ends the command with this code; whatever had to be said has been said. */
export class Exit extends Error {
  constructor(readonly exitCode: number) {
    super(`exit ${exitCode}`);
  }
}
