import type { Status } from '@southwell/numerics/core';

/** How a result ended. */
export interface Ending {
  readonly status: Status;
  /** Advice, as a sentence that replaces that of the status. */
  readonly next?: string;
  /** The error, as a sentence. */
  readonly error?: string;
}

const ENDED: Readonly<Record<Status, string>> = {
  converged: 'Converged',
  completed: 'Completed as planned',
  'iteration-limit': 'Ended at its limit of work, short of its tolerance,',
  'time-limit': 'Stopped at the time limit',
  aborted: 'Stopped on request',
  stalled: 'Ended where it could get no further, short of its tolerance,',
  diverged: 'Diverged',
  failed: 'Failed',
  infeasible: 'Found no feasible point',
  unbounded: 'Found the objective unbounded',
};

/** How a run ended, as the beginning of a sentence: "… after 12 steps". */
export const endedText = (status: Status): string => ENDED[status];
