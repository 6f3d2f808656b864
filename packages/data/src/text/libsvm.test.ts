import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTable } from '../read-table.ts';
import type { Table } from '../table.ts';
import { bytesOf, chunked, expectFailure } from '../testing.ts';

const read = (text: string, options = {}) => readTable(bytesOf(text), { name: 'd.svm', ...options });
const dense = ({ sparse }: Table) => {
  const { X } = sparse!;
  const d = X.toDense();
  return Array.from({ length: X.rows }, (_, i) => Array.from({ length: X.cols }, (_, j) => d.get(i, j)));
};

test('labels, comments, query ids, blank rows, indices from 1', async () => {
  const table = await read('# made by hand\n+1 1:0.5 3:-2e-1 # first\n\n-1 qid:7 2:4\r\n 2.5\t\n0 3:1');
  expect(dense(table)).toEqual([
    [0.5, 0, -0.2],
    [0, 4, 0],
    [0, 0, 0],
    [0, 0, 1],
  ]);
  expect(Array.from(table.sparse!.y!)).toEqual([1, -1, 2.5, 0]);
  expect(table.notes).toEqual(['Query ids (qid) were ignored.']);
});

test('indices from 0 are detected, or as told', async () => {
  const text = '1 0:1 2:3\n0 1:2\n';
  expect(dense(await read(text))).toEqual([
    [1, 0, 3],
    [0, 2, 0],
  ]);
  expect((await read('1 1:1\n', { zeroBased: true })).sparse!.X.cols).toBe(2);
  await expectFailure(read(text, { zeroBased: false }), /index 0/);
});

test('faults have line and column', async () => {
  await expectFailure(read('1 1:1\n1 3:1 2:1\n'), /d\.svm, line 2: index 2 comes after 3/);
  await expectFailure(read('1 1:1\n1 2:1 2:1\n'), /line 2: index 2 comes after 2/);
  await expectFailure(read('1,2 1:1\n'), /line 1 has a list of labels/);
  await expectFailure(read('1 1:1\nspam 1:1\n'), /line 2, column 1 has "spam" where a label/);
  await expectFailure(read('1 1:1\n1 1:x\n'), /line 2, column 3 has "1:x", where the value is not a number/);
  await expectFailure(read('1 1:1\n1 a:1\n'), /line 2, column 3 has "a:1" where index:value/);
  await expectFailure(read('1 1:1\n1 7\n'), /line 2, column 3 has "7" where index:value/);
  await expectFailure(read('1 1:1\n1:1 2:1\n'), /where a label should be/);
  await expectFailure(read('# nothing\n', { format: 'libsvm' }), /no rows/);
  await expectFailure(read('1 999999999999:1\n'), /too large/);
});

test('any sparse matrix comes back, however the bytes are cut', async () => {
  const rows = fc.array(
    fc.tuple(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.double({ noNaN: true, noDefaultInfinity: true })), {
        selector: ([j]) => j,
        maxLength: 8,
      }),
    ),
    { minLength: 1, maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 50 }), async (data, size) => {
      const sorted = data.map(([y, row]) => [y, row.sort((a, b) => a[0] - b[0])] as const);
      const text = sorted.map(([y, row]) => [y, ...row.map(([j, v]) => `${j}:${v}`)].join(' ')).join('\n');
      const { sparse } = await readTable(chunked(bytesOf(text), [size]), { name: 'd', format: 'libsvm' });
      const { X, y } = sparse!;
      expect(Array.from(y!)).toEqual(sorted.map(([label]) => label + 0));
      const expected = sorted.flatMap(([, row], i) => row.map(([j, v]) => [j - 1, i, v + 0]));
      expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      const found: number[][] = [];
      for (let j = 0; j < X.cols; j++) {
        for (let k = X.colPointers[j]; k < X.colPointers[j + 1]; k++) found.push([j, X.rowIndices[k], X.values[k] + 0]);
      }
      expect(found).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

const heart = new URL('../../../../../shared/data/libsvm_heart_scale/heart_scale', import.meta.url);
test.skipIf(!existsSync(heart))('heart_scale of ../shared/data: 270 × 13, 120 positive', async () => {
  const { sparse } = await readTable(readFileSync(heart), { name: 'heart_scale' });
  expect([sparse!.X.rows, sparse!.X.cols]).toEqual([270, 13]);
  expect(sparse!.y!.filter((v) => v === 1)).toHaveLength(120);
});
const adult = new URL('../../../../../shared/data/libsvm_adult/a9a', import.meta.url);
test.skipIf(!existsSync(adult))('a9a of ../shared/data: 32561 × 123, 451592 ones', async () => {
  const { sparse } = await readTable(readFileSync(adult), { name: 'a9a' });
  expect([sparse!.X.rows, sparse!.X.cols, sparse!.X.nnz]).toEqual([32561, 123, 451592]);
  expect(sparse!.X.values.every((v) => v === 1)).toBe(true);
});
