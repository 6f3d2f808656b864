import { expect, test } from 'vitest';
import { bbob } from './bbob/functions.ts';
import { rotation } from './bbob/instance.ts';
import { minimize } from './minimize.ts';
import { ellipsoid } from './testing.ts';

test('CMA-ES: the separable form does hundreds of coordinates', () => {
  const r = minimize(ellipsoid, {
    x0: new Array(200).fill(1),
    method: { name: 'cma-es', separable: true },
    budget: 60_000,
    target: 1e-6,
  });
  expect(r.objective).toBeLessThanOrEqual(1e-6);
});

test('CMA-ES: does not mind rotation, whereas the separable form does', () => {
  const n = 6;
  const R = rotation(n, 77);
  const turned = (x: Float64Array) => ellipsoid(x.map((_, i) => x.reduce((s, v, j) => s + R[i * n + j] * v, 0)));
  const cost = (f: (x: Float64Array) => number, separable: boolean) => {
    const spent = [1, 2, 3, 4, 5].map(
      (seed) =>
        minimize(f, {
          dim: n,
          x0: new Array(n).fill(2),
          method: { name: 'cma-es', separable },
          budget: 20_000,
          target: 1e-8,
          seed,
        }).evaluations,
    );
    return spent.sort((a, b) => a - b)[2];
  };
  const plain = cost(ellipsoid, false);
  expect(cost(turned, false) / plain).toBeGreaterThan(0.75);
  expect(cost(turned, false) / plain).toBeLessThan(1.33);
  expect(cost(ellipsoid, true)).toBeLessThan(plain);
  expect(cost(turned, true) / plain).toBeGreaterThan(3);
});

test('CMA-ES: restarts find what one run does not', () => {
  const { f, fopt } = bbob(21, 3, 2);
  const reached = (schedule: 'bipop' | 'ipop', restarts: number) =>
    [1, 2, 3, 4, 5, 6].filter((seed) => {
      const r = minimize(f, {
        dim: 3,
        lower: -5,
        upper: 5,
        method: { name: 'cma-es', schedule },
        restarts,
        budget: 30_000,
        target: fopt + 1e-6,
        seed,
      });
      return r.objective <= fopt + 1e-6;
    }).length;
  const once = reached('bipop', 0);
  expect(once).toBeLessThan(5);
  expect(reached('bipop', Number.POSITIVE_INFINITY)).toBe(6);
  expect(reached('ipop', Number.POSITIVE_INFINITY)).toBeGreaterThan(once);
});
