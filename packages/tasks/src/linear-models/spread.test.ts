import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { threads } from '@southwell/distributed';
import { beforeAll, describe, expect, test } from 'vitest';
import { fitSpread, type Spread, type SpreadFit } from './testing.ts';

// Workers run what was built.
const module = new URL('../../dist/linear-models/testing.js', import.meta.url);

const [rows, columns] = [300, 12];
const fits: Readonly<Record<string, SpreadFit>> = {
  'lasso, dense': { model: 'lasso', rows, columns, options: { alpha: 0.05, standardize: true } },
  'lasso, sparse, weights': {
    model: 'lasso',
    rows,
    columns: 40,
    sparse: true,
    weights: true,
    options: { alpha: 0.01 },
  },
  'lasso, wide': { model: 'lasso', rows: 100, columns: 400, options: { alpha: 0.05 } },
  'ridge, offset': { model: 'ridge', rows, columns, offset: true, options: { alpha: 0.1, standardize: true } },
  'logistic, dense': { model: 'logistic', rows, columns, weights: true, options: { alpha: 0.01, l1Ratio: 0.5 } },
  'logistic, sparse': {
    model: 'logistic',
    rows,
    columns: 40,
    sparse: true,
    options: { alpha: 0.005, standardize: true },
  },
  'poisson, offset': { model: 'poisson', rows, columns, offset: true, options: { alpha: 0.01 } },
  'huber, no intercept': { model: 'huber', rows, columns, options: { alpha: 0.01, fitIntercept: false } },
  mcp: { model: 'mcp', rows, columns, options: { alpha: 0.1, standardize: true } },
  'l1/2': { model: 'l1/2', rows, columns, options: { alpha: 0.1, standardize: true } },
  'proximal gradient': {
    model: 'lasso',
    rows,
    columns,
    options: { alpha: 0.05, solver: 'proximal-gradient', tol: 1e-8 },
  },
  'five rows': { model: 'lasso', rows: 5, columns: 3, options: { alpha: 0.1 } },
  'lasso, path': { model: 'lasso', rows, columns, mode: 'path' },
  'logistic, path': { model: 'logistic', rows, columns, mode: 'path', weights: true },
  'lasso, folds': { model: 'lasso', rows, columns, mode: 'cv' },
  'lasso, sparse, folds, weights': {
    model: 'lasso',
    rows,
    columns,
    mode: 'cv',
    sparse: true,
    weights: true,
    scoring: 'r2',
  },
  'logistic, folds': { model: 'logistic', rows, columns, mode: 'cv', options: { standardize: true } },
  'logistic, folds by ranks of scores': { model: 'logistic', rows, columns, mode: 'cv', scoring: 'rocAuc' },
  // Its start is at the solution for a part of the rows.
  'logistic, many rows': { model: 'logistic', rows: 12_000, columns: 4, options: { alpha: 0.001 } },
  'logistic, many rows, some left out': {
    model: 'logistic',
    rows: 12_500,
    columns: 4,
    dropped: true,
    options: { alpha: 0.001 },
  },
  'lasso, folds, rows left out': { model: 'lasso', rows, columns, dropped: true, mode: 'cv' },
  multinomial: { model: 'multinomial', rows, columns, weights: true, options: { alpha: 0.01, standardize: true } },
  'multinomial, folds, sparse': {
    model: 'multinomial',
    rows,
    columns,
    mode: 'cv',
    sparse: true,
    options: { l1Ratio: 0.5 },
  },
  'group lasso, offset': {
    model: 'group-lasso',
    rows,
    columns,
    offset: true,
    options: { groups: 3, alpha: 0.02, l1Ratio: 0.3 },
  },
  'group lasso, logistic, folds': { model: 'group-logistic', rows, columns, mode: 'cv', options: { groups: 4 } },
  'poisson, folds': { model: 'poisson', rows, columns, mode: 'cv', weights: true, scoring: 'mae' },
};
const names = Object.keys(fits);
// The tolerance is far below what is compared.
const inputs = names.map((name) => ({ ...fits[name], options: { tol: 1e-12, ...fits[name].options } }));

const largest = (values: readonly number[]) => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

async function onRanks(ranks: number, input: readonly SpreadFit[]): Promise<Spread[]> {
  const all = await threads<readonly SpreadFit[], Spread[]>(module, { ranks, input });
  for (const one of all) expect(one).toEqual(all[0]);
  return all[0];
}

describe.skipIf(!existsSync(fileURLToPath(module)))('rows over ranks (need a build)', () => {
  let alone: Spread[];
  beforeAll(async () => {
    alone = await onRanks(1, inputs);
  });

  // 300 rows make 19 chunks, 5 rows one: most ranks have none of these.
  test.each([2, 3, 5])('%d ranks have the bits of one', async (ranks) => {
    // Several threads on few cores wait most of the time.
    const some = [...inputs.keys()].filter((k) => ranks === 2 || inputs[k].mode === undefined);
    const many = await onRanks(
      ranks,
      some.map((k) => inputs[k]),
    );
    for (const [at, k] of some.entries()) expect(many[at], names[k]).toEqual(alone[k]);
  });

  test.each([...names.entries()])('%d: %s: the fit of all rows in one place', async (k) => {
    const plain = await fitSpread(inputs[k]);
    expect(alone[k].status).toBe(plain.status);
    for (const part of ['coef', 'intercept', 'alphas', 'numbers'] as const) {
      const size = largest(plain[part]);
      expect(alone[k][part]).toHaveLength(plain[part].length);
      for (const [i, value] of alone[k][part].entries()) {
        expect(Math.abs(value - plain[part][i]), `${part} ${i}`).toBeLessThanOrEqual(1e-10 * size);
      }
    }
  });
});
