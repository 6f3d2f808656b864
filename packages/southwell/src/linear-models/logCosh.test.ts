import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { huber, logCosh, squared } from '../losses/index.ts';
import { penalisedRegression } from './index.ts';

const y = Float64Array.of(-3, -0.2, 0, 0.4, 2, 50);
const w = new Float64Array(6).fill(1 / 6);
const eta = Float64Array.of(-1, 0.1, 0, 0.4, 2.5, 1);

test('value, gradient and curvature are those of differences of the definition', () => {
  const delta = 0.7;
  const loss = logCosh(delta).bind(y, w);
  const at = (e: Float64Array) =>
    e.reduce((sum, v, i) => sum + w[i] * delta ** 2 * Math.log(Math.cosh((y[i] - v) / delta)), 0);
  expect(loss.value(eta)).toBeCloseTo(at(eta), 12);
  const [v, d] = [new Float64Array(6), new Float64Array(6)];
  loss.derivatives(eta, v, d);
  for (let i = 0; i < 6; i++) {
    const moved = (t: number) => eta.map((x, k) => (k === i ? x + t : x));
    expect(-v[i]).toBeCloseTo((at(moved(1e-6)) - at(moved(-1e-6))) / 2e-6, 7);
    expect(d[i]).toBeCloseTo((at(moved(1e-4)) - 2 * at(eta) + at(moved(-1e-4))) / 1e-8, 4);
  }
});

test('the conjugate is met by Fenchel and Young, with equality at the gradient, and infinite beyond delta', () => {
  const random = new Random(3);
  const loss = logCosh(2).bind(y, w);
  const [v, d] = [new Float64Array(6), new Float64Array(6)];
  loss.derivatives(eta, v, d);
  const product = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  expect(loss.value(eta) + loss.conjugate(v, 1, eta)).toBeCloseTo(-product(v, eta), 12);
  for (let k = 0; k < 20; k++) {
    const other = Float64Array.from(eta, () => 5 * random.normal());
    expect(loss.value(other) + loss.conjugate(v, 1, eta)).toBeGreaterThanOrEqual(-product(v, other) - 1e-12);
  }
  expect(loss.conjugate(v, 100, eta)).toBe(Number.POSITIVE_INFINITY);
});

test('a wide delta is least squares, and far residuals count as Huber’s do', () => {
  expect(logCosh(1e6).bind(y, w).value(eta)).toBeCloseTo(squared().bind(y, w).value(eta), 6);
  const [narrow, wide] = [logCosh(1).bind(y, w), huber(1).bind(y, w)];
  const far = y.map((v) => v + 1000);
  expect(narrow.value(far)).toBeCloseTo(wide.value(far) + 0.5 - Math.LN2, 9);
  for (const delta of [0, -1, Number.NaN]) expect(() => logCosh(delta)).toThrow('delta must be above 0');
});

test('a fit by its name: no outlier moves it far, and the gradient is zero at its end', () => {
  const x = [0, 1, 2, 3, 4, 5, 6, 7];
  const target = x.map((v) => 1 + 2 * v + (v === 3 ? 400 : 0));
  const model = penalisedRegression({ loss: 'log-cosh', delta: 0.5, alpha: 0, tol: 1e-12 }).fit(
    x.map((v) => [v]),
    target,
  );
  expect([model.intercept, model.coef[0]]).toEqual([expect.closeTo(1, 0), expect.closeTo(2, 1)]);
  const pull = x.map((v, i) => Math.tanh((target[i] - model.intercept - model.coef[0] * v) / 0.5));
  expect(pull.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 4);
  expect(pull.reduce((sum, p, i) => sum + p * x[i], 0)).toBeCloseTo(0, 4);
});
