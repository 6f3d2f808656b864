import { predictedDrift, wlsReference } from 'southwell/distributed-methods';
import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import exact from './experiments/exact.ts';
import {
  curveOf,
  decibels,
  drawsOf,
  errorOf,
  growthOf,
  meanOfFits,
  networkOf,
  rivals,
  robustFit,
  times,
} from './lab.ts';
import { federationOf, tables } from './tables.ts';

const shape = { clients: 6, features: 3, least: 5, most: 9 };

test('clients have as many rows as they should, and all rows have the solution that is named', () => {
  const { clients, truth, best } = networkOf(shape, drawsOf(1, 0));
  expect(clients.length).toBe(6);
  for (const { X, y, weights } of clients) {
    expect(X.length).toBeGreaterThanOrEqual(5);
    expect(X.length).toBeLessThanOrEqual(9);
    expect([y.length, weights!.length, X[0].length]).toEqual([X.length, X.length, 3]);
  }
  // The gradient of the weighted sum of squares vanishes at the solution.
  const gradient = truth.map((_, j) =>
    clients.reduce(
      (sum, { X, y, weights }) =>
        sum +
        X.reduce(
          (s, x, i) => s + weights![i] * x[j] * (Array.from(x).reduce((p, v, a) => p + v * best[a], 0) - y[i]),
          0,
        ),
      0,
    ),
  );
  expect(Math.hypot(...gradient)).toBeLessThan(1e-10);
  expect(networkOf(shape, drawsOf(1, 0)).truth).toEqual(truth);
  expect(networkOf(shape, drawsOf(1, 1)).truth).not.toEqual(truth);
});

test('errors, decibels and growth have the values of a calculation by hand; divergence counts against the method', () => {
  expect(errorOf(Float64Array.of(1, 3), Float64Array.of(1, 2))).toBeCloseTo(0.2, 15);
  expect(errorOf(Float64Array.of(Number.NaN, 3), Float64Array.of(1, 2))).toBe(Number.POSITIVE_INFINITY);
  expect(decibels(10, 0.1)).toBeCloseTo(20, 12);
  expect(times(Number.POSITIVE_INFINITY, 1)).toBe(Number.POSITIVE_INFINITY);
  expect(times(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)).toBe(0);
  expect(growthOf([9, 9, 9, 9, 2, 2, 9, 9, 3, 3])).toBe(1.5);
  const curve = curveOf([Number.NaN, ...Array.from({ length: 999 }, (_, k) => k)]);
  expect(curve.x.length).toBeLessThanOrEqual(100);
  expect(curve.x.map((x) => x - 1)).toEqual(curve.y);
});

test('the mean of fits is that of the least-squares solutions', () => {
  const { clients } = networkOf(shape, drawsOf(2, 0));
  const fits = clients.map((client) => wlsReference([client]).w);
  meanOfFits(clients).forEach((v, j) => {
    expect(v).toBeCloseTo(
      fits.reduce((sum, w) => sum + w[j] / 6, 0),
      10,
    );
  });
});

test('where all take part, all forms but the simpler one end at the solution, whose drift grows with the square of the penalty', () => {
  const { clients, best } = networkOf(shape, drawsOf(3, 0));
  for (const fit of [robustFit, rivals.dual, rivals['two-global']])
    expect(errorOf(fit(clients, { rho: 5, rounds: 1500 }).w, best)).toBeLessThan(1e-12);
  expect(errorOf(rivals.simple(clients, { rho: 5, rounds: 1500 }).w, best)).toBeGreaterThan(1e-7);
  const law = predictedDrift(clients, 5, 2, { up: 1e-4, down: 1e-4 });
  expect(predictedDrift(clients, 10, 2, { up: 1e-4, down: 1e-4 })).toBeCloseTo(4 * law, 12);
});

test('rows with gaps and constant columns are left out, and columns have mean 0 and variance 1', () => {
  const rows = Array.from({ length: 12 }, (_, i) => ({
    client: String(i % 3),
    x: [i, 7, i === 4 ? Number.NaN : i * i],
    y: 2 * i,
  }));
  const { clients, best } = federationOf(rows);
  expect(clients.map(({ X }) => X.length)).toEqual([4, 3, 4]);
  expect(clients[0].X[0].length).toBe(2);
  const all = clients.flatMap(({ X }) => [...X]);
  for (const j of [0, 1]) {
    expect(all.reduce((sum, x) => sum + x[j], 0)).toBeCloseTo(0, 10);
    expect(all.reduce((sum, x) => sum + x[j] ** 2, 0)).toBeCloseTo(11, 10);
  }
  expect(best[0]).toBeCloseTo(1, 10);
  expect(best[1]).toBeCloseTo(0, 10);
});

test('dust of two stations by weeks', async () => {
  const { clients, best } = await tables.dust();
  expect(clients.length).toBeGreaterThan(20);
  expect(best.length).toBe(6);
  // Mostly as an hour before.
  expect(best[0]).toBeGreaterThan(0.8);
});

test('exactness holds, and with duals it does not', async () => {
  expect(await outcomesOf([exact], 11)).toEqual({ exact: 'holds' });
  expect(await outcomesOf([exact.withMethod(rivals.dual)], 11)).toEqual({ exact: 'does not hold' });
});
