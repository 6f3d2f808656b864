/** How a run ended. */
export type Status =
  /** The certificate is within the tolerance, or no step of the method can change the point any more. */
  | 'converged'
  /** The steps that were planned have been made; nothing is claimed about an optimum. */
  | 'completed'
  | 'iteration-limit'
  | 'time-limit'
  | 'aborted'
  /** No progress is possible any more, by rounding or by the method's own limits, short of the tolerance. */
  | 'stalled'
  | 'diverged'
  /** The method threw after it had made steps. */
  | 'failed'
  | 'infeasible'
  | 'unbounded';

/** Whether a run ended as it was asked to: with what it was after, or with all steps that were planned. */
export const finished = (status: Status): boolean => status === 'converged' || status === 'completed';

const NEXT: Readonly<Record<Status, string | undefined>> = {
  converged: undefined,
  completed: undefined,
  'iteration-limit': 'Allow more iterations, or ask for a looser tolerance.',
  'time-limit': 'Allow more time, or go on from a checkpoint.',
  aborted: 'Run it again, or go on from a checkpoint.',
  stalled: 'Ask for a looser tolerance, or bring the columns to like units.',
  diverged: 'Bring the columns to like units; a stronger penalty or a smaller step may help.',
  failed: 'See the error: the point is the last one that could be kept.',
  infeasible: 'Relax a constraint: no point meets them all.',
  unbounded: 'Add a bound or a penalty: the objective has no minimum.',
};

/** What to try after a run that did not end as asked, a sentence; undefined where it did. */
export const whatNext = (status: Status): string | undefined => NEXT[status];
