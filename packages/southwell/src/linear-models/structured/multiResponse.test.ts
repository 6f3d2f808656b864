import { readFileSync } from 'node:fs';
import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { groupLasso, lasso, logisticRegression, multinomialRegression, multitaskLasso } from '../index.ts';

const { data, glmnet } = JSON.parse(readFileSync(new URL('../oracles.json', import.meta.url), 'utf8')) as {
  data: Record<string, number[]> & { X: number[][] };
  glmnet: Record<string, number[]>;
};
const dense = DenseMatrix.fromRows(data.X);
const both = [dense, CscMatrix.fromDense(dense)];
const K = 3;

test('multinomial L1 agrees with glmnet to 1e-6, dense and sparse', () => {
  for (const X of both) {
    const model = multinomialRegression({ alpha: 0.03, tol: 1e-13 }).fit(X, data.k);
    expect(model.report.certificate?.relative).toBeLessThan(1e-10);
    const expected = [1, 2, 3].map((k) => glmnet[`multinomial${k}`]);
    const mean = expected.reduce((sum, b) => sum + b[0], 0) / K;
    expected.forEach((b, k) => {
      expect(Math.abs(model.intercepts[k] - (b[0] - mean))).toBeLessThan(1e-6);
      model.coef[k].forEach((x, j) => {
        expect(Math.abs(x - b[j + 1])).toBeLessThan(1e-6);
      });
    });
  }
});

test('multitask lasso agrees with glmnet to 1e-6, dense and sparse', () => {
  const Y = data.y.map((y, i) => [y, 0.5 * y + data.offset[i], 3 * data.offset[i]]);
  for (const X of both) {
    const model = multitaskLasso({ alpha: 0.2, tol: 1e-14 }).fit(X, Y);
    [1, 2, 3].forEach((k) => {
      const b = glmnet[`multitask${k}`];
      expect(Math.abs(model.intercepts[k - 1] - b[0])).toBeLessThan(1e-6);
      model.coef[k - 1].forEach((x, j) => {
        expect(Math.abs(x - b[j + 1])).toBeLessThan(1e-6);
      });
    });
    expect(model.predict(X).cols).toBe(3);
  }
});

/** Residuals w(1{y=k} − p_k) by definition. */
function residuals(model: ReturnType<ReturnType<typeof multinomialRegression>['fit']>, w: number[]) {
  const total = w.reduce((a, c) => a + c, 0);
  const prob = model.predictProba(dense);
  return [0, 1, 2].map((k) => w.map((wi, i) => (wi / total) * ((data.k[i] === k ? 1 : 0) - prob.column(k)[i])));
}

test.each([
  [false, 1],
  [false, 0.5],
  [true, 1],
  [true, 0.6],
  [false, 0],
])('multinomial, grouped %s, l1Ratio %d: stationary by definition with weights', (grouped, l1Ratio) => {
  const w = data.X.map((_, i) => 0.5 + (i % 3));
  const alpha = 0.02;
  const model = multinomialRegression({ alpha, l1Ratio, grouped, tol: 1e-13 }).fit(dense, data.k, { sampleWeight: w });
  expect(model.report.certificate?.relative).toBeLessThan(1e-9);
  const r = residuals(model, w);
  for (const x of r) expect(Math.abs(x.reduce((a, c) => a + c, 0))).toBeLessThan(1e-9);
  for (let j = 0; j < data.X[0].length; j++) {
    const b = model.coef.map((c) => c[j]);
    const g = r.map((x, k) => x.reduce((sum, ri, i) => sum + ri * data.X[i][j], 0) - alpha * (1 - l1Ratio) * b[k]);
    const norm = Math.hypot(...b);
    const t = alpha * l1Ratio;
    if (grouped && norm === 0) expect(Math.hypot(...g)).toBeLessThan(t + 1e-7);
    else {
      g.forEach((x, k) => {
        if (grouped) expect(Math.abs(x - (t * b[k]) / norm)).toBeLessThan(1e-6);
        else if (b[k] === 0) expect(Math.abs(x)).toBeLessThan(t + 1e-7);
        else expect(Math.abs(x - t * Math.sign(b[k]))).toBeLessThan(1e-6);
      });
    }
  }
});

test('one task is the lasso; two classes with a ridge are a logistic regression', () => {
  const one = multitaskLasso({ alpha: 0.1, tol: 1e-14 }).fit(
    dense,
    data.y.map((v) => [v]),
  );
  const expected = lasso({ alpha: 0.1, tol: 1e-14 }).fit(dense, data.y);
  expected.coef.forEach((b, j) => {
    expect(one.coef[0][j]).toBeCloseTo(b, 7);
  });
  // b₂ = −b₁ = b/2 by symmetry: the ridge (alpha/2)(b₁² + b₂²) is half of that on b.
  const two = multinomialRegression({ alpha: 0.2, l1Ratio: 0, tol: 1e-13 }).fit(
    dense,
    data.c.map((c) => (c > 0 ? 'yes' : 'no')),
  );
  const logit = logisticRegression({ alpha: 0.1, l1Ratio: 0, tol: 1e-13 }).fit(dense, data.c);
  expect(two.classes).toEqual(['no', 'yes']);
  logit.coef.forEach((b, j) => {
    expect(two.coef[1][j] - two.coef[0][j]).toBeCloseTo(b, 6);
  });
  expect(two.predictClass(dense)).toEqual(logit.predictClass(dense).map((c) => (Number(c) > 0 ? 'yes' : 'no')));
});

test('multitask is a group lasso of the stacked problem', () => {
  const random = new Random(3);
  const rows = Array.from({ length: 12 }, () => Array.from({ length: 4 }, () => random.normal()));
  const Y = rows.map((x) => [x[0] + 0.1 * random.normal(), x[0] - x[1]]);
  const stacked = [...rows.map((x) => [...x, 0, 0, 0, 0]), ...rows.map((x) => [0, 0, 0, 0, ...x])];
  const y = [...Y.map((r) => r[0]), ...Y.map((r) => r[1])];
  const groups = [0, 1, 2, 3, 0, 1, 2, 3];
  const options = { fitIntercept: false, tol: 1e-14 };
  // The mean over 2n rows halves the loss, hence half the alpha.
  const one = groupLasso({ ...options, alpha: 0.1, groups, groupWeights: [1, 1, 1, 1] }).fit(stacked, y);
  const other = multitaskLasso({ ...options, alpha: 0.2 }).fit(rows, Y);
  for (let j = 0; j < 4; j++) {
    expect(other.coef[0][j]).toBeCloseTo(one.coef[j], 7);
    expect(other.coef[1][j]).toBeCloseTo(one.coef[4 + j], 7);
  }
});

test('alphaMax, probabilities, and words for wrong input', () => {
  for (const grouped of [false, true]) {
    const top = multinomialRegression({ grouped }).alphaMax(dense, data.k);
    expect(multinomialRegression({ grouped, alpha: 1.0001 * top }).fit(dense, data.k).activeFeatures).toEqual([]);
    const below = multinomialRegression({ grouped, alpha: 0.98 * top, tol: 1e-10 }).fit(dense, data.k);
    expect(below.activeFeatures.length).toBeGreaterThan(0);
    const prob = below.predictProba(dense);
    for (let i = 0; i < dense.rows; i++) {
      expect(prob.column(0)[i] + prob.column(1)[i] + prob.column(2)[i]).toBeCloseTo(1, 12);
    }
  }
  const one = data.k.map(() => 1);
  expect(() => multinomialRegression().fit(dense, one)).toThrow(/only one class/);
  expect(() => multinomialRegression({ l1Ratio: 3 })).toThrow(/l1Ratio/);
  expect(() => multitaskLasso().fit(dense, [[1]])).toThrow(/rows but the target/);
  expect(() => multitaskLasso({ alpha: Number.NaN })).toThrow(/alpha/);
});
