import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import byQ from './experiments/by-q.ts';
import naive from './experiments/naive.ts';
import rate from './experiments/rate.ts';
import { libraryRun } from './lab.ts';

test('compressed differences reach what random entries of values do not; naive compression against itself does not', async () => {
  expect(await outcomesOf([naive], 11)).toEqual({ 'naive-stalls': 'partly' });
  const values: typeof libraryRun = (comm, problem, options = {}) =>
    libraryRun(comm, problem, options.method === 'masha1' ? { ...options, method: 'ceg' } : options);
  expect(await outcomesOf([naive.withMethod(values)], 11)).toEqual({ 'naive-stalls': 'does not hold' });
}, 120_000);

test('shorter messages pay', async () => {
  expect(await outcomesOf([byQ], 11)).toEqual({ 'by-q': 'holds' });
}, 120_000);

test('the rate holds; with compressed values in place of differences it does not', async () => {
  expect(await outcomesOf([rate], 11)).toEqual({ 'linear-rate': 'holds' });
  const values: typeof libraryRun = (comm, problem, options = {}) =>
    libraryRun(comm, problem, { ...options, method: 'ceg' });
  expect(await outcomesOf([rate.withMethod(values)], 11)).toEqual({ 'linear-rate': 'does not hold' });
});
