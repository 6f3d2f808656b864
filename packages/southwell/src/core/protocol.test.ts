import { expect, test } from 'vitest';
import { type Iterate, run, runAsync } from './protocol.ts';

/** Counts, and gives its memory back when it is left. */
function* counting(last: number): Generator<Iterate<Float64Array>, void, undefined> {
  const memory = Float64Array.of(0);
  try {
    for (let iteration = 0; ; iteration++) {
      memory[0] = iteration;
      const done = iteration === last ? 'converged' : undefined;
      yield { iteration, objective: -iteration, work: {}, done, snapshot: () => memory.slice() };
    }
  } finally {
    memory.fill(Number.NaN);
  }
}

test.each([
  ['by itself', {}, 'converged', 5],
  ['at the limit of iterations', { maxIter: 3 }, 'iteration-limit', 3],
  ['at the limit of time', { timeLimit: 0 }, 'time-limit', 0],
  ['when stopped', { signal: AbortSignal.abort() }, 'aborted', 0],
] as const)('the point is taken before the method gives its memory back: ended %s', async (_, options, status, at) => {
  for (const solution of [run(counting(5), options), await runAsync(counting(5), options)]) {
    expect(solution).toMatchObject({ status, iterations: at, objective: -at });
    expect([...solution.point]).toEqual([at]);
    expect(solution.trace).toHaveLength(at + 1);
  }
});
