import { Random } from '@southwell/numerics/core';
import { normalCdf } from '@southwell/numerics/special';
import { expect, test } from 'vitest';
import { type Communicator, complete, type Simulation, type SimulationOptions, simulate } from '../index.ts';
import { drawTime, type Times } from './times.ts';

const distributions: Array<[Times, (t: number) => number]> = [
  [{ kind: 'exponential', mean: 3 }, (t) => 1 - Math.exp(-t / 3)],
  [{ kind: 'shifted-exponential', shift: 2, mean: 0.5 }, (t) => (t < 2 ? 0 : 1 - Math.exp(-(t - 2) / 0.5))],
  [{ kind: 'log-normal', median: 0.1, sigma: 1.5 }, (t) => normalCdf(Math.log(t / 0.1) / 1.5)],
  [{ kind: 'pareto', minimum: 4, shape: 0.8 }, (t) => (t < 4 ? 0 : 1 - (4 / t) ** 0.8)],
];

test.each(distributions)('%o has its distribution', (times, cdf) => {
  const n = 20_000;
  const random = new Random(7);
  const drawn = Float64Array.from({ length: n }, () => drawTime(times, random)).sort();
  let distance = 0;
  drawn.forEach((t, i) => {
    distance = Math.max(distance, Math.abs(cdf(t) - i / n), Math.abs(cdf(t) - (i + 1) / n));
  });
  // Kolmogorov and Smirnov: exceeded once in 1000 seeds.
  expect(distance).toBeLessThan(1.95 / Math.sqrt(n));
});

/** When each rank has done each of five works of a second. */
function ends(options: Omit<SimulationOptions, 'ranks'>, exchanges = false) {
  const program = function* (comm: Communicator) {
    const took: number[] = [];
    for (let k = 0; k < 5; k++) {
      const from = yield* comm.clock();
      yield* comm.work(1);
      took.push((yield* comm.clock()) - from);
      if (exchanges) yield* comm.barrier();
    }
    return took;
  };
  return (complete(simulate(program, { ranks: 3, ...options })) as Simulation<number[]>).results as number[][];
}

const close = (found: number[][], wanted: number[][]) => {
  found.forEach((row, r) => {
    row.forEach((x, k) => void expect(x).toBeCloseTo(wanted[r][k], 9));
  });
};

test('each work takes a time of its own, by rank and seed alone', () => {
  const workTimes = { kind: 'exponential', mean: 2 } as const;
  const one = ends({ workTimes });
  expect(new Set(one.flat()).size).toBe(15);
  expect(ends({ workTimes })).toEqual(one);
  expect(ends({ workTimes, seed: 1 })).not.toEqual(one);
  // Whatever else is random, and whatever the others do.
  close(ends({ workTimes, jitter: 1, loss: 0.2, latency: 0.1 }, true), one);
  close(ends({ workTimes: { 1: workTimes } }), [new Array(5).fill(1), one[1], new Array(5).fill(1)]);
  const slow = one.map((row, r) => row.map((x) => (r === 2 ? 3 * x : x)));
  close(ends({ workTimes, stragglers: { 2: 3 } }), slow);
  close(ends({ workTimes: { kind: 'constant', value: 0.25 } }), new Array(3).fill(new Array(5).fill(0.25)));
});

test('no work takes no time, whatever is drawn', () => {
  const program = function* (comm: Communicator) {
    yield* comm.work(0);
  };
  // e^(E / 10⁻⁶) is infinite.
  const options = { ranks: 1, workTimes: { kind: 'pareto', minimum: 1, shape: 1e-6 } } as const;
  expect(complete(simulate(program, options)).seconds).toBe(0);
});

test.each<[unknown, RegExp]>([
  [{ kind: 'exponential', mean: -1 }, /mean of exponential times must be finite and at least 0, not -1/],
  [{ kind: 'pareto', minimum: 1, shape: 0 }, /shape of pareto times must be finite and positive/],
  [{ kind: 'log-normal', median: 1, sigma: Number.NaN }, /sigma of log-normal times/],
  [{ kind: 'constant', value: Number.POSITIVE_INFINITY }, /value of constant times must be finite/],
  [{ kind: 'exponential' }, /mean of exponential/],
  [{ kind: 'normal', mean: 1 }, /times must be one of constant, exponential, .*, not normal/],
  [{ kind: 'exponential', maen: 1 }, /did you mean 'mean'/],
  [{ 3: { kind: 'constant', value: 1 } }, /rank of workTimes/],
  [{ 0: { kind: 'constant', value: -1 } }, /value of constant/],
])('%o is refused', (workTimes, message) => {
  expect(() => ends({ workTimes: workTimes as Times })).toThrow(message);
});
