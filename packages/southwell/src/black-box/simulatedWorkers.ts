import { checkOption, keysOf, knownKeys, limitOption, type OptionKeys, type OptionsOf } from '@southwell/numerics/core';
import type { Objective } from './minimize.ts';
import type { Search } from './search.ts';

const workerRecords = {
  /** Maximum number of concurrent evaluations. */
  jobs: limitOption(1),
};

export interface SimulatedWorkers extends OptionsOf<typeof workerRecords> {
  readonly jobs: number;
  /** Duration of the evaluation of a point, in any unit, at least 0. Called once for each point, in the order of `ask`. */
  readonly duration: (id: number) => number;
  /** Called after every value, once free workers have new points, with the time and the number of evaluations under way. */
  readonly onEvent?: (time: number, underWay: number) => void;
}

const workerKeys: OptionKeys<SimulatedWorkers> = { ...keysOf(workerRecords), duration: true, onEvent: true };

/**
 * Runs a search on workers with a simulated clock, to measure the effect of `jobs`, `asynchronous` or a method where
 * evaluations take time. Returns the time at its end. The same search and durations give the same result: values that
 * arrive at the same time are told in the order in which their points were asked. O(jobs) an evaluation, besides f.
 * @throws INVALID_PARAMETER.
 */
export function simulateWorkers(f: Objective, search: Search, workers: SimulatedWorkers): number {
  knownKeys('simulateWorkers', workers, workerKeys);
  const { jobs, duration, onEvent } = workers;
  checkOption('jobs', workerRecords.jobs, jobs);
  let underWay: Array<{ readonly id: number; readonly x: Float64Array; readonly end: number }> = [];
  let time = 0;
  for (;;) {
    while (underWay.length < jobs) {
      const candidate = search.ask();
      if (!candidate) break;
      underWay.push({ ...candidate, end: time + duration(candidate.id) });
    }
    onEvent?.(time, underWay.length);
    if (search.status || underWay.length === 0) return time;
    const first = underWay.reduce((a, b) => (b.end < a.end ? b : a));
    underWay = underWay.filter((e) => e !== first);
    time = first.end;
    search.tell(first.id, f(first.x));
  }
}
