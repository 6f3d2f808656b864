import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { qr } from '@southwell/numerics/linalg';
import { expect, test } from 'vitest';
import { loadModel, saveModel, sketchedRegression } from './index.ts';

const [n, p] = [3000, 6];
const random = new Random(5);
const X = DenseMatrix.create(n, p);
for (let k = 0; k < X.data.length; k++) X.data[k] = 2 + random.normal();
const weights = Float64Array.from({ length: n }, (_, i) => i % 4);
const offset = Float64Array.from({ length: n }, () => random.normal());
const y = X.column(1).map((v, i) => 50 + 3 * v + offset[i] + random.normal());

/** By QR of the weighted columns and a column of ones. */
const truth = (() => {
  const A = DenseMatrix.create(n, p + 1);
  const right = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const root = Math.sqrt(weights[i]);
    for (let j = 0; j < p; j++) A.set(i, j, root * X.get(i, j));
    A.set(i, p, root);
    right[i] = root * (y[i] - offset[i]);
  }
  return qr(A).leastSquares(right);
})();

test('an estimator with weights, offset and a constant, of dense and sparse data, to rounding', () => {
  const featureNames = Array.from({ length: p }, (_, j) => `f${j}`);
  for (const data of [X, CscMatrix.fromDense(X)]) {
    for (const refine of ['lsqr', 'iterative'] as const) {
      const objectives: number[] = [];
      const model = sketchedRegression({ tol: 0, sketchRows: 200, refine, seed: 4 }).fit(data, y, {
        ...{ sampleWeight: weights, offset, featureNames },
        onIterate: ({ objective, snapshot }) => {
          objectives.push(objective);
          expect(snapshot().coef.length).toBe(p);
        },
      });
      for (let j = 0; j < p; j++) expect(model.coef[j]).toBeCloseTo(truth[j], 12);
      expect(model.intercept).toBeCloseTo(truth[p], 11);
      expect(model.report.status).toBe('converged');
      let [loss, sum] = [0, 0];
      const fitted = model.predict(X, { offset });
      for (let i = 0; i < n; i++) {
        loss += (weights[i] * (y[i] - fitted[i]) ** 2) / 2;
        sum += weights[i];
      }
      expect(model.report.objective).toBeCloseTo(loss / sum, 10);
      expect(objectives.at(-1)).toBeCloseTo(loss / sum, 10);
    }
  }
  const model = sketchedRegression({ tol: 0 }).fit(X, y, { featureNames });
  const again = loadModel(saveModel(model)).model;
  expect(again.predict(X)).toEqual(model.predict(X));
});

test('ends where the objective is near enough to its least, and says how', () => {
  const exact = sketchedRegression({ tol: 0, sketchRows: 100 }).fit(X, y);
  for (const refine of ['lsqr', 'iterative'] as const) {
    const near = sketchedRegression({ tol: 1e-4, sketchRows: 100, refine }).fit(X, y);
    expect(near.report.status).toBe('converged');
    expect(near.report.iterations).toBeLessThan(exact.report.iterations);
    const mean = y.reduce((s, v) => s + v, 0) / n;
    const most = y.reduce((s, v) => s + (v - mean) ** 2, 0) / (2 * n);
    expect((near.report.objective - exact.report.objective) / most).toBeLessThan(2e-4);
    expect(near.report.message).toMatch(/Converged: .* as the sketch tells .*A sketch of 100 rows \(osnap\)/);
  }
  const alone = sketchedRegression({ refine: 'none', sketchRows: 512 }).fit(X, y);
  expect([alone.report.status, alone.coef[1] > 2.5]).toEqual(['completed', true]);
  expect(alone.report.message).toMatch(/^Done: .*\(srht\), and 1 pass over/);
  const dependent = DenseMatrix.create(n, 2);
  dependent.column(0).set(X.column(1));
  dependent.column(1).set(X.column(1));
  const shared = sketchedRegression({ tol: 0, sketchRows: 100 }).fit(dependent, y);
  expect(shared.coef[0]).toBeCloseTo(shared.coef[1], 10);
  expect(shared.report.message).toMatch(/rank 2 for 3 columns/);
});

test('there is no path without a penalty', () => {
  const estimator = sketchedRegression();
  for (const call of [estimator.path, estimator.crossValidate, estimator.prepare]) {
    expect(() => call(X, y)).toThrow(/no penalty/);
  }
  expect(() => sketchedRegression({ tol: -1 })).toThrow(/tol/);
  expect(() => sketchedRegression({ rows: 3 } as never)).toThrow(/no option 'rows'/);
  expect(() => estimator.fit([[1, 2, 3]], [1])).toThrow(/There is 1 row for 3 features and a constant, .* a ridge/);
});
