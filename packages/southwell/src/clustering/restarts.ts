import { fromPlain, toPlain } from '@southwell/numerics/arrays';
import { fail, Random, type RunOptions, type Solution } from '@southwell/numerics/core';

/** What a checkpoint keeps of several starts, as plain data: which is under way, its state, and the best of those before. */
export interface RestartState {
  readonly start: number;
  readonly best?: unknown;
  readonly inner?: unknown;
}

/** How one start is run: its seed, its state of before, where to keep the next. */
export interface Start<S> {
  readonly seed: number;
  readonly resume?: S;
  readonly checkpoint?: NonNullable<RunOptions<unknown>['checkpoint']>;
}

/**
 * The solution of smallest objective over several starts; an abort ends them. The first start has the seed itself, the
 * others seeds drawn from it.
 * @throws INVALID_PARAMETER unless `starts` is a whole number of at least 1.
 */
export function bestOf<P, S>(
  starts: number,
  seed: number,
  { signal, checkpoint, resume }: Pick<RunOptions<P>, 'signal' | 'checkpoint'> & { readonly resume?: RestartState },
  solve: (start: Start<S>) => Solution<P>,
): Solution<P> {
  if (!Number.isInteger(starts) || starts < 1) {
    fail('INVALID_PARAMETER', `restarts must be a whole number of at least 1, not ${starts}.`);
  }
  let best = resume?.best === undefined ? undefined : fromPlain<Solution<P>>(resume.best);
  for (let start = resume?.start ?? 0; start < starts; start++) {
    const keep = (next: number, iteration: number, inner?: unknown): void => {
      if (!checkpoint) return;
      const state: RestartState = { start: next, ...(best && { best: toPlain(best) }), inner };
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
    if (signal?.aborted) return { ...best, status: 'aborted' };
    keep(start + 1, found.iterations);
  }
  return best!;
}
