/** Rows held out of a fit: what the fit sees of them is nothing. */

import { readTable, type Table } from '@southwell/data';
import { inOnePlace } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { runTask, taskOf } from '../index.ts';
import { splitTable } from './holdout.ts';
import type { FitRequest } from './options.ts';
import { linearSaved } from './predict.ts';
import type { FitResult } from './result.ts';

const n = 90;
const lines = Array.from({ length: n }, (_, i) => {
  const [a, b] = [((i * 37) % 23) / 10, ((i * 17) % 29) / 10];
  const kind = i % 9 === 0 ? 'rare' : i % 3 === 0 ? 'some' : 'most';
  return [
    i % 7 === 0 ? '' : a,
    b,
    ['x', 'y', 'z'][i % 4] ?? '',
    a - b + ((i * 7) % 5) / 10,
    kind,
    1 + (i % 3),
    i % 5 > 0 ? 1 : 0,
  ];
});
const csv = `a,b,c,y,kind,t,seen\n${lines.map((line) => line.join()).join('\n')}\n`;
const read = () => readTable(new Blob([csv]), { name: 'rows.csv' });
const spell = (option: string) => `--${option}`;
const tools = (table: Table) => ({
  read: async () => table,
  signal: new AbortController().signal,
  progress: () => {},
});
const fit = async (table: Table, request: object) =>
  (await runTask(taskOf('fit'), { data: 'rows.csv', ...request }, tools(table))) as unknown as FitResult;
const split = (table: Table, request: object, share: number) =>
  splitTable(
    table,
    { data: 'rows.csv', missing: 'error', ...request } as FitRequest,
    share,
    spell,
    inOnePlace(table.rows),
  );

test.each([
  ['numbers', { target: 'y', drop: ['kind', 't', 'seen'], alpha: 0.01 }, 'R²'],
  ['classes', { target: 'kind', drop: ['y', 't', 'seen'], alpha: 0.01 }, 'accuracy'],
  ['a weighted path', { target: 'y', drop: ['kind', 'seen'], weights: 't', path: true, model: 'lasso' }, 'R²'],
  ['folds', { target: 'y', drop: ['kind', 't', 'seen'], cv: 3, nAlphas: 10, standardize: true }, 'R²'],
])('of %s: the fit on the others, and what its file predicts', async (_, asked, name) => {
  const request = { ...asked, missing: 'mean', seed: 5 };
  const table = await read();
  const whole = await fit(table, { ...request, holdout: 0.2 });
  const { fit: seen, held } = split(table, request, 0.2);
  expect([seen.rows, held.rows, whole.data.rows, whole.holdout?.rows]).toEqual([72, 18, 72, 18]);
  const { seed: _seed, ...rest } = request;
  const apart = await fit(seen, 'cv' in request ? request : rest);
  const extraOf = ({ modelText }: FitResult) => {
    const { extra, report, ...model } = JSON.parse(modelText);
    return { ...model, encoding: extra.encoding, path: extra.path, message: report.message };
  };
  expect(extraOf(whole)).toEqual(extraOf(apart));
  const { score } = linearSaved.load(apart.modelText).predict(held, {});
  expect(score?.name).toBe(name);
  expect(whole.holdout?.score).toEqual({ name, value: score?.value, rows: score?.rows });
});

test('classes and events keep their shares, the seed draws, and a class keeps a row', async () => {
  const table = await read();
  const request = { target: 'kind', drop: ['y'], missing: 'mean' };
  const kinds = (part: Table) => {
    const column = part.columns.find((c) => c.name === 'kind')!;
    if (column.type === 'number') throw new Error('not words');
    return Object.fromEntries(
      column.levels.map((level, k) => [level, column.codes.filter((code) => code === k).length] as const),
    );
  };
  // Of 10, 20 and 60 rows.
  expect(kinds(split(table, request, 0.3).held)).toEqual({ rare: 3, some: 6, most: 18 });
  expect(split(table, request, 0.3).held).toEqual(split(table, { ...request, seed: 0 }, 0.3).held);
  expect(split(table, request, 0.3).held).not.toEqual(split(table, { ...request, seed: 1 }, 0.3).held);
  const fitted = kinds(split(table, request, 0.98).fit);
  expect(Object.keys(fitted).sort()).toEqual(['most', 'rare', 'some']);
  const survival = split(table, { model: 'cox', time: 't', event: 'seen', drop: ['kind', 'y'], missing: 'mean' }, 0.5);
  expect(Array.from(survival.survival!.event).filter((e) => e === 1)).toHaveLength(36);
  const cox = await fit(table, {
    ...{ model: 'cox', time: 't', event: 'seen', drop: ['kind', 'y'], missing: 'mean' },
    ...{ alpha: 0.01, holdout: 0.5 },
  });
  expect(cox.holdout?.score).toMatchObject({ name: 'concordance', rows: 45 });
});

test('rows are counted as in the whole table, and gaps of rows held out cost them their prediction', async () => {
  const table = await read();
  const request = { target: 'y', drop: ['kind', 't', 'seen'], alpha: 0.01, holdout: 0.5 };
  await expect(fit(table, { ...request, features: ['a'] })).rejects.toThrow(/column 'a' has no value in row 1\./);
  const { holdout, data } = await fit(table, { ...request, missing: 'drop-rows' });
  const lost = lines.filter(([a, , c]) => a === '' || c === '').length;
  expect(holdout!.predicted + data.rows).toBe(n - lost);
  expect(holdout!.notes.join()).toMatch(/of 45 rows lack a value/);
});

test('five rows, a matrix without names, and shares that leave nothing', async () => {
  const five = await readTable(new Blob(['a,y\n1,2\n2,4.5\n3,6\n5,9\n4,8.1\n']), { name: 'five.csv' });
  const told = await fit(five, { target: 'y', alpha: 0.1, holdout: 0.2, seed: 3 });
  expect([told.data.rows, told.holdout?.rows]).toEqual([4, 1]);
  await expect(fit(five, { target: 'y', alpha: 0.1, holdout: 0.05 })).rejects.toThrow(/leaves no row to hold out/);
  await expect(fit(five, { target: 'y', alpha: 0.1, holdout: 0.95 })).rejects.toThrow(/leaves no row for the fit/);
  await expect(fit(five, { target: 'y', alpha: 0.1, seed: 1 })).rejects.toThrow(/seed cannot be combined with alpha/);
  const text = lines.map(([, b, , y], i) => `${y} 1:${b} ${i % 3 ? `3:${i % 4}` : ''}`).join('\n');
  const matrix = await readTable(new Blob([`${text}\n`]), { name: 'rows.svm' });
  const sparse = await fit(matrix, { alpha: 0.01, holdout: 0.2 });
  expect([sparse.data.rows, sparse.holdout?.score?.rows]).toEqual([72, 18]);
});

// calibration_curve(n_bins=10) and confusion_matrix of scikit-learn 1.4.2, of the probabilities of this fit.
test('classes and calibration of the rows that were fitted, or held out', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => {
    const [a, b, c] = [((i * 37) % 23) / 10, ((i * 17) % 29) / 10, ((i * 11) % 13) / 10];
    return [a, b, c, a - b + ((i * 7) % 5) / 10 > 0.8 ? 'yes' : 'no'].join();
  });
  const table = await readTable(new Blob([`a,b,c,two\n${rows.join('\n')}\n`]), { name: 'rows.csv' });
  const { classification } = await fit(table, { target: 'two', alpha: 0.02, tol: 1e-12 });
  expect(classification).toMatchObject({
    rows: 'fitted',
    labels: ['no', 'yes'],
    confusion: [
      [49, 0],
      [4, 7],
    ],
  });
  const [{ label, bins }] = classification!.calibration!;
  expect(label).toBe('yes');
  expect(bins.map((b) => b.observed)).toEqual(
    [0, 0, 0.166667, 0.5, 0.666667, 1, 1, 1, 1, 1].map((v) => expect.closeTo(v, 5)),
  );
  expect(bins.map((b) => b.predicted)).toEqual(
    [0.023084, 0.141085, 0.242998, 0.329318, 0.459788, 0.54597, 0.672907, 0.723553, 0.834059, 0.930962].map((v) =>
      expect.closeTo(v, 5),
    ),
  );
  const apart = await fit(table, { target: 'two', alpha: 0.02, holdout: 0.25 });
  expect(apart.classification?.rows).toBe('held out');
  const all = apart.classification!.confusion;
  expect(all.flat().reduce((s, v) => s + v, 0)).toBe(15);
  expect((all[0][0] + all[1][1]) / 15).toBeCloseTo(apart.holdout!.score!.value, 12);
  const svc = await fit(table, { target: 'two', alpha: 0.02, model: 'svc' });
  expect(svc.classification?.calibration).toBeUndefined();
  expect((await fit(table, { target: 'a', drop: ['two'], alpha: 1 })).classification).toBeUndefined();
});
