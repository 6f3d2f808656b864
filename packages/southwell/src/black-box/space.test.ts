import { elementary } from '@southwell/numerics/special';
import { expect, test } from 'vitest';
import { methodNames } from './methods.ts';
import { minimize } from './minimize.ts';
import { Space } from './space.ts';

const { log } = elementary;

/** Least at a rate of 3e-5, as seen by its order of magnitude. */
const f = (x: Float64Array) => (log(x[0]) - log(3e-5)) ** 2 + (x[1] - 0.4) ** 2;
const box = { lower: [1e-8, -1], upper: [10, 1], log: [0] };

test.each(methodNames)('%s finds a rate by its order, within the bounds', (method) => {
  const r = minimize(
    (x) => {
      expect(x[0]).toBeGreaterThanOrEqual(1e-8);
      expect(x[0]).toBeLessThanOrEqual(10);
      return f(x);
    },
    { ...box, method, budget: 4000, seed: 3 },
  );
  expect(f(r.point)).toBe(r.objective);
  expect(r.objective).toBeLessThan(['cbo', 'consensus-hopping', 'random-search'].includes(method) ? 2 : 1e-5);
});

test('the search is that of the logarithm, a resumed one too', () => {
  const inner = (u: Float64Array) => (u[0] - log(3e-5)) ** 2 + (u[1] - 0.4) ** 2;
  const options = { budget: 600, seed: 2 };
  const by = minimize(f, { ...box, ...options });
  const own = minimize(inner, { lower: [log(1e-8), -1], upper: [log(10), 1], ...options });
  expect(by.evaluations).toBe(own.evaluations);
  expect(log(by.point[0])).toBeCloseTo(own.point[0], 9);
  const part = minimize(f, { ...box, ...options, budget: 100 });
  const rest = minimize(f, { ...box, ...options, resume: part.checkpoint });
  expect(rest.point).toEqual(by.point);
  expect(() => minimize(f, { ...box, log: false, ...options, resume: part.checkpoint })).toThrow(/other settings/);
});

test('bounds are met exactly, and what cannot be is told', () => {
  const r = minimize((x) => -x[0] + x[1], { lower: [0.1, 0.3], upper: [0.7, 9], log: true, method: 'bobyqa' });
  expect([...r.point]).toEqual([0.7, 0.3]);
  expect(() => new Space({ dim: 1, lower: 0, log: true })).toThrow(/x1 .*its lower bound must be above 0, but is 0/);
  expect(() => new Space({ x0: [1, -1], log: [1] })).toThrow(/x2 .*its start must be above 0/);
  expect(() => new Space({ dim: 1, lower: 1, upper: 9, log: true, integer: true })).toThrow(
    /both integer and logarithmic/,
  );
  expect(() => new Space({ dim: 1, log: [3] })).toThrow(/coordinate 3, which does not exist/);
});
