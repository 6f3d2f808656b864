import type { Matrix } from '@southwell/numerics/arrays';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTable } from '../read-table.ts';
import type { Table } from '../table.ts';
import { bytesOf, expectFailure, readText } from '../testing.ts';
import { applyEncoding, designMatrix } from './design-matrix.ts';
import { EncodingTally } from './tally.ts';

const dense = (X: Matrix): number[][] => {
  const d = X.kind === 'dense' ? X : X.toDense();
  if (X.kind === 'csc') X.validate();
  return Array.from({ length: d.rows }, (_, i) => Array.from({ length: d.cols }, (_, j) => d.get(i, j)));
};
const text = 'size,colour,bought,id\n1,red,yes,a\n2,blue,no,b\n3,red,no,c\n';

test('numbers as they are, categories one-hot, classes in their spelling', async () => {
  const table = await readText(text);
  const { X, y, classes, featureNames, encoding } = designMatrix(table, { target: 'bought', drop: ['id'] });
  expect(featureNames).toEqual(['size', 'colour=blue', 'colour=red']);
  expect(dense(X)).toEqual([
    [1, 0, 1],
    [2, 1, 0],
    [3, 0, 1],
  ]);
  expect(classes).toEqual(['no', 'yes']);
  expect(Array.from(y!)).toEqual([1, 0, 0]);
  const first = designMatrix(table, { target: 'size', features: ['colour'], dropFirst: true });
  expect(first.featureNames).toEqual(['colour=red']);
  expect(Array.from(first.y!)).toEqual([1, 2, 3]);
  expect(JSON.parse(JSON.stringify(encoding))).toEqual(encoding);
});

test('a gap in the target has advice of its own: it is not filled in', async () => {
  const table = await readText('x,y\n1,2\n2,\n3,4\n');
  for (const missing of ['mean', 'indicator', 'error'] as const) {
    await expectFailure(
      async () => designMatrix(table, { target: 'y', missing }),
      /'y' has no value in row 2\. It is to be predicted, and is not filled in: give missing: 'drop-rows' to leave such rows out\./,
      'NON_FINITE',
    );
  }
  expect(designMatrix(table, { target: 'y', missing: 'drop-rows' }).X.rows).toBe(2);
});

test('rows of classes that were never seen are counted and told, of blocks together', async () => {
  const { encoding } = designMatrix(await readText('x,y\n1,a\n2,b\n3,a\n'), { target: 'y' });
  const blocks = await Promise.all(['x,y\n1,a\n2,c\n3,c\n', 'x,y\n4,b\n5,d\n6,\n'].map((part) => readText(part)));
  const { y, notes } = applyEncoding(blocks[0], encoding);
  expect(Array.from(y!)).toEqual([0, Number.NaN, Number.NaN]);
  expect(notes).toEqual([`2 rows have a class in 'y' that the model does not know ("c"): predicted, but not scored.`]);
  const [one, all] = [new EncodingTally(), new EncodingTally()];
  for (const block of blocks) {
    applyEncoding(block, encoding, one);
    const own = new EncodingTally();
    applyEncoding(block, encoding, own);
    all.join(structuredClone(own.seen));
  }
  expect(one.notes('t', 1)).toEqual([
    `3 rows have a class in 'y' that the model does not know ("c", "d"): predicted, but not scored.`,
  ]);
  expect(all.notes('t', 1)).toEqual(one.notes('t', 1));
});

test('a stored encoding is applied to new data in any order, with levels never seen and columns that are not needed', async () => {
  const { encoding } = designMatrix(await readText(text), { target: 'bought', drop: ['id'] });
  const stored = JSON.parse(JSON.stringify(encoding));
  const fresh = await readText('other,colour,size\n9,green,5\n9,red,6\n');
  const applied = applyEncoding(fresh, stored);
  expect(dense(applied.X)).toEqual([
    [5, 0, 0],
    [6, 0, 1],
  ]);
  expect(applied.notes.join()).toMatch(/'colour' has 1 level\(s\) that the model does not know \("green"\)/);
  expect(applied.y).toBeUndefined();
  const labelled = applyEncoding(await readText('size,colour,bought\n1,red,no\n2,red,perhaps\n'), stored);
  expect(Array.from(labelled.y!)).toEqual([0, Number.NaN]);
  await expectFailure(
    async () => applyEncoding(await readText('sise,colour\n1,red\n'), stored),
    /lacks the column 'size'.*'sise' is the nearest/,
    'INVALID_PARAMETER',
  );
  await expectFailure(
    async () => applyEncoding(await readText('size,colour\nbig,red\n'), stored),
    /'size' was numeric.*"big"/,
  );
});

test('categories of digits are known again when they are read as numbers', async () => {
  const table = await readText('a,y\n1.0,1\n2,2\n', { types: { a: 'category' } });
  const { encoding } = designMatrix(table, { target: 'y' });
  expect(encoding.featureNames).toEqual(['a=1.0', 'a=2']);
  const applied = applyEncoding(await readText('a\n2\n1\n2\n', { header: true }), encoding);
  expect(dense(applied.X)).toEqual([
    [0, 1],
    [1, 0],
    [0, 1],
  ]);
});

test('missing values: told, left out, or filled with the mean and the most frequent level of the training data', async () => {
  const table = await readText('a,c,y\n1,x,1\n,x,2\n3,,3\n5,z,4\n', { types: { c: 'category' } });
  await expectFailure(async () => designMatrix(table, { target: 'y' }), /'a' has no value in row 2/, 'NON_FINITE');
  const dropped = designMatrix(table, { target: 'y', missing: 'drop-rows' });
  expect(dense(dropped.X)).toEqual([
    [1, 1, 0],
    [5, 0, 1],
  ]);
  expect(Array.from(dropped.y!)).toEqual([1, 4]);
  expect(Array.from(dropped.rows!)).toEqual([0, 3]);
  const filled = designMatrix(table, { target: 'y', missing: 'mean' });
  expect(dense(filled.X)).toEqual([
    [1, 1, 0],
    [3, 1, 0],
    [3, 1, 0],
    [5, 0, 1],
  ]);
  const fresh = await readText('a,c\n,\n7,z\n', { types: { a: 'number', c: 'category' }, header: true });
  expect(dense(applyEncoding(fresh, filled.encoding).X)).toEqual([
    [3, 1, 0],
    [7, 0, 1],
  ]);
  const gap = await readText('a,y\n1,1\n2,\n');
  await expectFailure(
    async () => designMatrix(gap, { target: 'y', missing: 'mean' }),
    /'y' has no value/,
    'NON_FINITE',
  );
  expect(Array.from(designMatrix(gap, { target: 'y', missing: 'drop-rows' }).y!)).toEqual([1]);
});

test('unknown names suggest the nearest; nothing to predict from is an error', async () => {
  const table = await readText(text);
  const fails = (options: object, sentence: RegExp, code = 'INVALID_PARAMETER') =>
    expectFailure(async () => designMatrix(table, options), sentence, code);
  await fails({ target: 'bougth' }, /no column 'bougth' for the target; did you mean 'bought'\?/);
  await fails({ features: ['sizes'] }, /for the features; did you mean 'size'/);
  await fails({ drop: ['qqqqqqqq'] }, /it has size, colour, bought, id/);
  await fails({ target: 'size', features: ['size'] }, /both the target and a feature/);
  await fails({ target: 'size', drop: ['colour', 'bought', 'id'] }, /no column is left/, 'EMPTY');
});

test('sparse and dense hold the same numbers, whatever the table', async () => {
  const value = fc.oneof(fc.constant(0), fc.double({ noNaN: true, noDefaultInfinity: true }));
  const tables = fc.integer({ min: 1, max: 20 }).chain((rows) =>
    fc.record({
      a: fc.array(value, { minLength: rows, maxLength: rows }),
      c: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: rows, maxLength: rows }),
      b: fc.array(value, { minLength: rows, maxLength: rows }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(tables, fc.boolean(), async ({ a, c, b }, dropFirst) => {
      const levels = ['p', 'q', 'r', 's'];
      const table: Table = {
        name: 't',
        format: 'csv',
        rows: a.length,
        columns: [
          { name: 'a', type: 'number', values: Float64Array.from(a) },
          { name: 'c', type: 'category', codes: Int32Array.from(c), levels },
          { name: 'b', type: 'number', values: Float64Array.from(b) },
        ],
        notes: [],
      };
      const sparse = designMatrix(table, { sparse: true, dropFirst });
      const full = designMatrix(table, { sparse: false, dropFirst });
      expect([sparse.X.kind, full.X.kind]).toEqual(['csc', 'dense']);
      const used = dropFirst ? [1, 2, 3] : [0, 1, 2, 3];
      const expected = a.map((_, i) => [a[i] + 0, ...used.map((k) => (c[i] === k ? 1 : 0)), b[i] + 0]);
      for (const { X } of [sparse, full]) expect(dense(X).map((row) => row.map((v) => v + 0))).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

test('1 and 1.0 are the same level, but codes are what they are written as, also in new data', async () => {
  const types = { k: 'category', c: 'category' } as const;
  const rows = (words: string) =>
    `k,c,y\n${words
      .split(' ')
      .map((w, i) => `${w},${w},${i}\n`)
      .join('')}`;
  const encoded = async (old: string, fresh: string, options: object = {}) => {
    const { encoding } = designMatrix(await readText(rows(old), { types }), {
      target: 'c',
      features: ['k'],
      ...options,
    });
    const { X, y } = applyEncoding(await readText(rows(fresh), { types }), encoding);
    return [dense(X).map((row) => row.join('')), Array.from(y!)];
  };
  expect(await encoded('1 2', '1.0 2e0 3')).toEqual([
    ['10', '01', '00'],
    [0, 1, Number.NaN],
  ]);
  expect(await encoded('1 2', '1.0 2', { dropFirst: true })).toEqual([
    ['0', '1'],
    [0, 1],
  ]);
  expect(await encoded('00501 10001', '501 00501 10001')).toEqual([
    ['00', '10', '01'],
    [Number.NaN, 0, 1],
  ]);
  expect(await encoded('1 9007199254740993', '9007199254740992 1')).toEqual([
    ['00', '10'],
    [Number.NaN, 0],
  ]);
  expect(await encoded('1 2', '01 2')).toEqual([
    ['00', '01'],
    [Number.NaN, 1],
  ]);
});

test('a feature is named once', async () => {
  const table = await readText(text);
  expect(() => designMatrix(table, { target: 'bought', features: ['size', 'colour', 'size'] })).toThrow(
    "'size' is named twice among the features.",
  );
});

test('LIBSVM: indices of new rows are those of the fit, whether or not index 0 occurs in them', async () => {
  const svm = (lines: string) => readTable(bytesOf(lines), { name: 'a.svm', format: 'libsvm' });
  const [zero, one] = [await svm('1 0:1 2:3\n0 1:2\n'), await svm('1 1:1 3:3\n0 2:2\n')];
  const [ofZero, ofOne] = [designMatrix(zero).encoding, designMatrix(one).encoding];
  expect([ofZero.indexBase, ofOne.indexBase, ofZero.featureNames]).toEqual([0, 1, ['x1', 'x2', 'x3']]);
  const rows = (X: Matrix) => dense(X).map((row) => row.map((v) => v + 0));
  const without = await svm('1 2:5 9:7\n0 1:4\n');
  expect(rows(applyEncoding(without, ofZero).X)).toEqual([
    [0, 0, 5],
    [0, 4, 0],
  ]);
  expect(rows(applyEncoding(without, ofOne).X)).toEqual([
    [0, 5, 0],
    [4, 0, 0],
  ]);
  expect(() => applyEncoding(zero, ofOne)).toThrow(/a\.svm has index 0, which the data of the model do not have/);
  // Files of other formats, and models of earlier releases, have no base.
  expect(rows(applyEncoding(without, { ...ofZero, indexBase: undefined }).X)[1]).toEqual([4, 0, 0]);
});

test('auto chooses sparse only for large matrices that are mostly zeros', async () => {
  const rows = 5000;
  const body = Array.from({ length: rows }, (_, i) => `l${i % 40},${i}`).join('\n');
  const large = await readText(`c,v\n${body}\n`);
  expect(designMatrix(large).X.kind).toBe('csc');
  expect(designMatrix(await readText(text)).X.kind).toBe('dense');
});

test('LIBSVM: labels come along, and a narrower test file is widened', async () => {
  const svm = (lines: string) => readTable(bytesOf(lines), { name: 'a.svm', format: 'libsvm' });
  const { X, y, encoding } = designMatrix(await svm('1 1:1 3:2\n0 2:1\n'));
  expect([X.cols, Array.from(y!)]).toEqual([3, [1, 0]]);
  expect(dense(applyEncoding(await svm('1 2:5\n'), encoding).X)).toEqual([[0, 5, 0]]);
  const wide = applyEncoding(await svm('1 2:5 4:1\n'), encoding);
  expect(dense(wide.X)).toEqual([[0, 5, 0]]);
  expect(wide.notes.join()).toMatch(/4 columns where the model has 3/);
  await expectFailure(
    async () => designMatrix(await svm('1 1:1\n'), { target: 'y' }),
    /labels of its own/,
    'NOT_SUPPORTED',
  );
});

test('gaps are filled and marked: a second column for numbers, one more for categories, none without gaps', async () => {
  const table = await readText('a,c,w,y\n1,red,5,1\n,blue,6,2\n3,,7,3\n4,red,8,4\n');
  for (const sparse of [true, false]) {
    const { X, featureNames, encoding } = designMatrix(table, { target: 'y', missing: 'indicator', sparse });
    expect(featureNames).toEqual(['a', 'a is missing', 'c=blue', 'c=red', 'c is missing', 'w']);
    expect(dense(X)).toEqual([
      [1, 0, 0, 1, 0, 5],
      [8 / 3, 1, 1, 0, 0, 6],
      [3, 0, 0, 0, 1, 7],
      [4, 0, 0, 1, 0, 8],
    ]);
    // What had no gaps is filled by its mean or most frequent level, and a level never seen is no gap.
    const fresh = await readText('w,c,a\n,green,\n6,,1\n');
    expect(dense(applyEncoding(fresh, JSON.parse(JSON.stringify(encoding))).X)).toEqual([
      [8 / 3, 1, 0, 0, 0, 6.5],
      [1, 0, 0, 0, 1, 6],
    ]);
  }
});
