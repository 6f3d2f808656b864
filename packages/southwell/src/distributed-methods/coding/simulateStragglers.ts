import {
  checkOptions,
  choiceOption,
  fail,
  integerOption,
  numberOption,
  type OptionsOf,
} from '@southwell/numerics/core';
import type { CodedRounds } from './rounds.ts';
import type { SequentialCode } from './sequentialCode.ts';

const jobsOption = integerOption({ min: 1 });
export const simulationRecords = {
  jobs: jobsOption,
  /** A worker is a straggler if its delay is more than (1 + mu) times the shortest of its round. Default: 1. */
  mu: numberOption(
    { min: 0, finite: true },
    {
      title: 'Patience',
      about: 'a round does without workers that take more than 1 + mu times as long as the first',
      argument: 'share',
      default: 1,
      form: { advanced: true },
    },
  ),
  /** For whom a round waits where the code does not admit its stragglers: `enough`, until it admits those that are left, or `all`, as in the paper. Default: enough. */
  waitFor: choiceOption(
    { enough: 'enough workers to do without the rest', all: 'all workers' },
    {
      title: 'Wait for',
      about: 'for whom a round waits that has too many stragglers for the code',
      argument: 'whom',
      default: 'enough',
      form: { advanced: true },
    },
  ),
  /** Seconds for each unit of load, added to the delays. Default: 0. */
  loadSlope: numberOption({ min: 0, finite: true }),
};

export interface StragglerSimulationOptions extends OptionsOf<typeof simulationRecords> {
  readonly jobs: number;
}

export interface StragglerSimulation {
  /** `stalled`: in the last of the rounds, a worker that is dead was needed; later rounds did not take place. */
  readonly status: 'finished' | 'stalled';
  /** Seconds; infinite if the run stalled. */
  readonly runtime: number;
  /** Seconds of each round. */
  readonly roundTimes: Float64Array;
  /** Rounds that waited for more workers since the code would not have tolerated the stragglers. */
  readonly waitOuts: number;
  /** By job: time at which it could be decoded; NaN if it could not. */
  readonly jobFinish: Float64Array;
}

/**
 * Checks delays of n workers and returns the number of rounds.
 * @throws INVALID_SHAPE, INVALID_PARAMETER.
 */
export function checkDelays(delays: Float64Array, n: number): number {
  if (delays.length === 0 || delays.length % n !== 0) {
    fail(
      'INVALID_SHAPE',
      `The delays must be ${n} rows of equal length, one for each worker, but are ${delays.length} numbers.`,
    );
  }
  const rounds = delays.length / n;
  const bad = delays.findIndex((v) => !(v >= 0));
  if (bad >= 0) {
    const where = `worker ${Math.floor(bad / rounds) + 1} in round ${(bad % rounds) + 1}`;
    fail(
      'INVALID_PARAMETER',
      `The delay of ${where} is ${delays[bad]}; delays must be seconds of at least 0, or infinite for a dead worker.`,
    );
  }
  return rounds;
}

/** The stragglers of a round that takes `seconds`, where some workers are too late for its end at first. */
function waitedFor(code: CodedRounds, stragglers: Uint8Array, now: Float64Array, all: boolean) {
  const rest = stragglers.slice();
  let seconds = 0;
  for (const i of [...now.keys()].filter((k) => rest[k]).sort((a, b) => now[a] - now[b])) {
    if (!all && code.admits(rest)) break;
    rest[i] = 0;
    seconds = now[i];
  }
  return { seconds, rest };
}

/**
 * Run time of coded jobs when worker i (from 0) takes delays[i·R + r] + loadSlope·load seconds in round r. A round ends without the
 * stragglers, at min((1 + mu)·shortest, longest), if the code admits them, and otherwise waits as `waitFor` says. All workers have the whole load in all
 * rounds; rounds after the last job end with the first in which nothing is missing. O(n(W + B)) a round.
 * @throws INVALID_SHAPE unless there are n delays for each of the jobs + delay rounds, INVALID_PARAMETER for negative delays and NaN, naming worker and
 * round, and for other options; NUMERICAL if a code misses a deadline, which its model rules out.
 */
export function simulateStragglers(
  code: SequentialCode,
  delays: Float64Array,
  options: StragglerSimulationOptions,
): StragglerSimulation {
  checkOptions('simulateStragglers', simulationRecords, options, ['jobs']);
  const { jobs, mu = 1, loadSlope = 0, waitFor = 'enough' } = options;
  const { n, load, delay } = code;
  const available = checkDelays(delays, n);
  if (available < jobs + delay) {
    fail(
      'INVALID_SHAPE',
      `${jobs} jobs with a delay of ${delay} need ${jobs + delay} rounds, but there are delays of ${available}.`,
    );
  }
  const rounds = code.rounds(jobs);
  const times: number[] = [];
  const jobFinish = new Float64Array(jobs).fill(Number.NaN);
  let [runtime, waitOuts] = [0, 0];
  for (let r = 0; rounds.decoded < jobs; r++) {
    const now = Float64Array.from({ length: n }, (_, i) => delays[i * available + r] + loadSlope * load);
    const [shortest, longest] = [now.reduce((a, b) => Math.min(a, b)), now.reduce((a, b) => Math.max(a, b))];
    const cut = (1 + mu) * shortest;
    let stragglers: Uint8Array = Uint8Array.from(now, (v) => (v > cut ? 1 : 0));
    let seconds = Math.min(cut, longest);
    if (shortest === Number.POSITIVE_INFINITY || (stragglers.includes(1) && !rounds.admits(stragglers))) {
      waitOuts++;
      ({ seconds, rest: stragglers } = waitedFor(rounds, stragglers, now, waitFor === 'all'));
      if (shortest === Number.POSITIVE_INFINITY) seconds = shortest;
    }
    times.push(seconds);
    runtime += seconds;
    if (seconds === Number.POSITIVE_INFINITY) {
      return { status: 'stalled', runtime, roundTimes: Float64Array.from(times), waitOuts, jobFinish };
    }
    for (const job of rounds.end(stragglers)) jobFinish[job - 1] = runtime;
    if (r === jobs + delay - 1 && rounds.decoded < jobs) fail('NUMERICAL', 'A job missed the deadline of its code.');
  }
  return { status: 'finished', runtime, roundTimes: Float64Array.from(times), waitOuts, jobFinish };
}
