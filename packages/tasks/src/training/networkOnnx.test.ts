import { tensor } from '@southwell/autodiff';
import { applyGraph, read } from '@southwell/autodiff/nn';
import type { Table } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { taskOf } from '../declaration/registry.ts';
import { runTask } from '../declaration/task.ts';
import { networksSaved } from './model.ts';
import type { TrainResult } from './result.ts';

// The oracle is `predict` on the data: the file takes them as they are.

const n = 40;
const random = new Random(3);
const a = Float64Array.from({ length: n }, () => 500 + 100 * random.normal());
const b = Float64Array.from({ length: n }, () => 0.01 * random.normal());
const columns = [
  { name: 'a', type: 'number', values: a },
  { name: 'b', type: 'number', values: b },
] as const;
const table = (target: Table['columns'][number], more: Partial<Table> = {}): Table => ({
  ...{ name: 't.csv', format: 'csv', rows: n, notes: [], columns: [...columns, target], ...more },
});
const train = async (data: Table, more: object = {}) =>
  (await runTask(
    taskOf('train'),
    { data: 't.csv', target: 'y', hidden: ['6'], epochs: 4, ...more },
    { read: async () => data, signal: new AbortController().signal, progress: () => {} },
  )) as unknown as TrainResult;
const answers = (file: Uint8Array, values: ArrayLike<number>, shape: readonly number[]) => {
  const { model, parameters, state, inputs, outputs } = read(file);
  const x = tensor(Float64Array.from(values), { shape, dtype: 'f32' });
  const made = applyGraph(model, parameters, { [inputs[0].name]: x }, { state })[outputs[0].name];
  return { name: outputs[0].name, values: Array.from(made.data()), shape: made.shape };
};
const networkOnnx = (modelText: string): Uint8Array => {
  const network = networksSaved.load(modelText).network!;
  return network.onnx(network.parameters);
};
const rows = Array.from({ length: n }, (_, i) => [a[i], b[i]]).flat();

describe('the ONNX file of a trained network takes the columns as they are', () => {
  test('numbers of the target', async () => {
    const y = { name: 'y', type: 'number', values: a.map((v, i) => 3 * v + 1000 * b[i]) } as const;
    const { modelText, predictions } = await train(table(y));
    const made = answers(networkOnnx(modelText), rows, [n, 2]);
    expect(made.name).toBe('prediction');
    const expected = predictions.prediction as number[];
    for (const [i, v] of made.values.entries()) expect(Math.abs(v - expected[i])).toBeLessThan(1e-3);
  });

  test('probabilities of classes', async () => {
    const y = { name: 'y', type: 'category', codes: Int32Array.from(b, (v) => Number(v > 0)), levels: ['no', 'yes'] };
    const { modelText, predictions } = await train(table(y as Table['columns'][number]));
    const made = answers(networkOnnx(modelText), rows, [n, 2]);
    expect([made.name, made.shape]).toEqual(['probabilities', [n, 2]]);
    const [no, yes] = ['no', 'yes'].map((level) => predictions[`probability_${level}`] as number[]);
    for (let i = 0; i < n; i++) {
      expect(made.values[2 * i]).toBeCloseTo(no[i], 5);
      expect(made.values[2 * i + 1]).toBeCloseTo(yes[i], 5);
    }
  });

  test('columns in units that are too small for single precision are refused with a sentence', async () => {
    const y = { name: 'y', type: 'number', values: a.map((v) => v * 2 ** -1000) } as const;
    const { modelText } = await train(table(y));
    expect(() => networkOnnx(modelText)).toThrow('which is no single-precision number: change the units');
  });
});
