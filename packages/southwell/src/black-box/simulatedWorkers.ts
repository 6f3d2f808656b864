import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { Objective } from './minimize.ts';
import type { Search } from './search.ts';

export interface SimulatedWorkers {
  /** Evaluations that may be under way at a time. */
  readonly jobs: number;
  /** How long the evaluation of a point takes, in any unit, not negative. Called once a point in the order of asking. */
  readonly duration: (id: number) => number;
  /** After every value, with the time and how many evaluations are under way then, once free workers have been served. */
  readonly onEvent?: (time: number, underWay: number) => void;
}

const workerKeys: OptionKeys<SimulatedWorkers> = {
  jobs: true,
  duration: true,
  onEvent: true,
};

/**
 * Runs a search on workers whose clock is simulated, to see what `jobs`, `asynchronous` or a method would gain where
 * evaluations take time. Gives the time at its end. The same search and durations give the same result: values that come
 * at one time are told in the order in which their points were asked. O(jobs) an evaluation besides f.
 * @throws INVALID_PARAMETER.
 */
export function simulateWorkers(f: Objective, search: Search, workers: SimulatedWorkers): number {
  knownKeys('simulateWorkers', workers, workerKeys);
  const { jobs, duration, onEvent } = workers;
  if (!(jobs >= 1)) fail('INVALID_PARAMETER', `jobs must be at least 1, but is ${jobs}.`);
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
