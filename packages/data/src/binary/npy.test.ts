import { readFileSync } from 'node:fs';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { expect, test } from 'vitest';
import { readBlocks } from '../read-blocks.ts';
import { readTable } from '../read-table.ts';
import { bytesOf, chunked, contents, expectFailure } from '../testing.ts';
import { readNpyMatrix } from './npy.ts';

/** Written by NumPy 2.2.4 and SciPy 1.15.3. */
interface Fixtures {
  npy: Array<{ what: string; base64: string; shape: number[]; values: number[] }>;
  refused: Record<string, string>;
  npz: Record<string, string>;
  dense: number[][];
}
const fixtures: Fixtures = JSON.parse(readFileSync(new URL('./numpy-fixtures.json', import.meta.url), 'utf8'));
const decode = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

test.each(fixtures.npy)('.npy as NumPy writes it: $what', async ({ what, base64, shape, values }) => {
  const bytes = decode(base64);
  const rows = shape[0] ?? 1;
  const cols = shape[1] ?? 1;
  const expected = Array.from({ length: cols }, (_, j) => Array.from({ length: rows }, (_, i) => values[i * cols + j]));
  for (const input of [bytes, chunked(bytes, [3]), chunked(bytes, [100, 7, 1]), new Blob([bytes])]) {
    const table = await readTable(input, { name: 'a.npy' });
    // Integers that doubles would round are texts.
    expect(Object.values(contents(table)).map((column) => column.map(Number))).toEqual(expected);
    expect(table.columns.map(({ type }) => type !== 'number')).toEqual(Array(cols).fill(what.startsWith('big')));
  }
  for (const input of [bytes, chunked(bytes, [5])]) {
    const matrix = await readNpyMatrix(input, { name: 'a.npy' });
    expect(matrix).toBeInstanceOf(DenseMatrix);
    expect([matrix.rows, matrix.cols]).toEqual([rows, cols]);
    expect(Array.from(matrix.data)).toEqual(expected.flat());
  }
});

test('larger than the buffer, in both orders', async () => {
  const rows = 1201;
  const cols = 333;
  const header = (fortran: boolean) =>
    `{'descr': '<f8', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${rows}, ${cols}), }`.padEnd(117) +
    '\n';
  const values = Float64Array.from({ length: rows * cols }, (_, k) => Math.sin(k));
  for (const fortran of [true, false]) {
    const head = [0x93, ...bytesOf('NUMPY'), 1, 0, 118, 0, ...bytesOf(header(fortran))];
    const bytes = new Uint8Array([...head, ...new Uint8Array(values.buffer)]);
    for (const input of [bytes, chunked(bytes, [70_001])]) {
      const matrix = await readNpyMatrix(input);
      let wrong = 0;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < cols; j++) if (matrix.get(i, j) !== values[fortran ? j * rows + i : i * cols + j]) wrong++;
      }
      expect(wrong).toBe(0);
    }
  }
});

const { 'three dimensions': cube, ...refused } = fixtures.refused;
test.each(Object.entries(refused))('.npy refused with a sentence: %s', async (what, base64) => {
  const sentences: Record<string, RegExp> = {
    structured: /structured array/,
    objects: /Python objects/,
    complex: /complex/,
    text: /'<U2'/,
    half: /'<f2' is not supported/,
  };
  await expectFailure(readTable(decode(base64), { name: 'a.npy' }), sentences[what]);
});

test('.npy of more dimensions: a row is all that its first index has, in the order of the file', async () => {
  const bytes = decode(cube);
  const values = Float64Array.from({ length: 8 }, (_, i) => i);
  bytes.set(new Uint8Array(values.buffer), bytes.length - 64);
  for (const input of [bytes, chunked(bytes, [70]), new Blob([bytes])]) {
    expect(contents(await readTable(input, { name: 'a.npy' }))).toEqual({
      x1: [0, 4],
      x2: [1, 5],
      x3: [2, 6],
      x4: [3, 7],
    });
  }
  expect((await readTable(bytes, { name: 'a.npy' })).shape).toEqual([2, 2, 2]);
});

test('.npy of more dimensions in Fortran order is the same array', async () => {
  const shape = [3, 4, 2, 5];
  const strides = [1, 3, 12, 24];
  const value = (at: readonly number[]) => at.reduce((v, i) => 10 * v + i, 0);
  const values = new Float64Array(120);
  const rows = Array.from({ length: 3 }, (): number[] => []);
  for (let c = 0; c < 120; c++) {
    const at = [Math.floor(c / 40), Math.floor(c / 10) % 4, Math.floor(c / 5) % 2, c % 5];
    values[at.reduce((p, i, k) => p + i * strides[k], 0)] = value(at);
    rows[at[0]].push(value(at));
  }
  const header = `{'descr': '<f8', 'fortran_order': True, 'shape': (${shape.join(', ')}), }`.padEnd(117);
  const head = [0x93, ...bytesOf('NUMPY'), 1, 0, 118, 0, ...bytesOf(`${header}\n`)];
  const bytes = new Uint8Array([...head, ...new Uint8Array(values.buffer)]);
  const expected = Array.from({ length: 40 }, (_, j) => rows.map((row) => row[j]));
  for (const input of [bytes, chunked(bytes, [70]), new Blob([bytes])]) {
    const table = await readTable(input, { name: 'a.npy' });
    expect(Object.values(contents(table))).toEqual(expected);
    expect(table.shape).toEqual(shape);
  }
  const blocks: number[][] = [];
  for await (const columns of readBlocks(new Blob([bytes]), { rows: 3, columns: ['x7', 'x2'] })) {
    blocks.push(...columns.map(({ values: of }) => [...of]));
  }
  expect(blocks).toEqual([expected[6], expected[1]]);
});

test('truncated .npy says what was declared; a CSV is not .npy', async () => {
  const bytes = decode(fixtures.npy[0].base64);
  await expectFailure(readTable(bytes.slice(0, -1), { name: 'a.npy' }), /declares 3 × 4, 224 bytes.*ends after 223/);
  await expectFailure(readTable(chunked(bytes.slice(0, -1), [64])), /ends after 223/);
  await expectFailure(readTable(bytes.slice(0, 40)), /ends within its \.npy header/);
  await expectFailure(readNpyMatrix(bytesOf('a,b\n1,2\n'), { name: 'x.csv' }), /holds CSV, not NumPy/);
});

const sparseNames = ['csr', 'csr deflated', 'csc', 'csc deflated', 'coo', 'coo deflated'];
test.each(sparseNames)('.npz with a SciPy matrix: %s', async (what) => {
  const bytes = decode(fixtures.npz[what]);
  for (const input of [bytes, chunked(bytes, [11]), new Blob([bytes])]) {
    const { sparse, rows } = await readTable(input, { name: 'm.npz' });
    const dense = sparse!.X.toDense();
    expect(rows).toBe(7);
    expect(fixtures.dense.map((row, i) => row.map((_, j) => dense.get(i, j)))).toEqual(fixtures.dense);
  }
});

test('.npz with arrays side by side', async () => {
  for (const what of ['arrays', 'arrays deflated']) {
    const table = await readTable(decode(fixtures.npz[what]), { name: 'm.npz' });
    expect(contents(table)).toEqual({ X_1: [0, 2, 4], X_2: [1, 3, 5], y: [1, 0, 1] });
  }
});

test('.npz refused with a sentence', async () => {
  const read = (what: string) => readTable(decode(fixtures.npz[what]), { name: 'm.npz' });
  await expectFailure(read('bsr'), /'bsr' format; save it as csr/);
  await expectFailure(read('unequal'), /different lengths \(a: 3, b: 4\)/);
  await expectFailure(readTable(decode(fixtures.npz.csr).slice(0, -30), { name: 'm.npz' }), /cut off/);
});
