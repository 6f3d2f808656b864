import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { testFunction, testFunctionNames } from './classic.ts';

test.each(testFunctionNames)('%s has its least value 0 where it says', (name) => {
  const random = new Random(1);
  for (const n of [1, 2, 7]) {
    const { f, xopt, fopt, upper } = testFunction(name, n);
    expect(f(xopt)).toBeCloseTo(fopt, 14);
    if (n === 1 && name === 'rosenbrock') continue;
    for (let k = 0; k < 300; k++) {
      const scale = upper * 10 ** (-4 * random.uniform());
      expect(f(xopt.map((v) => v + scale * (random.uniform() - 0.5)))).toBeGreaterThan(0);
    }
  }
});

test('values at known points', () => {
  expect(testFunction('rosenbrock', 3).f(Float64Array.of(-1, 2, 0))).toBeCloseTo(100 + 4 + 1600 + 1, 12);
  expect(testFunction('rastrigin', 2).f(Float64Array.of(0.5, 1))).toBeCloseTo(21.25, 12);
  expect(testFunction('griewank', 1).f(Float64Array.of(Math.PI))).toBeCloseTo(Math.PI ** 2 / 4000 + 2, 12);
  expect(testFunction('ackley', 1).f(Float64Array.of(1))).toBeCloseTo(20 * (1 - Math.exp(-0.2)), 12);
  expect(testFunction('ellipsoid', 2).f(Float64Array.of(1, 1))).toBeCloseTo(1 + 1e6, 6);
});

test('BBOB by name, and what there is not', () => {
  expect(testFunction('bbob:8', 3, 2).name).toMatch(/^f8 /);
  expect(() => testFunction('bbob:25', 3)).toThrow('from 1 to 24');
  expect(() => testFunction('rosenbrok', 3)).toThrow("did you mean 'rosenbrock'");
  expect(() => testFunction('toString', 3)).toThrow('There is no function');
});
