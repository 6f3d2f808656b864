import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { gzipSync, zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { concat, type Source, toSource } from './io/source.ts';
import { type BlockOptions, readBlocks } from './read-blocks.ts';
import { readTable } from './read-table.ts';
import { bytesOf, chunked, expectFailure, expectSame } from './testing.ts';
import { writeCsv } from './write/csv.ts';
import { writeLibsvm } from './write/libsvm.ts';
import { writeNpy } from './write/npy.ts';

const ROWS = 30_000;
const text = `a,b,name,c\n${Array.from({ length: ROWS }, (_, i) => `${i},${i % 7 === 0 ? 'NA' : i / 8},"x ""${i % 5}""",${-i}`).join('\n')}\n`;

async function all(input: Uint8Array | AsyncIterable<Uint8Array>, options: BlockOptions) {
  const blocks = [];
  for await (const block of readBlocks(input, { name: 'x.csv', ...options })) blocks.push(block);
  return blocks;
}

test('blocks, one after the other, are what readTable gives', async () => {
  const table = await readTable(bytesOf(text), { name: 'x.csv' });
  for (const rows of [1000, 7777, 50_000]) {
    const blocks = await all(chunked(bytesOf(text), [10_000]), { rows, columns: ['c', 'b'] });
    expect(blocks.length).toBe(Math.ceil(ROWS / rows));
    for (const block of blocks.slice(0, -1)) expect(block[0].values.length).toBe(rows);
    for (const [j, name] of ['c', 'b'].entries()) {
      const joined = blocks.flatMap((block) => [...block[j].values]);
      expect(blocks[0][j].name).toBe(name);
      expectSame(joined, [...(table.columns.find((c) => c.name === name) as { values: Float64Array }).values]);
    }
  }
  expect((await all(bytesOf('a,b\n1,2\n3,4'), { rows: 1 })).map((b) => b.map((c) => c.values[0]))).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('no more of the stream is read than a block needs', async () => {
  let read = 0;
  async function* endless() {
    yield bytesOf('a,b\n');
    const line = bytesOf('1,2\n'.repeat(5000));
    for (; ; read++) yield line;
  }
  let rows = 0;
  for await (const block of readBlocks(endless(), { name: 'x.csv', rows: 4000 })) {
    rows += block[0].values.length;
    // What has come is given before more is asked for, but for what the look at the beginning takes.
    expect(read * 5000 - rows).toBeLessThan(40_000);
    if (rows > 1_000_000) break;
  }
  expect(rows).toBeGreaterThan(1_000_000);
});

test('errors are those of readTable, with file and line', async () => {
  await expectFailure(() => all(bytesOf(text), { rows: 10 }), /x\.csv, line 2 has .* in column 3 \('name'\)/);
  await expectFailure(() => all(bytesOf(text), { rows: 10, columns: ['d'] }), /no column 'd'/, 'INVALID_PARAMETER');
  await expectFailure(() => all(bytesOf('a,b\n1,2\n3\n'), { rows: 1 }), /line 3 has 1 field where 2/);
  await expectFailure(() => all(bytesOf(''), { rows: 1 }), /empty/);
  await expectFailure(() => all(bytesOf('a,b\n'), { rows: 1 }), /no rows/);
  await expectFailure(() => all(bytesOf('a\n1\n'), { rows: 0 }), /rows/, 'INVALID_PARAMETER');
  await expectFailure(() => all(bytesOf('a\n1\n'), { rows: 1, columns: [] }), /columns/, 'INVALID_PARAMETER');
});

describe('other formats give what CSV gives, to the last bit', () => {
  const random = new Random(1);
  const [rows, cols] = [5003, 6];
  // One in ten is 0, so that LIBSVM leaves it out, and numbers of every size.
  const at = Array.from({ length: rows }, () =>
    Array.from({ length: cols }, () =>
      random.uniform() < 0.1 ? 0 : random.normal() * 10 ** (random.integer(40) - 20),
    ),
  );
  const X = DenseMatrix.fromRows(at);
  const names = Array.from({ length: cols }, (_, j) => `x${j + 1}`);
  const columns = Object.fromEntries(names.map((name, j) => [name, X.column(j).slice()]));
  const csv = writeCsv(columns);
  const fortran = writeNpy(X);
  const cOrder = npyInCOrder(at);
  const groups = new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'note', data: at.map((_, i) => `row ${i}`), type: 'STRING' },
        ...names.map((name) => ({ name, data: Array.from(columns[name]), type: 'DOUBLE' as const })),
      ],
      rowGroupSize: 700,
    }),
  );
  const wanted = ['x5', 'x1', 'x5'];
  const files: ReadonlyArray<readonly [string, Uint8Array]> = [
    ['a.csv.gz', gzipSync(csv)],
    ['a.svm', writeLibsvm(X)],
    ['a.svm.gz', gzipSync(writeLibsvm(X))],
    ['f.npy', fortran],
    ['c.npy', cOrder],
    ['c.npy.gz', gzipSync(cOrder)],
    ['a.parquet', groups],
  ];

  test.each(files)('%s', async (name, bytes) => {
    for (const length of [1, 64, 4096, 10_000].slice(name === 'a.csv.gz' ? 1 : 0)) {
      const expected = await all(csv, { rows: length, columns: wanted });
      expectSame(await all(bytes, { name, rows: length, columns: wanted }), expected);
      expect(expected.length).toBe(Math.ceil(rows / length));
      expect(expected[0].map((c) => c.values[0])).toEqual([at[0][4], at[0][0], at[0][4]]);
    }
    // As they come, where the format can be read from its beginning.
    if (name === 'f.npy' || name === 'a.parquet') return;
    const streamed = await all(chunked(bytes, [1, 7, 5000]), { name, rows: 999, columns: wanted });
    expectSame(streamed, await all(csv, { rows: 999, columns: wanted }));
  });

  test('all columns, a vector, integers of either byte order, a matrix wider than a piece', async () => {
    for (const bytes of [fortran, cOrder])
      expectSame(await all(bytes, { name: 'a.npy', rows: 800 }), await all(csv, { rows: 800 }));
    const vector = await all(writeNpy(Float64Array.of(1, Number.NaN, 3)), { name: 'v.npy', rows: 2 });
    expect(vector.map((b) => [...b[0].values])).toEqual([[1, Number.NaN], [3]]);
    for (const type of ['<i2', '>i2'])
      for (const order of [true, false]) {
        const data = new DataView(new ArrayBuffer(12));
        [1, -2, 3, -4, 5, 600].forEach((v, k) => {
          data.setInt16(2 * k, v, type === '<i2');
        });
        const bytes = npy(type, order, [3, 2], new Uint8Array(data.buffer));
        const [first] = await all(bytes, { name: 'i.npy', rows: 9 });
        expect(first.map((c) => [...c.values])).toEqual(
          order
            ? [
                [1, -2, 3],
                [-4, 5, 600],
              ]
            : [
                [1, 3, 5],
                [-2, -4, 600],
              ],
        );
      }
    const wide = Array.from({ length: 3 }, (_, i) => Array.from({ length: 140_000 }, (__, j) => i * 140_000 + j));
    const blocks = await all(npyInCOrder(wide), { name: 'w.npy', rows: 2, columns: ['x140000'] });
    expect(blocks.map((b) => [...b[0].values])).toEqual([[139_999, 279_999], [419_999]]);
  });

  test('of Fortran order only the columns that are asked for are read', async () => {
    let read = 0;
    const source: Source = {
      ...toSource(fortran, 'f.npy'),
      readInto: undefined,
      async slice(start, end) {
        read += end - start;
        return fortran.subarray(start, end);
      },
    };
    for await (const _ of readBlocks(source, { rows: 100, columns: ['x2'] }));
    expect(read).toBe(rows * 8);
  });

  test('what cannot be read by blocks says what to do, and broken files say where', async () => {
    const fails = (name: string, bytes: Uint8Array | AsyncIterable<Uint8Array>, sentence: RegExp, code?: string) =>
      expectFailure(() => all(bytes, { name, rows: 10, columns: ['x1'] }), sentence, code);
    await fails('f.npy.gz', gzipSync(fortran), /f\.npy\.gz is in Fortran order.*ascontiguousarray/, 'NOT_SUPPORTED');
    await fails('a.parquet', chunked(groups, [1000]), /directory at the end/, 'NOT_SUPPORTED');
    const market = bytesOf('%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 5\n');
    await fails('a.mtx', market, /a\.mtx holds Matrix Market.*convert it to CSV/, 'NOT_SUPPORTED');
    await fails('a.npz', zipSync({ 'x1.npy': fortran }), /a\.npz holds NumPy \.npz.*numpy\.save/, 'NOT_SUPPORTED');
    for (const bytes of [fortran, cOrder, gzipSync(cOrder)])
      await fails('a.npy', bytes.subarray(0, bytes.length - 9), /ends (after|too early)/);
    await fails('a.npy', chunked(cOrder.subarray(0, cOrder.length - 9), [3000]), /declares 5003 × 6.*ends after/);
    // Without its directory; without its pages.
    for (const [from, to] of [
      [groups.length - 1000, groups.length - 20],
      [4, groups.length >> 1],
    ]) {
      const damaged = groups.slice().fill(0, from, to);
      await fails('a.parquet', damaged, /a\.parquet is damaged/);
    }
    await fails('a.svm', bytesOf('1 1:2\n0 1:x\n'), /a\.svm, line 2/);
    await fails('a.svm', bytesOf('1 1:2\n0 0:5\n'), /index 0/);
    const zero = await all(bytesOf('1 0:2\n0 1:5'), { name: 'a.svm', rows: 9, columns: ['x1', 'x2'], zeroBased: true });
    expect(zero[0].map((c) => [...c.values])).toEqual([
      [2, 0],
      [0, 5],
    ]);
    const unknown = (name: string, bytes: Uint8Array, column: string) =>
      expectFailure(() => all(bytes, { name, rows: 10, columns: [column] }), /no column/, 'INVALID_PARAMETER');
    for (const [name, bytes] of files) for (const column of ['x7', 'y', 'x0']) await unknown(name, bytes, column);
    await expectFailure(() => all(groups, { name: 'a.parquet', rows: 10 }), /column 'note' holds texts/);
    await expectFailure(
      () => all(files[1][1], { name: 'a.svm', rows: 10 }),
      /name the columns to read/,
      'INVALID_PARAMETER',
    );
  });
});

/** By the definition of the format (NEP 1). */
function npy(type: string, fortranOrder: boolean, shape: readonly number[], data: Uint8Array): Uint8Array {
  const order = fortranOrder ? 'True' : 'False';
  const text = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')}), }`;
  const header = new TextEncoder().encode(`${text.padEnd(117)}\n`);
  return concat([Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0), header, data]);
}

const npyInCOrder = (rows: ReadonlyArray<readonly number[]>) =>
  npy('<f8', false, [rows.length, rows[0].length], new Uint8Array(Float64Array.from(rows.flat()).buffer));
