/** Fits without a penalty: reference levels of categories, and classes that no finite coefficients fit. */
import { readTable, type Table } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { runTask, taskOf } from '../index.ts';
import type { FitResult } from './result.ts';

const random = new Random(6);
const n = 80;
const levels = ['u', 'v', 'w', 'x'];
const rows = Array.from({ length: n }, (_, i) => {
  const a = random.normal();
  const y = 2 * a + (i % 4) + 0.3 * random.normal();
  return { a, kind: levels[i % 4], y, apart: a > 0 ? 'yes' : 'no', mixed: a + random.normal() > 0 ? 'yes' : 'no' };
});
const csv = `a,kind,y,apart,mixed,three\n${rows.map(({ a, kind, y, apart, mixed }) => [a, kind, y, apart, mixed, a < -0.5 ? 'l' : a < 0.5 ? 'm' : 'h'].join()).join('\n')}\n`;
const read = () => readTable(new Blob([csv]), { name: 't.csv' });
const fit = async (table: Table, request: object) =>
  (await runTask(
    taskOf('fit'),
    { data: 't.csv', alpha: 0, ...request },
    { read: async () => table, signal: new AbortController().signal, progress: () => {} },
  )) as unknown as FitResult;

test('coefficients of categories are differences to a reference level, as group means have them', async () => {
  const found = await fit(await read(), { target: 'y', features: ['kind'] });
  const mean = (level: string) => {
    const own = rows.filter(({ kind }) => kind === level);
    return own.reduce((sum, { y }) => sum + y / own.length, 0);
  };
  const of = Object.fromEntries(found.model.coefficients.map(({ name, value }) => [name, value]));
  expect(Object.keys(of).sort()).toEqual(['kind=v', 'kind=w', 'kind=x']);
  expect(found.model.intercept).toBeCloseTo(mean('u'), 4);
  for (const level of ['v', 'w', 'x']) expect(of[`kind=${level}`]).toBeCloseTo(mean(level) - mean('u'), 4);
  expect(found.data.notes).toContain(
    'Without a penalty, coefficients of categories are differences to these levels: kind=u.',
  );
  const penalised = await fit(await read(), { target: 'y', features: ['kind'], alpha: 0.01 });
  expect([penalised.data.features, penalised.data.notes]).toEqual([4, []]);
});

test.each([
  ['apart', ['a'], 'unbounded'],
  ['apart', ['a', 'kind'], 'unbounded'],
  // Each interval of a has a linear function that is the largest in it.
  ['three', ['a'], 'unbounded'],
  ['mixed', ['a'], 'converged'],
])('classes %s by %j: %s', async (target, features, status) => {
  const found = await fit(await read(), { target, features });
  expect([found.status, found.fit.status]).toEqual([status, status]);
  if (status === 'unbounded')
    expect(found.fit.message).toMatch(/^No finite estimate: the features separate the classes/);
  const penalised = await fit(await read(), { target, features, alpha: 1e-3 });
  expect(penalised.status).toBe('converged');
});
