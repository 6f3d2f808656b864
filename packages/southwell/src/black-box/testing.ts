import { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { testFunction } from './classic.ts';
import { asynchronousMethodNames, type MethodName, type MethodSpec } from './methods.ts';
import { type Candidate, Search, type SearchOptions } from './search.ts';
import { simulateWorkers } from './simulatedWorkers.ts';

const { exp, power } = elementary;

export const sum = (x: Float64Array, term: (v: number, i: number) => number): number =>
  x.reduce((total, v, i) => total + term(v, i), 0);

/** Smooth functions with minimum 0. */
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

/** Axes whose lengths span a factor of a thousand. */
export const ellipsoid = (x: Float64Array): number =>
  x.reduce((s, v, i) => s + 10 ** ((6 * i) / (x.length - 1)) * v * v, 0);

const median = (v: readonly number[]) => [...v].sort((a, b) => a - b)[v.length >> 1];

/** Durations with mean 1; those with a heavy tail have infinite variance. */
const laws = {
  equal: () => 1,
  exponential: (u: number) => -elementary.log(1 - u),
  heavy: (u: number) => elementary.power(1 - u, -1 / 1.5) / 3,
};
export const durations = (law: keyof typeof laws, seed: number) => {
  const random = new Random(1000 + seed);
  return () => laws[law](random.uniform());
};

/** The time to reach 1e-8 on eight workers, and the number of evaluations; +∞ where the target was not reached. */
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

/**
 * Asserts that asynchronous searches are as precise with equal durations, for a bounded multiple of the evaluations,
 * and take less time with unequal ones.
 */
export function paysOnUnequalDurations(name: string, method: MethodSpec, price: number): void {
  const [batches, steady] = medians(name, method, 'equal');
  expect(steady.evaluations).toBeLessThan(price * batches.evaluations);
  const [waiting, free] = medians(name, method, 'heavy');
  expect(free.time).toBeLessThan(0.6 * waiting.time);
}

export const sphere = (x: Float64Array) => x.reduce((s, v, i) => s + (v - 0.3 * (i + 1)) ** 2, 0);
export const specOf = (name: MethodName): MethodSpec =>
  name === 'cbo' ? { name, particles: 40, dt: 0.1, noise: 1 } : { name };

/** The asynchronous methods, CMA-ES in both forms. */
export const specs: readonly MethodSpec[] = [
  ...asynchronousMethodNames.map(specOf),
  { name: 'cma-es', separable: true },
  { name: 'differential-evolution', base: 'random' },
];

/** Tells values in a random order, until nothing is left or it is told to stop. */
export function arrivals(
  f: (x: Float64Array) => number,
  search: Search,
  underWay: Candidate[],
  jobs: number,
  order: number | Random,
  stop: () => boolean,
) {
  const random = typeof order === 'number' ? new Random(order) : order;
  for (;;) {
    while (underWay.length < jobs) {
      const candidate = search.ask();
      if (!candidate) break;
      underWay.push(candidate);
    }
    if (underWay.length === 0 || search.status || stop()) return { search, underWay, random };
    const [{ id, x }] = underWay.splice(random.integer(underWay.length), 1);
    search.tell(id, f(x));
  }
}

/**
 * Asserts that asynchronous methods, stopped anywhere and resumed, end as without the interruption, in a number of
 * random cases each.
 */
export function resumesAnywhere({ runs }: { readonly runs: number }): void {
  describe.each(specs)('%j', (method) => {
    const box = { dim: 2, lower: -2, upper: 3, method, asynchronous: true, budget: 4000 } as const;
    test('stopped anywhere and resumed, it ends bit for bit as if never stopped', () => {
      fc.assert(
        fc.property(
          fc.record({
            order: fc.integer({ min: 1, max: 1e6 }),
            jobs: fc.integer({ min: 1, max: 12 }),
            cut: fc.integer({ min: 0, max: 250 }),
            repeats: fc.integer({ min: 1, max: 2 }),
            bowl: fc.boolean(),
          }),
          ({ order, jobs, cut, repeats, bowl }) => {
            // A method that terminates and restarts while points of the last run are under evaluation.
            const f = bowl ? sphere : (x: Float64Array) => (x[0] > 0 ? 1 : Number.NaN);
            const options: SearchOptions = { ...box, budget: 260, seed: order, repeats, restarts: 3 };
            const through = arrivals(f, new Search(options), [], jobs, order, () => false);
            let told = 0;
            const first = new Search(options);
            const left = arrivals(f, first, [], jobs, order, () => told++ === cut);
            const saved = structuredClone(first.checkpoint());
            const second = new Search(options).resume(saved);
            expect(second.evaluations).toBe(first.evaluations);
            expect(second.best).toEqual(first.best);
            // Points that were under evaluation are asked again, with their ids.
            const again = left.underWay.map(() => second.ask()!);
            if (!first.status) expect(again).toEqual(left.underWay);
            else expect(again.every((c) => c === undefined)).toBe(true);
            const end = arrivals(f, second, first.status ? [] : again, jobs, left.random, () => false);
            expect(second.checkpoint()).toEqual(through.search.checkpoint());
            expect(second.best).toEqual(through.search.best);
            expect([second.message, second.iteration]).toEqual([through.search.message, through.search.iteration]);
            expect(end.search.ask()).toBeUndefined();
          },
        ),
        { numRuns: runs, seed: 1 },
      );
    });
  });
}
