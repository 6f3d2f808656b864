import { beforeAll, describe, expect, test } from 'vitest';
import { asInOnePlace, built, fitsOnThreads } from '../testing.ts';
import type { Spread, SpreadFit } from './testing.ts';

const [rows, columns] = [60, 203];
const fits: Readonly<Record<string, SpreadFit>> = {
  'lasso, dense': { model: 'lasso', rows, columns, options: { alpha: 0.05, standardize: true } },
  'lasso, sparse, weights': { model: 'lasso', rows, columns, sparse: true, weights: true, options: { alpha: 0.01 } },
  'lasso, more in the model than are kept': { model: 'lasso', rows, columns, options: { alpha: 1e-3 } },
  'ridge, offset': { model: 'ridge', rows, columns, offset: true, options: { alpha: 0.1 } },
  'logistic, elastic net': { model: 'logistic', rows, columns, weights: true, options: { alpha: 0.01, l1Ratio: 0.5 } },
  'logistic, sparse': { model: 'logistic', rows, columns, sparse: true, options: { alpha: 0.01, standardize: true } },
  'poisson, offset': { model: 'poisson', rows, columns, offset: true, options: { alpha: 0.05 } },
  quantile: { model: 'quantile', rows, columns, options: { alpha: 0.05 } },
  mcp: { model: 'mcp', rows, columns, options: { alpha: 0.2, standardize: true } },
  'five rows': { model: 'lasso', rows: 5, columns: 9, options: { alpha: 0.1 } },
  'fewer columns than ranks': { model: 'lasso', rows: 40, columns: 2, options: { alpha: 0.1 } },
  'lasso, path': { model: 'lasso', rows, columns, mode: 'path' },
  'lasso, path, relaxed': { model: 'lasso', rows, columns, mode: 'path', options: { relax: true } },
  'adaptive lasso': { model: 'lasso', rows, columns, options: { alpha: 0.05, adaptive: 'ridge', adaptiveAlpha: 1 } },
  'lasso, folds': { model: 'lasso', rows, columns, mode: 'cv' },
  'logistic, folds, sparse': { model: 'logistic', rows, columns, mode: 'cv', sparse: true, weights: true },
  multinomial: { model: 'multinomial', rows, columns, options: { alpha: 0.03, standardize: true } },
  'multinomial, sparse': { model: 'multinomial', rows, columns, sparse: true, options: { alpha: 0.01 } },
  'group lasso, folds': { model: 'group-lasso', rows, columns: 200, mode: 'cv', options: { groups: 4, l1Ratio: 0.3 } },
  slope: { model: 'slope', rows, columns, options: { alpha: 0.1 } },
};
const names = Object.keys(fits);
const inputs = Object.values(fits).map((fit) => ({ ...fit, byColumns: true }));

describe.skipIf(!built)('columns over ranks (need a build)', () => {
  let one: Spread[];
  let three: Spread[];
  beforeAll(async () => {
    one = await fitsOnThreads(1, inputs);
    three = await fitsOnThreads(3, inputs);
  });

  test.each([...names.entries()])('%d: %s: the fit of all columns in one place', (k) =>
    asInOnePlace(inputs[k], one[k], three[k]),
  );

  test('the bits of one rank, but for what is a product with all columns at once', () => {
    for (const k of names.keys()) if (!/relaxed/.test(names[k])) expect.soft(three[k], names[k]).toEqual(one[k]);
  });
});
