import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { msvr, storm } from './index.ts';

const values = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 });

test('msvr with alpha 1 and gamma 0 is the last value', () => {
  fc.assert(
    fc.property(values, values, values, (first, fresh, stale) => {
      const estimator = msvr(2, 3, { alpha: 1, gamma: 0 });
      estimator.update(1, first, stale);
      const estimate = estimator.update(1, fresh, stale);
      for (let j = 0; j < 3; j++) expect(estimate[j]).toBeCloseTo(fresh[j], 12);
      expect([...estimator.of(0)]).toEqual([0, 0, 0]);
    }),
  );
});

test('without noise, msvr from an exact start stays exact if and only if alpha + gamma = 1', () => {
  const path = Array.from({ length: 20 }, (_, k) => [Math.sin(k), Math.cos(2 * k), k]);
  const error = (alpha: number, gamma: number): number => {
    const estimator = msvr(1, 3, { alpha, gamma });
    let worst = 0;
    path.forEach((fresh, k) => {
      const estimate = estimator.update(0, fresh, path[Math.max(0, k - 1)]);
      for (let j = 0; j < 3; j++) worst = Math.max(worst, Math.abs(estimate[j] - fresh[j]));
    });
    return worst;
  };
  for (const alpha of [0.1, 0.5, 0.9]) {
    expect(error(alpha, 1 - alpha)).toBeLessThan(1e-12);
    expect(error(alpha, 1.2 - alpha)).toBeGreaterThan(0.01);
    expect(error(alpha, 0)).toBeGreaterThan(0.01);
  }
});

test('msvr with gamma 1 − alpha is storm, and both go on from a state', () => {
  const random = new Random(1);
  const sample = () => Float64Array.from({ length: 4 }, () => random.normal());
  let [one, other] = [msvr(1, 4, { alpha: 0.3 }), storm(4)];
  for (let k = 0; k < 30; k++) {
    const [fresh, stale] = [sample(), sample()];
    const [a, b] = [one.update(0, fresh, stale), other.update(fresh, stale, 0.3)];
    for (let j = 0; j < 4; j++) expect(a[j]).toBeCloseTo(b[j], 12);
    [one, other] = [msvr(1, 4, { alpha: 0.3 }, one.state()), storm(4, other.value)];
  }
});

test('storm averages noise, where the last value does not', () => {
  const random = new Random(2);
  const [kept, last] = [storm(1), storm(1)];
  let [small, large] = [0, 0];
  for (let k = 0; k < 4000; k++) {
    const noise = random.normal();
    small += kept.update([noise], [noise], 0.05)[0] ** 2;
    large += last.update([noise], [noise], 1)[0] ** 2;
  }
  // The variance is η / (2 − η).
  expect(small / large).toBeCloseTo(0.05 / 1.95, 2);
});

test('sizes, blocks and parameters out of range are refused', () => {
  expect(() => msvr(0, 2)).toThrow('blocks is 0; it must be a whole number above 0');
  expect(() => msvr(2, 1.5)).toThrow('size is 1.5');
  expect(() => msvr(2, 1, { alpha: 2 })).toThrow('alpha');
  expect(() => msvr(2, 1).update(2, [1], [1])).toThrow('there is no block 2; they are counted from 0 to 1');
  expect(() => msvr(2, 1).update(0, [1, 2], [1])).toThrow('values with 2 and 1 numbers');
  expect(() => msvr(2, 1, {}, msvr(1, 1).state())).toThrow('not one of 2 blocks');
  expect(() => storm(0)).toThrow('size is 0');
  expect(() => storm(2).update([1], [1, 2], 0.5)).toThrow('a value has 1 numbers');
  expect(() => storm(1).update([1], [1], Number.NaN)).toThrow('eta is NaN');
});
