import { expect, test } from 'vitest';
import { type BenchmarkRun, benchmarkRun, expectedRunningTime, precisions, runtimeDistribution } from './benchmark.ts';

const made = (hits: Array<number | undefined>, evaluations: number, dim = 2): BenchmarkRun => ({
  number: 1,
  dim,
  instance: 1,
  hits,
  evaluations,
});

test('expected running time counts what failed', () => {
  const runs = [made([10, 30], 30), made([20, undefined], 100)];
  expect(expectedRunningTime(runs, 0)).toBe(15);
  expect(expectedRunningTime(runs, 1)).toBe(130);
  expect(expectedRunningTime([made([undefined], 5)], 0)).toBe(Number.POSITIVE_INFINITY);
});

test('the distribution of running times rises to the share that was solved', () => {
  const { x, share } = runtimeDistribution([made([2, 20], 20), made([200, undefined], 2000)]);
  expect(x[0]).toBe(1);
  expect(x[x.length - 1]).toBeGreaterThanOrEqual(1000);
  expect(share[0]).toBe(1 / 4);
  expect(share[10]).toBe(2 / 4);
  expect(share[share.length - 1]).toBe(3 / 4);
});

test('a run on the sphere meets every precision in order, and random search does not', () => {
  const r = benchmarkRun(1, 3, 2, { method: 'cma-es', budget: 3000, seed: 1, lower: -5, upper: 5 });
  expect(r.hits.length).toBe(precisions.length);
  for (let k = 1; k < r.hits.length; k++) expect(r.hits[k]!).toBeGreaterThanOrEqual(r.hits[k - 1]!);
  expect(r.evaluations).toBe(r.hits[50]);
  const blind = benchmarkRun(1, 3, 2, { method: 'random-search', budget: 3000, seed: 1, lower: -5, upper: 5 });
  expect(blind.hits[50]).toBeUndefined();
  expect(blind.evaluations).toBe(3000);
});
