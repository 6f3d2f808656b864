import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { estimate, type Statistic } from './interval.ts';

test('intervals of the textbook', () => {
  // Student: mean 3, s = √2.5, t(4, 0.975) = 2.776445.
  const mean = estimate('mean', [1, 2, 3, 4, 5], 0.95);
  expect(mean.value).toBe(3);
  expect(mean.high - 3).toBeCloseTo((2.7764451051977987 * Math.sqrt(2.5)) / Math.sqrt(5), 10);
  expect(3 - mean.low).toBeCloseTo(mean.high - 3, 12);
  const ratio = estimate('geometric mean', [1, 2, 4], 0.95);
  expect(ratio.value).toBeCloseTo(2, 12);
  expect(ratio.low * ratio.high).toBeCloseTo(4, 10);
  // Binomial: of 10, the second lowest and highest leave out 2 · 11/1024; of 5, none does within 0.05.
  const ten = [3, 1, 4, 1.5, 9, 2.6, 5.3, 5.8, 9.7, 9.3];
  expect(estimate('median', ten, 0.95)).toEqual({ value: (4 + 5.3) / 2, low: 1.5, high: 9.3 });
  expect(estimate('median', [1, 2, 3, 4, 5], 0.95)).toEqual({ value: 3, low: -Infinity, high: Infinity });
  // Wilson, 8 of 10: 0.4902, 0.9433.
  const share = estimate('share', [1, 1, 1, 1, 1, 1, 1, 1, 0, 0], 0.95);
  expect([share.value, share.low, share.high].map((v) => v.toFixed(4))).toEqual(['0.8000', '0.4902', '0.9433']);
});

test('few, equal, infinite and missing draws', () => {
  expect(estimate('mean', [2], 0.95)).toEqual({ value: 2, low: -Infinity, high: Infinity });
  expect(estimate('mean', [2, 2], 0.95)).toEqual({ value: 2, low: 2, high: 2 });
  expect(estimate('mean', [2, Infinity], 0.95)).toEqual({ value: Infinity, low: -Infinity, high: Infinity });
  expect(estimate('median', [2, Number.NaN], 0.95).value).toBeNaN();
  expect(estimate('geometric mean', [0, 0], 0.95)).toEqual({ value: 0, low: 0, high: 0 });
  expect(() => estimate('mean', [], 0.95)).toThrow('no draws');
  expect(() => estimate('share', [0.5], 0.95)).toThrow('0 or 1');
});

test('intervals hold the truth as often as they say', () => {
  const random = new Random(5);
  const cover = (statistic: Statistic, truth: number, draw: () => number, n: number) => {
    let held = 0;
    for (let trial = 0; trial < 2000; trial++) {
      const { low, high } = estimate(statistic, Array.from({ length: n }, draw), 0.95);
      if (low <= truth && truth <= high) held++;
    }
    return held / 2000;
  };
  expect(Math.abs(cover('mean', 1, () => 1 + random.normal(), 4) - 0.95)).toBeLessThan(0.02);
  expect(Math.abs(cover('geometric mean', 1, () => Math.exp(random.normal()), 6) - 0.95)).toBeLessThan(0.02);
  // Discrete: never less, and Wilson's nearly never.
  expect(cover('median', Math.LN2, () => -Math.log(1 - random.uniform()), 12)).toBeGreaterThan(0.94);
  expect(cover('share', 0.8, () => (random.uniform() < 0.8 ? 1 : 0), 20)).toBeGreaterThan(0.93);
});
