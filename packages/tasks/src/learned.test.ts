/** What is learned from rows is learned without those that are held out. */
import { applyEncoding, designMatrix, readTable, type Table, tableRows } from '@southwell/data';
import { inOnePlace, Random } from '@southwell/numerics/core';
import { lasso, linearModels } from 'southwell/linear-models';
import { expect, test } from 'vitest';
import { runTask, taskOf } from './index.ts';
import { refilledFolds } from './learned.ts';
import type { FitResult } from './linear-models/result.ts';

const random = new Random(8);
const n = 60;
const foldOf = Int32Array.from({ length: n }, (_, i) => i % 4);
/** Gaps in two columns, a category with gaps, and a fold whose values are far from those of the others. */
const lines = Array.from({ length: n }, (_, i) => {
  const far = foldOf[i] === 2 ? 50 : 0;
  const [a, b] = [random.normal() + far, random.normal()];
  const kind = i % 7 === 0 ? '' : far > 0 || i % 3 === 0 ? 'u' : 'v';
  const label = a - b + random.normal() > far ? 'yes' : 'no';
  return [i % 5 === 0 ? '' : a, i % 9 === 0 ? '' : b, kind, a + 2 * b + random.normal(), label, `f${foldOf[i]}`];
});
const read = () =>
  readTable(new Blob([`a,b,kind,y,label,fold\n${lines.map((line) => line.join()).join('\n')}\n`]), { name: 't.csv' });
const tools = (table: Table) => ({
  ...{ read: async () => table, signal: new AbortController().signal, progress: () => {} },
});

test.each([
  ['mean', false],
  ['indicator', true],
  ['mean', true],
] as const)('folds are filled by %s without what they hold: as if each were new data', async (missing, sparse) => {
  const table = await read();
  const options = { target: 'y', features: ['a', 'b', 'kind'], missing, sparse };
  const design = designMatrix(table, options);
  const alphas = [0.5, 0.1, 0.02];
  const foldMatrix = refilledFolds(table, design, inOnePlace(n))!;
  const found = await lasso().crossValidate(design.X, design.y!, { foldOf, alphas, foldMatrix });
  for (let fold = 0; fold < 4; fold++) {
    const [out, kept] = [true, false].map((is) => [...foldOf.keys()].filter((i) => (foldOf[i] === fold) === is));
    const training = designMatrix(tableRows(table, kept), options);
    const path = lasso().path(training.X, training.y!, { alphas });
    const held = applyEncoding(tableRows(table, out), training.encoding);
    path.models.forEach((model, k) => {
      const predicted = model.predict(held.X);
      const error = held.y!.reduce((sum, v, i) => sum + (v - predicted[i]) ** 2 / out.length, 0);
      expect(found.folds[fold][k] / error).toBeCloseTo(1, 5);
    });
  }
  const leaking = await lasso().crossValidate(design.X, design.y!, { foldOf, alphas });
  expect(Math.abs(leaking.folds[2][2] / found.folds[2][2] - 1)).toBeGreaterThan(0.01);
});

test('nothing is made anew without gaps, or where rows with gaps are left out', async () => {
  const table = await read();
  const of = (features: string[], missing: 'mean' | 'drop-rows') =>
    refilledFolds(table, designMatrix(table, { target: 'y', features, missing }), inOnePlace(n));
  expect(of(['y', 'fold'].slice(1), 'mean')).toBeUndefined();
  expect(of(['a', 'b'], 'drop-rows')).toBeUndefined();
  expect(of(['a'], 'mean')).toBeDefined();
});

test.each([
  ['products', { interactions: 2 }, { interactions: 2 as const }],
  ['a model of classes', { target: 'label', model: 'logistic' }, {}],
  ['numbers', {}, {}],
])('southwell fit does so with %s', async (_, asked, more) => {
  const table = await read();
  const target = 'target' in asked ? asked.target : 'y';
  const drop = ['y', 'label'].filter((name) => name !== target);
  const alphas = [0.5, 0.1, 0.02];
  const request = {
    data: 't.csv',
    target,
    drop,
    foldColumn: 'fold',
    missing: 'mean',
    alphas,
    model: 'lasso',
    ...asked,
  };
  const { crossValidation: found } = (await runTask(taskOf('fit'), request, tools(table))) as unknown as FitResult;
  const options = { target, features: ['a', 'b', 'kind'], missing: 'mean' as const, ...more };
  const design = designMatrix(table, options);
  const foldMatrix = refilledFolds(table, design, inOnePlace(n))!;
  const y = 'model' in asked ? Array.from(design.y!, (k) => design.classes![k]) : design.y!;
  const estimator = 'model' in asked ? linearModels.logistic.make({}) : lasso();
  const { mean } = await estimator.crossValidate(design.X, y as never, { foldOf, alphas, foldMatrix });
  expect(found!.mean).toEqual([...mean]);
  const leaking = await estimator.crossValidate(design.X, y as never, { foldOf, alphas });
  expect(found!.mean).not.toEqual([...leaking.mean]);
});
