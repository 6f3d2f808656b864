import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTable } from '../read-table.ts';
import type { Table } from '../table.ts';
import { bytesOf, chunked, contents, expectFailure } from '../testing.ts';

const read = (text: string) => readTable(bytesOf(`%%MatrixMarket matrix ${text}`), { name: 'm.mtx' });
const dense = ({ sparse }: Table) => {
  const { X } = sparse!;
  const d = X.toDense();
  return Array.from({ length: X.rows }, (_, i) => Array.from({ length: X.cols }, (_, j) => d.get(i, j)));
};

test('coordinate: real, integer and pattern; comments, blank lines, repeated entries', async () => {
  const real = await read('coordinate real general\n% comment\n\n2 3 4\n1 1 1.5\n2 3 -1e2\n% more\n1 2 1\n1 2 1');
  expect(dense(real)).toEqual([
    [1.5, 2, 0],
    [0, 0, -100],
  ]);
  expect(dense(await read('coordinate integer general\n1 2 1\n1 2 7\n'))).toEqual([[0, 7]]);
  expect(dense(await read('coordinate pattern general\n2 2 2\n1 2\n2 1\n'))).toEqual([
    [0, 1],
    [1, 0],
  ]);
});

test('symmetric and skew-symmetric triangles are mirrored', async () => {
  expect(dense(await read('coordinate real symmetric\n2 2 2\n1 1 1\n2 1 5\n'))).toEqual([
    [1, 5],
    [5, 0],
  ]);
  expect(dense(await read('coordinate real skew-symmetric\n2 2 1\n2 1 5\n'))).toEqual([
    [0, -5],
    [5, 0],
  ]);
  expect(contents(await read('array real symmetric\n2 2\n1\n2\n3\n'))).toEqual({ x1: [1, 2], x2: [2, 3] });
  expect(contents(await read('array real skew-symmetric\n2 2\n2\n'))).toEqual({ x1: [0, 2], x2: [-2, 0] });
  expect(contents(await read('array real general\n2 3\n1\n2\n3\n4\n5\n6\n'))).toEqual({
    x1: [1, 2],
    x2: [3, 4],
    x3: [5, 6],
  });
});

test('faults have their line', async () => {
  const fails = (text: string, sentence: RegExp) => expectFailure(read(text), sentence);
  await fails('coordinate complex general\n1 1 1\n1 1 1 0\n', /line 1 declares complex numbers/);
  await fails('coordinate real hermitian\n1 1 1\n1 1 1\n', /complex/);
  await fails('coordinate real general\n2 2 3\n1 1 1\n', /line 4: the file ends after 1 of 3 entries/);
  await fails('coordinate real general\n2 2 1\n1 1 1\n2 2 1\n', /line 4 is an entry beyond the 1 declared/);
  await fails('coordinate real general\n2 2 1\n3 1 1\n', /line 3 has the entry \(3, 1\), outside/);
  await fails('coordinate real general\n2 2 1\n1 1\n', /line 3 has 2 number\(s\) where 3/);
  await fails('coordinate real general\n2 2 1\n1 x 1\n', /line 3, column 3 is not a number/);
  await fails('coordinate real symmetric\n2 2 1\n1 2 1\n', /below the diagonal/);
  await fails('coordinate real symmetric\n2 3 1\n1 2 1\n', /square/);
  await fails('coordinate real general\n', /ends before the line with the size/);
  await fails('coordinate real\n', /line 1 should read/);
  await fails('array pattern general\n1 1\n1\n', /field "pattern"/);
  await fails('coordinate real general\n2000000000 2000000000 1\n1 1 1\n', /2\^28 rows/);
});

test('any set of triplets, in any order and cut anywhere, sums to the same matrix', async () => {
  const entry = fc.tuple(
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: -9, max: 9 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 40 }), fc.integer({ min: 1, max: 50 }), async (entries, size) => {
      const expected = Array.from({ length: 6 }, () => [0, 0, 0, 0, 0]);
      for (const [i, j, v] of entries) expected[i - 1][j - 1] += v;
      const lines = entries.map((e) => e.join(' ')).join('\n');
      const text = `%%MatrixMarket matrix coordinate real general\n6 5 ${entries.length}\n${lines}\n`;
      expect(dense(await readTable(chunked(bytesOf(text), [size])))).toEqual(expected);
    }),
  );
});

const folder = new URL('../../../../../shared/data/suitesparse_mtx/', import.meta.url);
test.skipIf(!existsSync(folder))('1138_bus of ../shared/data: 1138 × 1138, 4054 entries, symmetric', async () => {
  const file = ['1138_bus.mtx.gz', '1138_bus.mtx'].map((f) => new URL(f, folder)).find((f) => existsSync(f))!;
  const { X } = (await readTable(readFileSync(file), { name: '1138_bus.mtx' })).sparse!;
  expect([X.rows, X.cols, X.nnz]).toEqual([1138, 1138, 4054]);
  const d = X.toDense();
  let asymmetry = 0;
  for (let i = 0; i < 1138; i++) for (let j = 0; j < i; j++) asymmetry += Math.abs(d.get(i, j) - d.get(j, i));
  expect(asymmetry).toBe(0);
});
