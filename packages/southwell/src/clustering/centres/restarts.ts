import { DenseMatrix, fromPlain, toPlain } from '@southwell/numerics/arrays';
import {
  fail,
  ownColumns,
  Random,
  type RunOptions,
  type Solution,
  type SplitRows,
  stoppedBy,
  wholeColumns,
} from '@southwell/numerics/core';

/**
 * Checkpoint of several initialisations, as plain data: the index of the current one, its state, and the best of those
 * before.
 */
export interface RestartState {
  readonly start: number;
  readonly best?: unknown;
  readonly inner?: unknown;
}

/** Options of one run: its seed, the state to resume from, where to save the next. */
export interface Start<S> {
  readonly seed: number;
  readonly resume?: S;
  readonly checkpoint?: NonNullable<RunOptions<unknown>['checkpoint']>;
}

/** The result of a run: its assignments and responsibilities belong to the rows of this rank. */
interface OfRows {
  readonly assignments: Int32Array;
  readonly soft?: DenseMatrix;
}

/** The same for other rows: numeric columns, each as long as there are rows. */
function ofOtherRows<P extends OfRows>(
  found: Solution<P>,
  other: (own: Float64Array, cols: number) => Float64Array,
): Solution<P> {
  const { assignments, soft } = found.point;
  const numbers = other(Float64Array.from(assignments), 1);
  const shares = soft && other(soft.data, soft.cols);
  return {
    ...found,
    point: {
      ...found.point,
      assignments: Int32Array.from(numbers),
      ...(shares && { soft: DenseMatrix.fromColumnMajor(shares, numbers.length, soft.cols) }),
    },
  };
}

/**
 * The solution with the smallest objective over several initialisations; an abort ends them. The first uses the seed
 * itself, the others seeds drawn from it.
 * @throws INVALID_PARAMETER unless `starts` is a whole number of at least 1.
 */
export function bestOf<P extends OfRows, S>(
  starts: number,
  seed: number,
  {
    signal,
    checkpoint,
    resume,
    rows,
  }: Pick<RunOptions<P>, 'signal' | 'checkpoint'> & { readonly resume?: RestartState; readonly rows: SplitRows },
  solve: (start: Start<S>) => Solution<P>,
): Solution<P> {
  if (!Number.isInteger(starts) || starts < 1) {
    fail('INVALID_PARAMETER', `restarts must be a whole number of at least 1, not ${starts}.`);
  }
  const kept = resume?.best === undefined ? undefined : fromPlain<Solution<P>>(resume.best);
  let best = kept && ofOtherRows(kept, (whole, cols) => ownColumns(rows, whole, cols));
  for (let start = resume?.start ?? 0; start < starts; start++) {
    const keep = (next: number, iteration: number, inner?: unknown): void => {
      if (!checkpoint) return;
      const whole = best && ofOtherRows(best, (own, cols) => wholeColumns(rows, own, cols));
      const state: RestartState = { start: next, ...(whole && { best: toPlain(whole) }), inner };
      checkpoint.save(state, iteration);
    };
    const found = solve({
      seed: start === 0 ? seed : new Random(seed).split(start).integer(2 ** 32),
      ...(start === resume?.start && resume.inner !== undefined && { resume: resume.inner as S }),
      ...(checkpoint && {
        checkpoint: { every: checkpoint.every, save: (inner, iteration) => keep(start, iteration, inner) },
      }),
    });
    if (!best || found.objective < best.objective) best = found;
    if (signal?.aborted) return { ...best, status: stoppedBy(signal) };
    keep(start + 1, found.iterations);
  }
  return best!;
}
