/** Termination status of a run. */
export type Status =
  /** The certificate is within the tolerance, or no further step changes the point. */
  | 'converged'
  /** All planned steps were taken; no claim about optimality is made. */
  | 'completed'
  | 'iteration-limit'
  | 'time-limit'
  | 'aborted'
  /** No further progress is possible before the tolerance is reached, because of rounding or limits of the method. */
  | 'stalled'
  | 'diverged'
  /** The method threw an error after at least one step. */
  | 'failed'
  | 'infeasible'
  | 'unbounded';

/**
 * Status of a run that a signal has stopped: `time-limit` if the reason is a TimeoutError, as that of
 * `AbortSignal.timeout`.
 */
export function stoppedBy(signal: AbortSignal | undefined): 'aborted' | 'time-limit' {
  const { reason } = signal ?? {};
  return reason instanceof Error && reason.name === 'TimeoutError' ? 'time-limit' : 'aborted';
}

/** Whether a run ended as requested: converged, or with all planned steps taken. */
export const finished = (status: Status): boolean => status === 'converged' || status === 'completed';

const NEXT: Readonly<Record<Status, string | undefined>> = {
  converged: undefined,
  completed: undefined,
  'iteration-limit': 'Allow more iterations, or use a looser tolerance.',
  'time-limit': 'Allow more time, or resume from a checkpoint.',
  aborted: 'Run it again, or resume from a checkpoint.',
  stalled: 'Use a looser tolerance, or scale the columns to similar magnitudes.',
  diverged: 'Scale the columns to similar magnitudes; a stronger penalty or a smaller step may help.',
  failed: 'See the error; the point is the last one that was kept.',
  infeasible: 'Relax a constraint: no point satisfies them all.',
  unbounded: 'Add a bound or a penalty: the objective has no minimum.',
};

/** Advice after a run that did not end as requested; undefined otherwise. */
export const whatNext = (status: Status): string | undefined => NEXT[status];
