import { readFileSync } from 'node:fs';
import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { sparsePca, sparsePcaAsync, truncatedSvd } from '../index.ts';

// Written by scripts/factorisation-oracle.py with scikit-learn.
const oracle = JSON.parse(readFileSync(new URL('../oracle.json', import.meta.url), 'utf8')).sparsePca as {
  readonly X: number[][];
  readonly objective: number;
  readonly components: number[][];
};

const planted = (seed: number) => {
  const random = new Random(seed);
  const X = DenseMatrix.create(100, 30);
  for (let i = 0; i < 100; i++) {
    const [a, b] = [3 * random.normal(), 2 * random.normal()];
    for (let j = 0; j < 30; j++) X.set(i, j, 5 + (j < 5 ? a : j < 12 ? b : 0) + 0.3 * random.normal());
  }
  return X;
};

test('agrees with scikit-learn', () => {
  const { components, solution } = sparsePca(oracle.X, { rank: 3, alpha: 2, tol: 1e-14, maxIter: 20_000 });
  expect(solution.status).toBe('converged');
  expect(solution.objective).toBeLessThan(oracle.objective * (1 + 1e-5));
  // Up to order and sign; scikit-learn's is the same local minimum if the objectives agree.
  if (solution.objective > oracle.objective * (1 - 1e-5)) {
    for (const row of oracle.components) {
      const best = Math.max(
        ...[0, 1, 2].map((a) => Math.abs(row.reduce((s, v, j) => s + v * components.get(a, j), 0))),
      );
      expect(best).toBeGreaterThan(1 - 1e-3);
    }
  }
});

test('finds the blocks of columns that made the data, and nothing of the noise', () => {
  const X = planted(1);
  const seen: number[] = [];
  const model = sparsePca(X, { rank: 2, alpha: 8, onIterate: ({ objective }) => seen.push(objective) });
  seen.slice(1).forEach((v, t) => {
    expect(v).toBeLessThanOrEqual(seen[t] * (1 + 1e-12));
  });
  const support = [0, 1].map((a) =>
    Array.from({ length: 30 }, (_, j) => j).filter((j) => model.components.get(a, j) !== 0),
  );
  expect(support).toEqual([
    [0, 1, 2, 3, 4],
    [5, 6, 7, 8, 9, 10, 11],
  ]);
  for (let a = 0; a < 2; a++) {
    let square = 0;
    for (let j = 0; j < 30; j++) square += model.components.get(a, j) ** 2;
    expect(square).toBeCloseTo(1, 12);
  }
  const explained = model.explainedVariance.reduce((s, v) => s + v, 0);
  expect(explained / model.totalVariance).toBeGreaterThan(0.9);
  expect(explained).toBeLessThan(model.totalVariance);
});

test('without a penalty it is PCA', () => {
  const X = planted(2);
  const model = sparsePca(X, { rank: 2, alpha: 0 });
  const { V, singularValues } = truncatedSvd(X, { rank: 2, centre: true });
  expect(model.solution.objective).toBeCloseTo(
    0.5 * (model.totalVariance * 99 - singularValues.reduce((s, v) => s + v * v, 0)),
    6,
  );
  for (let a = 0; a < 2; a++) {
    const dot = V.column(a).reduce((s, v, j) => s + v * model.components.get(a, j), 0);
    expect(Math.abs(dot)).toBeCloseTo(1, 6);
    expect(model.explainedVariance[a]).toBeCloseTo(singularValues[a] ** 2 / 99, 5);
  }
});

test('sparse data give what dense ones do; new rows are projected as the data were', async () => {
  const random = new Random(3);
  const X = planted(3);
  for (let at = 0; at < X.data.length; at++) if (random.uniform() < 0.6) X.data[at] = 0;
  const dense = sparsePca(X, { rank: 3, alpha: 4 });
  const sparse = await sparsePcaAsync(CscMatrix.fromDense(X), { rank: 3, alpha: 4 });
  dense.components.data.forEach((v, at) => {
    expect(sparse.components.data[at]).toBeCloseTo(v, 6);
  });
  const again = dense.transform(X);
  again.data.forEach((v, at) => {
    expect(v).toBeCloseTo(dense.scores.data[at], 10);
  });
});

test('a huge penalty leaves nothing; constant data and mistakes', () => {
  const none = sparsePca(planted(4), { rank: 2, alpha: 1e9 });
  expect(none.solution.status).toBe('converged');
  expect(Math.max(...none.components.data.map(Math.abs), ...none.scores.data.map(Math.abs))).toBe(0);
  const flat = sparsePca(
    [
      [1, 2],
      [1, 2],
      [1, 2],
    ],
    { rank: 1 },
  );
  expect(flat.totalVariance).toBe(0);
  expect(sparsePca([[7]], { rank: 1 }).scores.data[0]).toBe(0);
  expect(() => sparsePca([[1, 2]], { rank: 1, alpha: -1 })).toThrow('alpha');
  expect(() => sparsePca([[1, 2]], { rank: 2 })).toThrow('rank');
  expect(() => none.transform([[1, 2]])).toThrow('30 columns');
});
