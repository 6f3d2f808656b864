import * as ad from '@southwell/autodiff';
import { saveModel } from '@southwell/autodiff/nn';
import { type Column, type Table, writeSafetensors } from '@southwell/data';
import { encodePlain, Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { taskOf } from '../declaration/registry.ts';
import { runTask } from '../declaration/task.ts';
import { networksSaved, openNetwork } from './model.ts';
import type { TrainResult } from './result.ts';

/** Data and files at the edge of what a network can take: each has its sentence, or an answer that is true. */

const random = new Random(9);
const n = 60;
const values = (of: (i: number) => number) => Float64Array.from({ length: n }, (_, i) => of(i));
const x = values(() => random.normal());
const z = values(() => random.normal());
const numbers = (all: Readonly<Record<string, Float64Array>>): Column[] =>
  Object.entries(all).map(([name, own]) => ({ name, type: 'number', values: own }));
const words = (name: string, of: (i: number) => string, count = n): Column => {
  const all = Array.from({ length: count }, (_, i) => of(i));
  const levels = [...new Set(all)].sort();
  return { name, type: 'category', codes: Int32Array.from(all, (word) => levels.indexOf(word)), levels };
};
const tableOf = (columns: readonly Column[], more: Partial<Table> = {}): Table => ({
  ...{ name: 't.csv', format: 'csv', rows: n, notes: [], columns, ...more },
});
const train = async (table: Table, more: object = {}) =>
  (await runTask(
    taskOf('train'),
    { data: 't.csv', target: 'y', hidden: ['8'], epochs: 3, ...more },
    { read: async () => table, signal: new AbortController().signal, progress: () => {} },
  )) as unknown as TrainResult;
const kinds = words('y', (i) => (x[i] > 0 ? 'p' : 'q'));

test('a target and a column whose squares are no doubles are learned as in other units', async () => {
  const small = await train(tableOf(numbers({ x: x.map((v) => v * 2 ** -1000), z, y: x.map((v) => v * 2 ** -1000) })));
  const usual = await train(tableOf(numbers({ x, z, y: x })));
  expect(small.data.targetSd).toBe(usual.data.targetSd! * 2 ** -1000);
  expect(small.history).toEqual(usual.history);
  for (const [i, value] of (usual.predictions.prediction as number[]).entries()) {
    expect((small.predictions.prediction[i] as number) * 2 ** 1000).toBeCloseTo(value, 12);
  }
});

test('a row for which a network gives no number has no prediction, and is told', async () => {
  const { modelText } = await train(tableOf([...numbers({ x, z }), kinds]));
  const model = networksSaved.load(modelText);
  const far = tableOf([...numbers({ x: values((i) => (i === 7 || i === 9 ? 1e300 : x[i])), z }), kinds]);
  const near = model.predict(tableOf([...numbers({ x, z }), kinds]), { proba: true });
  const { columns, predicted, score, counted } = model.predict(far, { proba: true });
  expect([predicted, score?.rows, Object.values(counted!)]).toEqual([n - 2, n - 2, [2]]);
  expect(Object.keys(counted!)[0]).toMatch(/no prediction/);
  for (const name of ['prediction', 'probability_p', 'probability_q']) {
    const expected = near.columns[name].map((value, i) => (i === 7 || i === 9 ? null : value));
    expect(columns[name]).toEqual(expected);
  }
  const number = await train(tableOf(numbers({ x, z, y: z })));
  const found = networksSaved.load(number.modelText).predict(far, {});
  expect([found.predicted, found.columns.prediction[7], found.columns.prediction[9]]).toEqual([n - 2, null, null]);
});

test('a saved network whose weights or classes cannot be is refused', async () => {
  const { modelText } = await train(tableOf([...numbers({ x, z }), kinds]));
  const { saved, model } = openNetwork(modelText);
  const weight = model.parameters['0.weight'];
  const bad = weight.data().slice();
  bad[3] = Number.NaN;
  const parameters = { ...model.parameters, '0.weight': ad.tensor(bad, { shape: [...weight.shape], dtype: 'f32' }) };
  const altered = (change: object) => () => networksSaved.load(encodePlain({ ...saved, ...change }));
  expect(altered({ network: writeSafetensors(saveModel(model.layer, parameters, { state: model.state })) })).toThrow(
    "its weights '0.weight' contain values that are not finite numbers.",
  );
  expect(altered({ target: { kind: 'classes', labels: ['p', 'p'] } })).toThrow(
    'its field target.labels does not match the format southwell-network',
  );
  expect(altered({})).not.toThrow();
});

test('too many classes are refused with what to do, words and numbers', async () => {
  await expect(train(tableOf([...numbers({ x, z }), words('y', (i) => `k${i % 30}`)]))).rejects.toThrow(
    /too many for classes\. There may be at most one class per five rows: exclude the rows of rare classes/,
  );
  await expect(train(tableOf(numbers({ x, z, y: x })), { predicts: 'classes' })).rejects.toThrow(
    /too many for classes\. Predict the number with predicts numbers\./,
  );
});

test('classes that are whole numbers beyond 2^53 may have been rounded to each other, which is told', async () => {
  const large = (of: (i: number) => number) => tableOf(numbers({ x, z, y: values(of) }));
  await expect(train(large(() => 2 ** 53))).rejects.toThrow(
    /in every row, so there is nothing to predict\. Whole numbers above 2\^53 are rounded.*: types y=category keeps them/,
  );
  const { data } = await train(large((i) => 2 ** 53 + (i % 2 === 0 ? 0 : 4)));
  expect(data.notes.join()).toMatch(/Classes of 'y' are whole numbers above 2\^53, which are rounded/);
  expect((await train(large((i) => i % 2))).data.notes).toEqual([]);
});

test('a network that no memory holds is refused by a sentence', async () => {
  await expect(train(tableOf([...numbers({ x, z }), kinds]), { hidden: ['100000', '100000'] })).rejects.toThrow(
    /do not fit into memory.*: use smaller layers or a smaller batch\./,
  );
});

test('images that lie otherwise than is said: channels first, other heights and widths', async () => {
  const pixels = Array.from({ length: 48 }, (_, j) => [`x${j + 1}`, values(() => random.normal())] as const);
  const columns = [...numbers(Object.fromEntries(pixels)), kinds];
  const asked = async (image: string, more: Partial<Table>) =>
    train(tableOf(columns, more), { image: [image], filters: ['2'] });
  await expect(asked('4x4x3', { shape: [n, 3, 4, 4] })).rejects.toThrow(
    't.csv contains images of 3 × 4 × 4, not 4 × 4 × 3 as requested with image: channels must come last',
  );
  await expect(asked('6x8', { images: { height: 8, width: 6, channels: 1 } })).rejects.toThrow(
    't.csv contains images of 8 × 6 × 1, not 6 × 8 as requested with image: give their actual size.',
  );
  for (const [image, more] of [
    ['4x4x3', { shape: [n, 4, 4, 3] }],
    ['6x8', { shape: [n, 1, 6, 8] }],
    ['6x8', { shape: [n, 6, 8, 1] }],
    ['6x8', {}],
  ] as const) {
    expect((await asked(image, more)).network.layers).toMatch(/2 filters of 3 × 3/);
  }
});
