import { expect, test } from 'vitest';
import { bbob } from './bbob/functions.ts';
import { minimize } from './minimize.ts';

const box = { lower: -5, upper: 5, seed: 1 };

test('smooth: BOBYQA alone, with a tenth of the evaluations', () => {
  const f = (x: Float64Array) => x.reduce((s, v, i) => s + (i + 1) * (v - 0.7) ** 2 + 0.01 * v ** 4, 0);
  const options = { ...box, dim: 6 };
  const [r, own, cma] = [
    minimize(f, { ...options, method: 'auto' }),
    minimize(f, { ...options, method: 'bobyqa' }),
    minimize(f, { ...options, method: 'cma-es' }),
  ];
  expect(r.why).toMatch(/predicted the values: BOBYQA\./);
  expect(r.point).toEqual(own.point);
  // The start is evaluated twice, to see noise.
  expect(r.evaluations).toBe(own.evaluations + 1);
  expect(10 * r.evaluations).toBeLessThan(cma.evaluations);
  expect(own.why).toBeUndefined();
});

test('noisy, rugged, whole: CMA-ES as if nothing had been before, and why', () => {
  let calls = 0;
  const noisy = (x: Float64Array) => x.reduce((s, v) => s + v * v, 0) + 0.1 * Math.sin(1e5 * ++calls);
  expect(minimize(noisy, { ...box, dim: 3, method: 'auto', budget: 300 }).why).toMatch(/two values: CMA-ES/);
  const { f } = bbob(15, 5, 1);
  const [r, cma] = (['auto', 'cma-es'] as const).map((method) => minimize(f, { ...box, dim: 5, method }));
  expect(r.why).toMatch(/predicted too few .*: CMA-ES from the start/);
  expect(r.objective).toBeLessThanOrEqual(cma.objective);
  expect(r.evaluations - cma.evaluations).toBeLessThan(50);
  const whole = minimize(f, { ...box, dim: 5, method: 'auto', integer: [0], budget: 100 });
  expect(whole.why).toMatch(/integers: CMA-ES/);
});

test('a valley too narrow for a quadratic of few points is left to CMA-ES', () => {
  const { f, fopt } = bbob(10, 5, 1);
  const r = minimize(f, { ...box, dim: 5, method: 'auto', target: fopt + 1e-8 });
  expect(r.objective - fopt).toBeLessThanOrEqual(1e-8);
  expect(r.why).toMatch(/CMA-ES/);
  expect(r.evaluations).toBeLessThan(4000);
});
