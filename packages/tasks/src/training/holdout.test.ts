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

test.each(['mean', 'indicator'] as const)('nor in what fills gaps, nor in categories (%s)', async (missing) => {
  const gaps = (own: Float64Array) => values((i) => (i % 6 === 0 ? Number.NaN : own[i]));
  const codes = Int32Array.from({ length: n }, (_, i) => (i % 11 === 0 ? -1 : i % 3));
  const held = new Set(drawnRows(new Float64Array(n), 0.2, 4));
  const table = (change: (own: Float64Array) => Float64Array, kinds: Int32Array): Table => ({
    ...tableOf({ x: change(gaps(x)), z, y }),
    columns: [
      ...tableOf({ x: change(gaps(x)), z, y }).columns,
      { name: 'kind', type: 'category', codes: kinds, levels: ['a', 'b', 'c', 'd'] },
    ],
  });
  const run = (of: Table) =>
    runTask(
      taskOf('train'),
      { data: 't.csv', target: 'y', hidden: ['8'], epochs: 5, seed: 4, holdout: 0.2, missing },
      { read: async () => of, signal: new AbortController().signal, progress: () => {} },
    ) as unknown as Promise<TrainResult>;
  const plain = await run(table((own) => own, codes));
  // Held-out rows far away, of a level of their own.
  const away = values((i) => (held.has(i) ? 1000 + i : Number.NaN));
  const strange = await run(
    table(
      (own) => own.map((v, i) => (held.has(i) ? away[i] : v)),
      codes.map((k, i) => (held.has(i) ? 3 : k)),
    ),
  );
  const [one, other] = [plain, strange].map(({ modelText }) => openNetwork(modelText).saved);
  expect(other.network).toEqual(one.network);
  expect(other.encoding).toEqual(one.encoding);
  expect(strange.history).toEqual(plain.history);
  // Level d occurs in held-out rows only.
  expect(other.encoding.featureNames).not.toContain('kind=d');
  const kept = Array.from({ length: n }, (_, i) => i).filter((i) => !held.has(i));
  const fill = one.encoding.features[0].fill as number;
  const validation = plain.validation;
  expect(validation).toBeGreaterThan(0);
  // The mean of the training rows is near that of all kept rows, but validation rows are not in it.
  const known = kept.map((i) => gaps(x)[i]).filter((v) => !Number.isNaN(v));
  expect(Math.abs(fill - known.reduce((sum, v) => sum + v / known.length, 0))).toBeLessThan(0.2);
});

test('as many as leave no row are refused', async () => {
  await expect(train(tableOf({ x, z, y }), 0.001)).rejects.toThrow(
    /holdout 0.001 of t.csv, which has 90 rows, leaves no row to hold out/,
  );
  await expect(train(tableOf({ x, z, y }), 0.999)).rejects.toThrow(/leaves no row for training/);
});
