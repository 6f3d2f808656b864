import type { Column, Table } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { taskOf } from '../declaration/registry.ts';
import { runTask } from '../declaration/task.ts';
import { drawnRows } from '../spread/drawnRows.ts';
import { openNetwork } from './model.ts';
import type { TrainResult } from './result.ts';

const random = new Random(5);
const n = 90;
const values = (of: (i: number) => number) => Float64Array.from({ length: n }, (_, i) => of(i));
const x = values(() => random.normal());
const z = values(() => random.normal());
const y = values((i) => 2 * x[i] - z[i] + 0.1 * random.normal());
const tableOf = (all: Readonly<Record<string, Float64Array>>): Table => ({
  ...{ name: 't.csv', format: 'csv', rows: n, notes: [] },
  columns: Object.entries(all).map(([name, own]): Column => ({ name, type: 'number', values: own })),
});
const train = async (table: Table, holdout?: number) =>
  (await runTask(
    taskOf('train'),
    { data: 't.csv', target: 'y', hidden: ['8'], epochs: 5, seed: 4, holdout },
    {
      ...{ read: async () => table, signal: new AbortController().signal, progress: () => {} },
    },
  )) as unknown as TrainResult;
const networkOf = ({ modelText }: TrainResult) => openNetwork(modelText).saved.network;

test('rows held out have no part in the network, and alone in its score', async () => {
  const plain = await train(tableOf({ x, z, y }), 0.2);
  expect([plain.holdout, plain.validation, plain.score?.rows]).toEqual([18, 7, 18]);
  const held = new Set(drawnRows(new Float64Array(n), 0.2, 4));
  const without = (own: Float64Array) => values((i) => (held.has(i) ? 1000 + i : own[i]));
  const strange = await train(tableOf({ x: without(x), z: without(z), y: without(y) }), 0.2);
  expect(networkOf(strange)).toEqual(networkOf(plain));
  expect(strange.history).toEqual(plain.history);
  expect(strange.score?.value).not.toBe(plain.score?.value);
  const predicted = plain.predictions.prediction as number[];
  const mean = [...held].reduce((sum, i) => sum + y[i] / held.size, 0);
  const squares = (of: (i: number) => number) => [...held].reduce((sum, i) => sum + (y[i] - of(i)) ** 2, 0);
  expect(plain.score?.value).toBeCloseTo(1 - squares((i) => predicted[i]) / squares(() => mean), 12);
  expect(plain.worst.every(({ row }) => held.has(row - 1))).toBe(true);
});

test('as many as leave no row are refused', async () => {
  await expect(train(tableOf({ x, z, y }), 0.001)).rejects.toThrow(
    /holdout 0.001 of t.csv, which has 90 rows, leaves no row to hold out/,
  );
  await expect(train(tableOf({ x, z, y }), 0.999)).rejects.toThrow(/leaves no row for training/);
});
