import { expect, test } from 'vitest';
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
