import { RequestError } from '@southwell/tasks';

/** Exit codes. */
export const EXIT = { done: 0, claimFails: 1, usage: 2, stopped: 3, noAnswer: 4, interrupted: 130 } as const;

/** An error in how the command was called. */
export { RequestError as UsageError };

/** An error with an exit code of its own. */
export class Failure extends RequestError {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** Ends the command with this exit code; all messages have been printed. */
export class Exit extends Error {
  constructor(readonly exitCode: number) {
    super(`exit ${exitCode}`);
  }
}
