import type { Column, Table } from '@southwell/data';
import { inOnePlace } from '@southwell/numerics/core';
import { DenseMatrix } from 'southwell';
import { expect, test } from 'vitest';
import { runTask, taskOf } from './index.ts';
import { scaleNotes } from './scales.ts';

const n = 40;
const wave = (step: number, size: number) =>
  Float64Array.from({ length: n }, (_, i) => size * (1 + Math.sin(step * i)));
const notesOf = (...sizes: number[]) => {
  const X = DenseMatrix.fromRows(Array.from({ length: n }, (_, i) => sizes.map((s, j) => s * Math.sin((j + 1) * i))));
  return scaleNotes(X, inOnePlace(n), ['a', 'b', 'c'], 'distances', (name) => `--${name}`);
};

test('columns whose scales differ by more than a thousand are told, constant ones do not count', () => {
  expect(notesOf(1, 500, 0)).toEqual([]);
  expect(notesOf(0, 0)).toEqual([]);
  const [note] = notesOf(1, 5000, 0);
  expect(note).toMatch(
    /^Columns have standard deviations from 0\.7\d* \(a\) to 3\d{3}.* \(b\), so that b dominates distances: --standardize/,
  );
});

test.each([
  ['cluster', { k: 2 }, true],
  ['cluster', { k: 2, standardize: true }, false],
  ['cluster', { k: 2, method: 'mixture' }, false],
  ['factor svd', { components: 1 }, true],
  ['factor sparse-pca', { components: 1 }, true],
  ['factor nmf', { components: 1 }, false],
])('southwell %s %o: told %s', async (verb, asked, told) => {
  const columns = [wave(1, 1), wave(2, 1e5)].map((values, j): Column => ({ name: 'ab'[j], type: 'number', values }));
  const table: Table = { name: 't.csv', format: 'csv', rows: n, columns, notes: [] };
  const tools = { read: async () => table, signal: new AbortController().signal, progress: () => {} };
  const { notes } = (await runTask(taskOf(verb), { data: 't.csv', ...asked }, tools)) as unknown as { notes: string[] };
  expect(notes.some((note) => note.startsWith('Columns have standard deviations'))).toBe(told);
});
