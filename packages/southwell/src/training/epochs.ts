import { type Iterate, SouthwellError } from '@southwell/numerics/core';
import type { Numbers, Schedule, StochasticState } from '../optimisers/index.ts';

/** How a training by batches is judged: what {@link epochIterates} asks at the ends of epochs. Points are kept by who judges. */
export interface EpochJudge<P> {
  /** Mean losses of the epochs that are behind. */
  readonly losses: readonly number[];
  /** Whether no point from here on is any good. */
  lost: boolean;
  /** The loss of the first batch, before any step. */
  begin?(loss: number): void;
  /** Writes down an epoch of this mean loss that ends with a step; may find the training lost. */
  close(mean: number, step: number): void;
  /** The epoch of the point that is kept, if one is. */
  keptEpoch(): number | undefined;
  /** The objective of what is given where the training is lost. */
  lostObjective(): number;
  /** What the metrics at the end of an epoch have besides. */
  metricsAt(epoch: number): Readonly<Record<string, number>>;
  snapshot(): P;
  /** The state before the next step, of the optimiser's and the sum of this epoch's losses. */
  checkpoint(inner: StochasticState, sum: number): unknown;
}

/** The steps of a run. */
export interface EpochPlan {
  /** Steps of an epoch. */
  readonly perEpoch: number;
  /** Steps that an earlier run has made, and the sum of the losses of this epoch's batches then. */
  readonly start: number;
  readonly sum: number;
  readonly rate: Schedule;
  /** Epochs without a better point after which the run ends. */
  readonly patience?: number;
  readonly mayFail?: Iterate<unknown>['mayFail'];
}

/**
 * The steps of an optimiser as iterates of a training: the objective is the mean loss of this epoch's batches so far, at the end of an epoch of
 * all of them; `completed` by patience, `diverged` where a loss or a gradient is not finite or the judge has lost the training.
 * @throws What the steps throw, but for a gradient that is not finite.
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
        // Of a point that is lost nothing is kept: what was kept before is the last good one.
        ...(!bad && { checkpoint: () => judge.checkpoint(iterate.checkpoint!() as StochasticState, before) }),
      };
      if (bad || waited) return;
      sum = before + value;
    }
  } catch (error) {
    // A gradient that is not finite: the optimiser has changed nothing.
    if (!(error instanceof SouthwellError && error.code === 'NON_FINITE' && seen)) throw error;
    judge.lost = true;
    const { iteration, work } = seen;
    yield {
      ...{ iteration, objective: judge.lostObjective(), work, ...(mayFail && { mayFail }), done: 'diverged', snapshot },
    };
  }
}
