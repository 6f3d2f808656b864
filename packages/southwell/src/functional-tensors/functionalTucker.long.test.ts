import { expect, test } from 'vitest';
import { functionalTucker } from './index.ts';
import { field, rmse } from './testing.ts';

test('a field, its noise, and intervals that cover what they promise', () => {
  let [inside, all] = [0, 0];
  for (const seed of [1, 2, 3]) {
    const { indices, values, asked, truth, measured } = field(400, seed);
    // Chosen once.
    const given = seed > 1 && { lengthscales: 0.5, centre: false };
    const model = functionalTucker({ rank: 2, seed, restarts: 2, sweeps: 25, ...given }).fit(indices, values);
    expect(model.fitting!.solution.status).toBe('completed');
    const { mean } = model.predict(asked);
    expect(rmse(mean, truth)).toBeLessThan(0.05);
    expect(1 / Math.sqrt(model.noisePrecision)).toBeCloseTo(0.1, 1);
    const { low, high } = model.interval(asked, 0.9);
    measured.forEach((y, n) => {
      if (y >= low[n] && y <= high[n]) inside++;
      all++;
    });
  }
  // 40 held-out entries each: the share has a deviation of some 0.03 over the three.
  expect(inside / all).toBeGreaterThan(0.82);
  expect(inside / all).toBeLessThan(0.98);
});
