import type { Released, Size } from '@southwell/papers';

/** How long a run will take: from the durations of the release before it, and from its own progress while it runs. */

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Seconds that an experiment should take here: the median of its released runs of this size, scaled by how fast this
 * machine is, in milliseconds of the calibration. Undefined if none was released.
 */
export function expectedSeconds(
  released: Pick<Released, 'runs' | 'machine'> | undefined,
  experiment: string,
  size: Size,
  calibration: number | undefined,
): number | undefined {
  const runs = released?.runs.filter((run) => run.experiment === experiment && run.size === size) ?? [];
  const seconds = runs.flatMap((run) => run.seconds ?? []);
  if (seconds.length === 0) return undefined;
  const there = released?.machine?.calibration;
  return median(seconds) * (calibration !== undefined && there !== undefined ? calibration / there : 1);
}

export interface Pace {
  /** Seconds since the run began. */
  readonly elapsed: number;
  /** The part that the run says it has done, 0 … 1. A run that needs fewer draws than it may take ends before 1. */
  readonly fraction: number;
  readonly expected: number | undefined;
}

/**
 * The estimated seconds of the whole run, at least those that have elapsed. What was expected counts less the longer the
 * run takes, and what its progress extrapolates to counts more. Undefined while nothing is known.
 */
export function totalSeconds({ elapsed, fraction, expected }: Pace): number | undefined {
  const extrapolated = fraction > 0.01 ? elapsed / Math.min(fraction, 1) : undefined;
  if (expected === undefined) return extrapolated;
  if (extrapolated === undefined) return Math.max(expected, elapsed * 1.05);
  const weight = Math.min(1, elapsed / (2 * expected));
  return Math.max((1 - weight) * Math.min(expected, Math.max(extrapolated, elapsed)) + weight * extrapolated, elapsed);
}

/** `about 12 s left`; empty while nothing is known. */
export function leftText(pace: Pace): string {
  const total = totalSeconds(pace);
  if (total === undefined) return '';
  const left = total - pace.elapsed;
  if (left < 1.5) return pace.elapsed < left ? 'about a second left' : 'a moment left';
  if (left < 10) return `about ${Math.round(left)} s left`;
  if (left < 90) return `about ${5 * Math.round(left / 5)} s left`;
  return `about ${Math.round(left / 60)} min left`;
}
