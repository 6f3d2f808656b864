import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { ccaExact } from '../factorisation/index.ts';
import { sgd } from '../optimisers/index.ts';
import { deepCca } from './index.ts';
import { normalRows } from './testing.ts';

const random = new Random(7);
const rowsOf = (n: number, d: number) => normalRows(random, n, d);

test('deep canonical correlation: linear encoders on all rows at once reach the exact correlations and −Σλ²', () => {
  const common = rowsOf(200, 2);
  const tables = [4, 3].map((d) => rowsOf(200, d).map((row, i) => row.map((x, j) => x + (common[i][j] ?? 0))));
  const exact = ccaExact(tables, { components: 2 });
  const { point, objective } = deepCca(tables, {
    ...{ components: 2, hidden: [], batchSize: 200, twoBatches: false, epochs: 600, dtype: 'f64' },
    optimiser: (rate) => sgd({ rate, momentum: 0.9 }),
    rate: 0.02,
  });
  point.eigenvalues.forEach((rho, c) => {
    expect(rho).toBeCloseTo(exact.eigenvalues[c], 6);
  });
  expect(objective).toBeCloseTo(-exact.eigenvalues.reduce((s, rho) => s + rho * rho, 0), 6);
});
