import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { alphaGrid, lasso } from './index.ts';

const random = new Random(11);
const normal = (n: number, p: number) =>
  Array.from({ length: n }, () => Array.from({ length: p }, () => random.normal()));

describe('the choice by an information criterion', () => {
  test.each([
    [80, 400],
    [80, 70],
    [30, 90],
  ])('of %i rows and %i columns of noise, few are kept, though fits at the end interpolate', (n, p) => {
    for (let k = 0; k < 3; k++) {
      const path = lasso().path(
        DenseMatrix.fromRows(normal(n, p)),
        normal(n, 1).map(([v]) => v),
      );
      const least = path.bic.indexOf(Math.min(...path.bic));
      const chosen = path.best('bic');
      expect(chosen.activeCount).toBeLessThan(n / 4);
      expect(chosen.parameterCount).toBeLessThanOrEqual(n / 2);
      // What was wrong: the model with the least BIC of all.
      if (p > n) expect(path.models[least].activeCount).toBeGreaterThan(n / 2);
      // Among the others it is the least.
      const others = path.models.flatMap((model, i) => (model.parameterCount <= n / 2 ? [path.bic[i]] : []));
      expect(path.bic[path.models.indexOf(chosen)]).toBe(Math.min(...others));
    }
  });

  test('features that matter are found', () => {
    const X = normal(80, 400);
    const y = X.map((row) => 3 * row[0] - 2 * row[7] + 2 * row[20] + 0.5 * random.normal());
    for (const criterion of ['bic', 'ebic'] as const) {
      const { coef } = lasso().path(DenseMatrix.fromRows(X), y).best(criterion);
      const indices = [...coef.keys()].filter((j) => coef[j] !== 0);
      expect([0, 7, 20].every((j) => indices.includes(j))).toBe(true);
      expect(indices.length).toBeLessThan(20);
    }
  });

  test('a path of crowded models alone has one all the same', () => {
    const path = lasso().path(
      DenseMatrix.fromRows(normal(10, 40)),
      normal(10, 1).map(([v]) => v),
      { alphas: [1e-3] },
    );
    expect(path.best('bic')).toBe(path.models[0]);
  });
});

test('a grid that would be infinite is refused with what to do', () => {
  expect(() => alphaGrid(Number.POSITIVE_INFINITY, 10, 3, {})).toThrow(/divide the target or the features/);
  expect(() => alphaGrid(0, 10, 3, {})).toThrow(/Give alphas/);
});
