import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lasso, slope, slopeLambdas } from '../index.ts';
import { dualSortedL1, proxSortedL1, sortedL1 } from '../solvers/sortedL1.ts';

const n = 40;
function data(p: number, seed = 3) {
  const random = new Random(seed);
  const rows = Array.from({ length: n }, () =>
    Array.from({ length: p }, () => (random.uniform() < 0.3 ? 0 : random.normal() + 0.5)),
  );
  const y = rows.map((x) => 2 + 2 * x[0] - 2 * x[1] + x[3] + 0.3 * random.normal());
  return { rows, y };
}

/** min over all orders and signs: with |b| in a given order the penalty is linear, so this is an isotonic regression. */
function bruteForce(z: number[], lambda: number[]): number {
  let best = Number.POSITIVE_INFINITY;
  const objective = (b: number[]) => b.reduce((s, v, i) => s + 0.5 * (v - z[i]) ** 2, 0) + sortedL1(b, lambda);
  const permute = (order: number[], rest: number[]) => {
    if (rest.length > 0) {
      rest.forEach((j, i) => {
        permute([...order, j], [...rest.slice(0, i), ...rest.slice(i + 1)]);
      });
      return;
    }
    // Every division of the order into runs of equal size, each at its mean or at zero.
    const p = z.length;
    for (let cuts = 0; cuts < 1 << (p - 1); cuts++) {
      const b = new Array<number>(p).fill(0);
      for (let from = 0; from < p; ) {
        let to = from + 1;
        while (to < p && !((cuts >> (to - 1)) & 1)) to++;
        let mean = 0;
        for (let k = from; k < to; k++) mean += (Math.abs(z[order[k]]) - lambda[k]) / (to - from);
        for (let k = from; k < to; k++) b[order[k]] = Math.sign(z[order[k]]) * Math.max(mean, 0);
        from = to;
      }
      best = Math.min(best, objective(b));
    }
  };
  permute(
    [],
    z.map((_, j) => j),
  );
  return best;
}

const real = fc.double({ min: -5, max: 5, noNaN: true });
test('the prox is the best over all permutations and pools', () => {
  fc.assert(
    fc.property(
      fc.array(real, { minLength: 1, maxLength: 5 }),
      fc.array(real, { minLength: 5, maxLength: 5 }),
      (z, l) => {
        const lambda = l
          .slice(0, z.length)
          .map(Math.abs)
          .sort((a, c) => c - a);
        const b = [...proxSortedL1(z, lambda)];
        const value = b.reduce((s, v, i) => s + 0.5 * (v - z[i]) ** 2, 0) + sortedL1(b, lambda);
        expect(value).toBeLessThanOrEqual(bruteForce(z, lambda) + 1e-9);
      },
    ),
    { numRuns: 60 },
  );
});

test('constant lambdas are the lasso, dense and sparse', () => {
  const { rows, y } = data(12);
  const expected = lasso({ alpha: 0.1, tol: 1e-14 }).fit(rows, y);
  const dense = DenseMatrix.fromRows(rows);
  for (const X of [dense, CscMatrix.fromDense(dense)]) {
    const model = slope({ alpha: 0.1, lambdas: new Array(12).fill(1), tol: 1e-13 }).fit(X, y);
    expected.coef.forEach((b, j) => {
      expect(Math.abs(model.coef[j] - b)).toBeLessThan(1e-6);
    });
    expect(Math.abs(model.intercept - expected.intercept)).toBeLessThan(1e-6);
  }
});

test('weights and offset: the subgradient is in the dual ball and aligned, more columns than rows too', () => {
  for (const p of [10, 80]) {
    const { rows, y } = data(p, 5);
    const sampleWeight = y.map((_, i) => 1 + (i % 2));
    const offset = y.map((_, i) => 0.1 * (i % 4));
    const lambdas = slopeLambdas(p, 0.2);
    const fit = { sampleWeight, offset };
    const alpha = 0.2 * slope({ lambdas }).alphaMax(rows, y, fit);
    const model = slope({ lambdas, alpha, tol: 1e-12 }).fit(rows, y, fit);
    const total = sampleWeight.reduce((a, c) => a + c, 0);
    const r = rows.map((x, i) => {
      const eta = x.reduce((s, v, j) => s + v * model.coef[j], model.intercept + offset[i]);
      return (sampleWeight[i] / total) * (y[i] - eta);
    });
    const g = Array.from({ length: p }, (_, j) => rows.reduce((s, x, i) => s + x[j] * r[i], 0));
    const scaled = lambdas.map((l) => alpha * l);
    expect(Math.abs(r.reduce((a, c) => a + c, 0))).toBeLessThan(1e-9);
    expect(dualSortedL1(g, scaled)).toBeLessThan(1 + 1e-5);
    expect(g.reduce((s, x, j) => s + x * model.coef[j], 0)).toBeCloseTo(sortedL1(model.coef, scaled), 6);
    expect(model.activeCount).toBeGreaterThan(0);
    const none = slope({ lambdas, alpha: 5.001 * alpha }).fit(rows, y, fit);
    expect(none.activeCount).toBe(0);
  }
});

test('equal columns share one size; lambdas are normal quantiles', () => {
  const { rows, y } = data(6);
  const X = rows.map((x) => [...x, x[0]]);
  const model = slope({ alpha: 0.1, tol: 1e-12 }).fit(X, y);
  expect(model.coef[6]).toBeCloseTo(model.coef[0], 5);
  const lambdas = slopeLambdas(2, 0.1);
  expect(lambdas[0]).toBeCloseTo(1.959963984540054, 10);
  expect(lambdas[1]).toBeCloseTo(1.6448536269514722, 10);
});

test('wrong input is refused in words', () => {
  const { rows, y } = data(6);
  expect(() => slope({ lambdas: [1, 2] }).fit(rows, y)).toThrow(/6 columns/);
  expect(() => slope({ lambdas: [1, 2, 1, 1, 1, 1] }).fit(rows, y)).toThrow(/descending/);
  expect(() => slope({ q: 2 })).toThrow(/q must/);
  expect(() => slope({ alpha: -1 })).toThrow(/alpha/);
});
