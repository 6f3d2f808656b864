import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { inOnePlace, Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { logisticRegression, poissonRegression } from '../index.ts';
import { coarseAlpha, SHARE, someEntries, someRows } from './coarse.ts';

const [n, p] = [12_003, 6];

/** Columns of zeros and numbers, and labels that depend on two of them. */
function problem() {
  const random = new Random(7);
  const X = DenseMatrix.create(n, p);
  for (let k = 0; k < n * p; k++) if (random.uniform() < 0.6) X.data[k] = random.normal();
  const y = Array.from({ length: n }, (_, i) =>
    random.uniform() < 1 / (1 + Math.exp(-X.get(i, 1) + 2 * X.get(i, 4))) ? 1 : 0,
  );
  return { X, y };
}

test('the rows that are taken are eight of every sixty-four, dense or sparse, and so are entries', () => {
  const { X } = problem();
  const part = someRows(X);
  const sparse = someRows(CscMatrix.fromDense(X)) as CscMatrix;
  const rows = Array.from({ length: n }, (_, i) => i).filter((i) => i % 64 < 8);
  expect([part.rows, sparse.rows]).toEqual([rows.length, rows.length]);
  expect([...someEntries(Array.from({ length: n }, (_, i) => i))]).toEqual(rows);
  for (let j = 0; j < p; j++) {
    const wanted = rows.map((i) => X.get(i, j));
    expect([...(part as DenseMatrix).column(j)]).toEqual(wanted);
    expect([...sparse.toDense().column(j)]).toEqual(wanted);
  }
});

test('a penalty below the noise of fewer rows is raised to it, and one above stays', () => {
  const design = { norms: Float64Array.of(3, 4, 5), rows: inOnePlace(100), all: 100 };
  const v = new Float64Array(100).fill(0.01);
  const noise = 0.01 / Math.sqrt(SHARE);
  const thresholds = Float64Array.of(1, 2, 0);
  expect(coarseAlpha(1e-6, design, thresholds, v)).toBeCloseTo((1.5 * noise * (3 + 4 / 2)) / 2, 15);
  expect(coarseAlpha(10, design, thresholds, v)).toBe(10);
  expect(coarseAlpha(0.1, design, new Float64Array(3), v)).toBe(0.1);
});

test('a start that is taken is better than the null model, and shows in the first iterate', () => {
  const { X, y } = problem();
  const first = (from?: { coef: Float64Array; intercept: number }) => {
    const seen: number[] = [];
    logisticRegression({ alpha: 1e-3 }).fit(X, y, { from, onIterate: ({ objective }) => void seen.push(objective) });
    return seen[0];
  };
  expect(first()).toBeLessThan(0.8 * first({ coef: new Float64Array(p), intercept: 0 }));
});

describe('a fit that starts at the solution for a part of the rows', () => {
  const { X, y } = problem();
  const zero = { coef: new Float64Array(p), intercept: 0 };

  test.each([
    ['dense logistic', X, y, logisticRegression({ alpha: 1e-3, tol: 1e-10 }), undefined],
    ['sparse Poisson', CscMatrix.fromDense(X), y, poissonRegression({ alpha: 1e-3, tol: 1e-10 }), undefined],
    // What the part sees misleads, or is nothing.
    [
      'one class in the part',
      X,
      y.map((v, i) => (i % 64 < 8 ? 1 : v)),
      logisticRegression({ alpha: 1e-3, tol: 1e-10 }),
      undefined,
    ],
    [
      'the part without weight',
      X,
      y,
      logisticRegression({ alpha: 1e-3, tol: 1e-10 }),
      y.map((_, i) => (i % 64 < 8 ? 0 : 1)),
    ],
  ])('ends where one from zero ends: %s', (_, data, target, estimator, sampleWeight) => {
    const model = estimator.fit(data, target as number[], { sampleWeight });
    const plain = estimator.fit(data, target as number[], { sampleWeight, from: zero });
    expect([model.status, plain.status]).toEqual(['converged', 'converged']);
    model.coef.forEach((b, j) => {
      expect(b).toBeCloseTo(plain.coef[j], 6);
    });
    expect(model.intercept).toBeCloseTo(plain.intercept, 6);
  });
});
