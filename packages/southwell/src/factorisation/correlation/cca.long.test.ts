import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { eyLoss, takeViews } from '../index.ts';
import { planted } from '../testing.ts';

test('two batches estimate the loss without bias, one does not', () => {
  const random = new Random(6);
  const views = planted(60, [4, 3], [0.8], 7);
  const all = takeViews(views);
  const weights = [4, 3].map((d) => Float64Array.from({ length: 2 * d }, () => 0.7 * random.normal()));
  const pick = () => {
    const order = Array.from({ length: 4 }, () => random.integer(60));
    return all.wide.map((X) => Float64Array.from(order.flatMap((i) => [...X.column(i)])));
  };
  const whole = all.wide.map((X) => X.data.slice());
  // Draws with replacement estimate the covariances with divisor n.
  const scaled = weights.map((U) => U.map((w) => w * Math.sqrt(Math.sqrt(59 / 60)) ** 2));
  const truth = eyLoss(whole, whole, scaled, [0, 0], 60, 2);
  const draws = 40_000;
  const [two, one] = [0, 1].map((same) => {
    let [sum, square] = [0, 0];
    for (let t = 0; t < draws; t++) {
      const a = pick();
      const v = eyLoss(a, same ? a : pick(), weights, [0, 0], 4, 2);
      sum += v;
      square += v * v;
    }
    const mean = sum / draws;
    return { mean, error: Math.sqrt((square / draws - mean * mean) / draws) };
  });
  expect(Math.abs(two.mean - truth)).toBeLessThan(4 * two.error);
  expect(one.mean - truth).toBeGreaterThan(10 * one.error);
});
