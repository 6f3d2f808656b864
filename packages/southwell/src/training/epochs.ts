import { type Iterate, SouthwellError } from '@southwell/numerics/core';
import type { Numbers, Schedule, StochasticState } from '../optimisers/index.ts';

/**
 * The callbacks of {@link epochIterates}, which evaluate a training run at the end of each epoch. Points are kept by
 * the implementation.
 */
export interface EpochJudge<P> {
  /** Mean losses of the finished epochs. */
  readonly losses: readonly number[];
  /** Whether training has diverged and later points are useless. */
  lost: boolean;
  /** The loss of the first batch, before any step. */
  begin?(loss: number): void;
  /** The sum of the losses of this epoch's steps so far, if it is known better than from the iterates. */
  lossesBefore?(): number | undefined;
  /** Records an epoch with its mean loss and last step; may set `lost`. */
  close(mean: number, step: number): void;
  /** The epoch of the point that is kept, if any. */
  keptEpoch(): number | undefined;
  /** The objective of the returned point if training has diverged. */
  lostObjective(): number;
  /** Additional metrics at the end of an epoch. */
  metricsAt(epoch: number): Readonly<Record<string, number>>;
  snapshot(): P;
  /** The state before the next step: that of the optimiser, and the sum of this epoch's losses. */
  checkpoint(inner: StochasticState, sum: number): unknown;
}

/** The steps of a run. */
export interface EpochPlan {
  /** Steps per epoch. */
  readonly perEpoch: number;
  /** Number of steps of an earlier run, and the sum of the losses of this epoch's batches at that point. */
  readonly start: number;
  readonly sum: number;
  readonly rate: Schedule;
  /** Number of epochs without improvement after which the run ends. */
  readonly patience?: number;
  readonly mayFail?: Iterate<unknown>['mayFail'];
}

/**
 * The steps of an optimiser as iterates of a training run: the objective is the mean loss over the batches of this
 * epoch so far, at the end of an epoch over all of them; `completed` by patience, `diverged` if a loss or a gradient is
 * not finite or the judge has set `lost`.
 * @throws what the steps throw, except NON_FINITE after the first step, which ends the run as `diverged`.
 */
export function* epochIterates<P>(
  steps: Iterable<Iterate<Numbers>>,
  judge: EpochJudge<P>,
  { perEpoch, start, sum: first, rate, patience, mayFail }: EpochPlan,
): Generator<Iterate<P>> {
  const { losses } = judge;
  const snapshot = () => judge.snapshot();
  let sum = first;
  let seen: Iterate<Numbers> | undefined;
  try {
    for (const iterate of steps) {
      seen = iterate;
      const { iteration: step, objective: value } = iterate;
      if (step === 0) judge.begin?.(value);
      sum = judge.lossesBefore?.() ?? sum;
      if (step > start && step % perEpoch === 0) {
        judge.close(sum / perEpoch, step);
        sum = 0;
      }
      const kept = judge.keptEpoch();
      const waited = patience !== undefined && kept !== undefined && losses.length - kept >= patience;
      const bad = iterate.done === 'diverged' || judge.lost;
      if (bad) judge.lost = true;
      const within = step % perEpoch;
      const [before, epoch] = [sum, losses.length];
      const atEnd = within === 0 && epoch > 0;
      const mean = atEnd ? losses[epoch - 1] : (sum + value) / (within + 1);
      const norm = iterate.metrics?.norm;
      yield {
        iteration: step,
        objective: bad ? judge.lostObjective() : mean,
        metrics: {
          ...{ epoch, batch: value, rate: rate(step) },
          ...(norm !== undefined && { norm }),
          ...(atEnd && judge.metricsAt(epoch)),
        },
        work: iterate.work,
        ...(mayFail && { mayFail }),
        done: bad ? 'diverged' : waited ? 'completed' : iterate.done,
        snapshot,
        // No checkpoint of a diverged point: the previous one is the last usable state.
        ...(!bad && { checkpoint: () => judge.checkpoint(iterate.checkpoint!() as StochasticState, before) }),
      };
      if (bad || waited) return;
      sum = before + value;
    }
  } catch (error) {
    // The gradient is not finite, and the optimiser has changed nothing.
    if (!(error instanceof SouthwellError && error.code === 'NON_FINITE' && seen)) throw error;
    judge.lost = true;
    const { iteration, work } = seen;
    yield {
      ...{ iteration, objective: judge.lostObjective(), work, ...(mayFail && { mayFail }), done: 'diverged', snapshot },
    };
  }
}
