// What every thread of the measured executor runs.
import { complete, type Ranks } from '@southwell/distributed';
import { runCoded, type SequentialCodeOptions, sequentialCode } from 'southwell/distributed-methods';
import { type Digits, Models } from './softmax.ts';

export interface Slots {
  readonly code: SequentialCodeOptions;
  readonly digits: Digits;
  readonly models: number;
  readonly jobs: number;
  readonly seed: number;
  /** Seconds that a slot waits in a round, by round and slot. */
  readonly waits: readonly Float64Array[];
}

export interface SlotsRun {
  readonly status: 'completed' | 'stalled';
  readonly roundTimes: Float64Array;
  readonly jobFinish: Float64Array;
  readonly dropped: number;
  readonly models: readonly Float64Array[];
}

/** Trains the models; the first rank has their parameters. */
export default function slots(ranks: Ranks, { code: options, digits, models, jobs, seed, waits }: Slots): SlotsRun {
  const trained = new Models(digits, models, seed);
  const code = sequentialCode(options);
  const slowness = (round: number, worker: number) => waits[round - 1][worker];
  const { status, roundTimes, jobFinish, dropped } = complete(
    ranks((comm) => runCoded(comm, code, trained.jobs(jobs), { slowness })),
  );
  return { status, roundTimes, jobFinish, dropped, models: trained.points };
}
