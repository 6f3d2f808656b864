import { DenseMatrix, logisticRegression, Random } from 'southwell';
import { nmf as libraryNmf, youdenThreshold } from 'southwell/factorisation';
import { expect, test } from 'vitest';
import { accuracy, bestThreshold, filtered, nmf, predicted, rebuildingError, ridgeLogistic, tableOf } from './rival.ts';

const random = new Random(4);
const [n, p] = [120, 6];
const X = DenseMatrix.create(n, p);
for (let k = 0; k < X.data.length; k++) X.data[k] = random.uniform();
const y = Int32Array.from({ length: n }, (_, s) => (X.get(s, 0) - X.get(s, 1) + 0.4 * random.normal() > 0 ? 1 : 0));
const table = tableOf(X);

test('the factors end where those of the library do', () => {
  const own = nmf(table, 2, 1, { tol: 0, sweeps: 2000 });
  const theirs = libraryNmf(X, { rank: 2, seed: 1, maxIter: 5000, tol: 1e-10 });
  expect(own.error).toBeCloseTo((2 * theirs.loss) / table.data.reduce((s, v) => s + v * v, 0), 5);
  expect(own.W.every((v) => v >= 0)).toBe(true);
  expect(rebuildingError(table, new Float64Array(2 * p), new Float64Array(2 * n), 2)).toBe(1);
  expect(filtered(table, own.W, 2).data.length).toBe(2 * n);
});

test('regression is that of the library, and has a gradient of zero', () => {
  const w = ridgeLogistic(table, y, 1, 0);
  const theirs = logisticRegression({ alpha: 1 / n, l1Ratio: 0, tol: 1e-12 }).fit(X, y);
  theirs.predictProba(X);
  const P = predicted(table, w);
  (theirs.predictProba(X) as Float64Array).forEach((v, s) => {
    expect(P[s]).toBeCloseTo(v, 6);
  });
  for (let j = 0; j <= p; j++) {
    let g = j < p ? -w[j] : 0;
    for (let s = 0; s < n; s++) g += (y[s] - P[s]) * (j < p ? X.get(s, j) : 1);
    expect(g).toBeCloseTo(0, 8);
  }
  expect(bestThreshold(y, P)).toBeCloseTo(youdenThreshold(y, P)!, 12);
  expect(accuracy(y, P, 0.5)).toBeGreaterThan(0.7);
});
