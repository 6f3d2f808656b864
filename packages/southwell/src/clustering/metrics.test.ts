import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { adjustedRandIndex, clusterAccuracy, meanInterval, normalizedMutualInformation } from './index.ts';

test('scores of scikit-learn 1.4.2 (adjusted_rand_score, normalized_mutual_info_score)', () => {
  const a = [0, 0, 0, 1, 1, 1, 2, 2, 2, 2];
  const b = [1, 1, 0, 0, 0, 0, 2, 2, 1, 2];
  expect(adjustedRandIndex(a, b)).toBeCloseTo(0.4318181818181818, 12);
  expect(normalizedMutualInformation(a, b)).toBeCloseTo(0.6180656462921543, 12);
  expect(clusterAccuracy(a, b)).toBeCloseTo(0.8, 15);
});

test('names of clusters do not matter; single clusters and singletons', () => {
  const a = [5, 5, 7, 7, 9];
  for (const score of [adjustedRandIndex, normalizedMutualInformation, clusterAccuracy]) {
    expect(score(a, [1, 1, 0, 0, 2])).toBeCloseTo(1, 14);
    expect(score([0, 0, 0], [4, 4, 4])).toBe(1);
    expect(score([0, 1, 2], [2, 0, 1])).toBeCloseTo(1, 14);
    expect(() => score([0], [0, 1])).toThrow(/cannot be compared/);
    expect(() => score([], [])).toThrow(/no labels/);
  }
  expect(normalizedMutualInformation([0, 0, 1, 1], [0, 0, 0, 0])).toBe(0);
  expect(clusterAccuracy([0, 0, 1, 1], [0, 1, 2, 3])).toBe(0.5);
});

test('intervals cover the mean of normal draws 95 times in 100', () => {
  const random = new Random(2);
  let covered = 0;
  for (let repeat = 0; repeat < 2000; repeat++) {
    const { mean, half } = meanInterval(Float64Array.from({ length: 50 }, () => 3 + random.normal()));
    if (Math.abs(mean - 3) <= half) covered++;
  }
  // 0.95 for known variance, 0.944 with 49 degrees of freedom; five standard errors are 0.026.
  expect(Math.abs(covered / 2000 - 0.944)).toBeLessThan(0.026);
  expect(meanInterval([4])).toEqual({ mean: 4, half: Number.POSITIVE_INFINITY });
  expect(() => meanInterval([])).toThrow(/no values/);
});
