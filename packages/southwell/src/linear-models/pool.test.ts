import { Arena } from '@southwell/kernels';
import { DenseMatrix, ThreadPool } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { lasso } from './index.ts';

const n = 500;
const p = 400;

function problem() {
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

test('a pool of another arena is refused with the way to make the right one', async () => {
  const { X, y } = problem();
  const other = DenseMatrix.create(2, 2, { arena: new Arena() });
  const pool = await ThreadPool.create({ arena: other.arena, threads: 1 });
  expect(() => lasso({ alpha: 1 }).fit(X, y, { pool })).toThrow(/arena: X\.arena/);
  other.free();
  X.free();
});
