import { Arena } from '@southwell/kernels';
import { DenseMatrix, ThreadPool } from '@southwell/numerics/arrays';
import { inOnePlace, Random } from '@southwell/numerics/core';
import { expect, test, vi } from 'vitest';
import { lasso, logisticRegression } from './index.ts';

const p = 400;

function problem(n = 500) {
  const random = new Random(5);
  const X = DenseMatrix.create(n, p);
  const y = new Float64Array(n);
  for (let j = 0; j < p; j++) {
    const column = X.column(j);
    for (let i = 0; i < n; i++) {
      column[i] = random.normal();
      if (j < 20) y[i] += column[i] * (j + 1);
    }
  }
  for (let i = 0; i < n; i++) y[i] += 10 * random.normal();
  return { X, y };
}

test('a pool of threads gives the bits of one thread', async () => {
  const { X, y } = problem();
  const alone = lasso({ tol: 1e-10 }).path(X, y, { nAlphas: 10, eps: 0.02 });
  const pool = await ThreadPool.create({ arena: X.arena, threads: 2 });
  const together = lasso({ tol: 1e-10 }).path(X, y, { nAlphas: 10, eps: 0.02, pool });
  await pool.close();
  expect(together.models.length).toBe(10);
  for (let k = 0; k < 10; k++) expect(together.models[k].coef).toEqual(alone.models[k].coef);
  X.free();
});

test('rows in pieces, as ranks have them: a pool gives the bits of one thread, of paths and of folds', async () => {
  const { X, y } = problem(1500);
  const rows = inOnePlace(1500, 500);
  const grid = { nAlphas: 8, eps: 0.05, rows };
  const pool = await ThreadPool.create({ arena: X.arena, threads: 2 });
  const shared = [vi.spyOn(pool, 'gemvT'), vi.spyOn(pool, 'columnGram')];
  const taken = () => {
    for (const spy of shared) expect(spy.mock.calls.length).toBeGreaterThan(0);
    for (const spy of shared) spy.mockClear();
  };
  const squared = (pool?: ThreadPool) => lasso().path(X, y, { ...grid, pool });
  const logistic = (pool?: ThreadPool) => logisticRegression().path(X, y.map(Math.sign), { ...grid, pool });
  for (const path of [squared, logistic]) {
    const alone = path();
    const together = path(pool);
    taken();
    expect(together.models.map(({ coef }) => coef)).toEqual(alone.models.map(({ coef }) => coef));
  }
  const alone = await lasso().crossValidate(X, y, { ...grid, folds: 3 });
  const together = await lasso().crossValidate(X, y, { ...grid, folds: 3, pool });
  taken();
  expect(together.folds).toEqual(alone.folds);
  await pool.close();
  X.free();
});

test('a pool of another arena is refused with the way to make the right one', async () => {
  const { X, y } = problem();
  const other = DenseMatrix.create(2, 2, { arena: new Arena() });
  const pool = await ThreadPool.create({ arena: other.arena, threads: 1 });
  expect(() => lasso({ alpha: 1 }).fit(X, y, { pool })).toThrow(/arena: X\.arena/);
  other.free();
  X.free();
});
