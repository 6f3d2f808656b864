import { DenseMatrix } from '@southwell/numerics/arrays';
import { SouthwellError } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { all, alone, inPieces, randomFiles, together } from './part-blocks/testing.ts';
import { undivided } from './read-part-blocks.ts';
import type { ChooseColumns } from './table.ts';
import { bytesOf, chunked, expectFailure, expectSame } from './testing.ts';
import { writeNpy } from './write/npy.ts';
import { ParquetBlocks } from './write/parquet.ts';

randomFiles({ csv: 25, libsvm: 40 });

test('blocks of .npy and Parquet files are those of one rank', async () => {
  const count = 45_000;
  const X = DenseMatrix.create(count, 3);
  for (let j = 0; j < 3; j++) for (let i = 0; i < count; i++) X.set(i, j, Math.sin(i * (j + 1)));
  const choose: ChooseColumns = () => new Map(['x3', 'x1'].map((name) => [name, { type: 'number' }]));
  const c = rowMajor(X);
  const rows = (from: number, to: number, word: string) => ({
    x1: Array.from({ length: to - from }, (_, i) => X.get(from + i, 0)),
    x2: Array.from({ length: to - from }, (_, i) => (i % 7 === 0 ? null : `${word}${i % 3}`)),
    x3: Array.from({ length: to - from }, (_, i) => (i % 5 === 0 ? null : X.get(from + i, 2))),
  });
  const parts: Uint8Array[] = [];
  const writer = new ParquetBlocks((bytes) => parts.push(bytes));
  for (const [from, to] of [
    [0, 400],
    [400, 1200],
    [1200, 1201],
    [1201, 1500],
  ])
    writer.append(rows(from, to, 'w'));
  writer.finish();
  const groups = new Uint8Array(Buffer.concat(parts));
  for (const [name, bytes, wanted] of [
    ['f.npy', writeNpy(X), choose],
    ['c.npy', c, choose],
    ['g.parquet', groups, all],
  ] as const) {
    const source = inPieces(bytes, name, 1 << 20);
    const expected = await alone(source, wanted);
    expect(typeof expected === 'object' && expected.blocks.length, name).toBe(
      { 'f.npy': 1, 'c.npy': 2, 'g.parquet': 4 }[name],
    );
    for (const size of [3]) expectSame(await together(source, size, wanted), expected, `${name}, ${size} ranks`);
  }
});

/** The bytes of a .npy file in C order. */
function rowMajor(X: DenseMatrix): Uint8Array {
  const head = `{'descr': '<f8', 'fortran_order': False, 'shape': (${X.rows}, ${X.cols}), }`;
  const length = Math.ceil((10 + head.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length + 8 * X.rows * X.cols);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (length - 10) & 255, (length - 10) >> 8]);
  bytes.set(bytesOf(`${head.padEnd(length - 11)}\n`), 10);
  const values = new Float64Array(bytes.buffer, length);
  for (let i = 0; i < X.rows; i++) for (let j = 0; j < X.cols; j++) values[i * X.cols + j] = X.get(i, j);
  return bytes;
}

test('what cannot be read in parts is told, and what a work throws is thrown on all ranks', async () => {
  const text = `a,b,c\n${'1,2,3\n'.repeat(5)}`;
  expect(await undivided(bytesOf(text))).toBeUndefined();
  expect(await undivided(chunked(bytesOf(text), [10]))).toBe('can be read only once');
  expect(await undivided(bytesOf('%%MatrixMarket matrix array real general\n1 1\n2\n'))).toMatch(
    /Matrix Market and cannot/,
  );
  const { gzipSync } = await import('node:zlib');
  const zipped = new Uint8Array(gzipSync(text));
  expect(await undivided(zipped)).toBe('is compressed and cannot be read in parts');
  await expectFailure(together(inPieces(zipped, 'z.gz', 99), 2, all).then(raised), /compressed/, 'NOT_SUPPORTED');
  const source = inPieces(bytesOf(text), 'x.csv', 12);
  const choose: ChooseColumns = (names, file) => {
    throw new SouthwellError('INVALID_PARAMETER', `${file} has ${names.join()}`);
  };
  expect(await together(source, 3, choose)).toBe('INVALID_PARAMETER: x.csv has a,b,c');
});

const raised = (found: unknown): never => {
  const [code, ...message] = String(found).split(': ');
  throw new SouthwellError(code as 'NOT_SUPPORTED', message.join(': '));
};
