import { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { expect } from 'vitest';
import { testFunction } from './classic.ts';
import type { MethodSpec } from './methods.ts';
import { Search } from './search.ts';
import { simulateWorkers } from './simulatedWorkers.ts';

const { exp, power } = elementary;

export const sum = (x: Float64Array, term: (v: number, i: number) => number): number =>
  x.reduce((total, v, i) => total + term(v, i), 0);

/** Smooth functions with the least value 0. */
export const smooth: Readonly<Record<string, (x: Float64Array) => number>> = {
  sphere: (x) => sum(x, (v, i) => (v - (0.3 * (i + 1)) / x.length) ** 2),
  ellipsoid: (x) => sum(x, (v, i) => power(10, (3 * i) / Math.max(1, x.length - 1)) * (v - 0.5) ** 2),
  rosenbrock: (x) => sum(x.subarray(1), (v, i) => 100 * (v - x[i] * x[i]) ** 2 + (1 - x[i]) ** 2),
  quartic: (x) => sum(x, (v) => (v - 0.5) ** 2 + 0.1 * (v - 0.5) ** 4) + sum(x, (v) => v - 0.5) ** 2,
  trid: (x) => {
    const n = x.length;
    return sum(x, (v) => (v - 1) ** 2) - sum(x.subarray(1), (v, i) => v * x[i]) + (n * (n + 4) * (n - 1)) / 6;
  },
  expsum: (x) => sum(x, (v) => exp(v) - v - 1),
};

/** Axes of which the longest is a thousand times the shortest. */
export const ellipsoid = (x: Float64Array): number =>
  x.reduce((s, v, i) => s + 10 ** ((6 * i) / (x.length - 1)) * v * v, 0);

const median = (v: readonly number[]) => [...v].sort((a, b) => a - b)[v.length >> 1];

/** Durations with mean 1 and, of the heavy tail, infinite variance. */
const laws = {
  equal: () => 1,
  exponential: (u: number) => -elementary.log(1 - u),
  heavy: (u: number) => elementary.power(1 - u, -1 / 1.5) / 3,
};
export const durations = (law: keyof typeof laws, seed: number) => {
  const random = new Random(1000 + seed);
  return () => laws[law](random.uniform());
};

/** The time to 1e-8 on eight workers, and the evaluations, +∞ where the target was not reached. */
const cost = (name: string, method: MethodSpec, law: keyof typeof laws, seed: number, asynchronous: boolean) => {
  const { f } = testFunction(name, 5);
  const search = new Search({ x0: [2, 2, 2, 2, 2], target: 1e-8, budget: 20_000, method, seed, asynchronous });
  const time = simulateWorkers(f, search, { jobs: 8, duration: durations(law, seed) });
  const reached = search.status === 'converged' && search.best!.value <= 1e-8;
  return reached ? { time, evaluations: search.evaluations } : { time: Infinity, evaluations: Infinity };
};
const medians = (...args: [string, MethodSpec, keyof typeof laws]) =>
  [false, true].map((asynchronous) => {
    const costs = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((seed) => cost(...args, seed, asynchronous));
    return {
      time: median(costs.map((c) => c.time)),
      evaluations: median(costs.map((c) => c.evaluations)),
    };
  });

/** On equal durations asynchronous searches are as precise, for so many times the evaluations; on others they take less time. */
export function paysOnUnequalDurations(name: string, method: MethodSpec, price: number): void {
  const [batches, steady] = medians(name, method, 'equal');
  expect(steady.evaluations).toBeLessThan(price * batches.evaluations);
  const [waiting, free] = medians(name, method, 'heavy');
  expect(free.time).toBeLessThan(0.6 * waiting.time);
}
