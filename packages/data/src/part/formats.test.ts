import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DenseMatrix } from '@southwell/numerics/arrays';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Source } from '../io/source.ts';
import { fileSource } from '../node.ts';
import type { Table } from '../table.ts';
import { bytesOf, expectFailure, expectSameInParts, partsOf } from '../testing.ts';
import { writeNpy } from '../write/npy.ts';
import { ParquetBlocks } from '../write/parquet.ts';

const RANKS = [1, 2, 3, 5];

test('LIBSVM: comments, blank lines, where indices begin and mistakes', async () => {
  const value = fc.integer({ min: -30, max: 30 }).map((v) => v / 4);
  const entries = (from: number) =>
    fc.uniqueArray(fc.integer({ min: from, max: 12 }), { maxLength: 5 }).map((js) => js.sort((a, b) => a - b));
  const line = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.tuple(value, entries(1), value).map(([y, js, v]) => [y, ...js.map((j) => `${j}:${v}`)].join(' ')),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(value, entries(0)).map(([y, js]) => `${y} qid:3 ${js.map((j) => `${j}:1`).join(' ')} # c`),
    },
    { weight: 1, arbitrary: fc.constantFrom('', '  ', '# a comment', '\t# 1 2:3', ' 1 2:3\r') },
  );
  const mistake = fc.constantFrom('x 1:2', '1 3:1 2:1', '1 2:z', '1,2 1:1', '1:2 3:4', '1 99999999999:1');
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 40 }),
      fc.option(fc.tuple(fc.nat(), mistake), { freq: 4 }),
      fc.constantFrom('', '\n', '\n\n'),
      fc.constantFrom(undefined, true, false),
      fc.boolean(),
      async (lines, wrong, end, zeroBased, bom) => {
        if (wrong) lines.splice(wrong[0] % (lines.length + 1), 0, wrong[1]);
        const text = `${bom ? '\ufeff' : ''}${lines.join('\n')}${end}`;
        await expectSameInParts(bytesOf(text), RANKS, { name: 'x.svm', format: 'libsvm', zeroBased });
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 100) },
  );
  const long = Array.from({ length: 60_000 }, (_, i) => `${i % 2} 1:${i} 7:${i / 8} ${10 + (i % 90)}:1`).join('\n');
  expect(long.length).toBeGreaterThan(2 ** 20);
  const table = (await expectSameInParts(bytesOf(long), [3], { name: 'x.svm' })) as Table;
  expect(table.rows).toBe(60_000);
});

/** A .npy file by hand: its header, and numbers of a type in either order. */
function npy(rows: number, cols: number, fortran: boolean, type: '<f8' | '>f4' | '<i2'): Uint8Array {
  const head = `{'descr': '${type}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${rows}, ${cols}), }`;
  const size = Number(type.slice(2));
  const start = 10 + head.length + 1;
  const out = new Uint8Array(start + rows * cols * size);
  const view = new DataView(out.buffer);
  out.set([0x93, ...bytesOf('NUMPY'), 1, 0]);
  view.setUint16(8, head.length + 1, true);
  out.set(bytesOf(`${head}\n`), 10);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const at = start + (fortran ? j * rows + i : i * cols + j) * size;
      const value = i * 3 - j * 100;
      if (type === '<f8') view.setFloat64(at, value + 0.5, true);
      else if (type === '>f4') view.setFloat32(at, value + 0.25, false);
      else view.setInt16(at, value, true);
    }
  }
  return out;
}

test('.npy in either order, of numbers that are converted and of such that are not', async () => {
  for (const type of ['<f8', '>f4', '<i2'] as const) {
    for (const fortran of [false, true]) {
      const table = (await expectSameInParts(npy(53, 4, fortran, type), RANKS, { name: 'x.npy', chunk: 4 })) as Table;
      const [, second] = table.columns;
      const expected = 30 - 100 + (type === '<f8' ? 0.5 : type === '>f4' ? 0.25 : 0);
      expect(second.type === 'number' && second.values[10]).toBe(expected);
    }
  }
  await expectSameInParts(npy(2, 3, false, '<f8'), RANKS, { name: 'x.npy' });
  expect(await expectSameInParts(npy(9, 3, true, '<f8').slice(0, -8), RANKS, { name: 'x.npy' })).toMatch(/cut off/);
  await expectSameInParts(writeNpy(DenseMatrix.fromColumnMajor(Float64Array.of(1, 2, 3), 3, 1)), RANKS, {
    name: 'x.npy',
  });
});

test('Parquet: the row groups that hold own rows are read, and no others', async () => {
  const chunks: Uint8Array[] = [];
  const blocks = new ParquetBlocks((bytes) => chunks.push(bytes));
  const word = (i: number) => (i < 60 ? null : i % 7 === 0 ? 'b' : `a${i % 3}`);
  for (let from = 0; from < 120; from += 15) {
    const rows = Array.from({ length: 15 }, (_, k) => from + k);
    blocks.append({
      n: rows.map((i) => (i % 11 === 0 ? null : Math.sin(i))),
      c: rows.map((i) => (from === 0 ? 'first' : word(i))),
      t: rows.map((i) => `name ${i}`),
    });
  }
  blocks.finish();
  const bytes = new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  for (const chunk of [1, 15, 16, 120]) {
    const table = (await expectSameInParts(bytes, RANKS, { name: 'x.parquet', chunk })) as Table;
    expect(table.columns.map((column) => column.type)).toEqual(['number', 'category', 'text']);
  }
  const read = [0, 0];
  const counted = (rank: number): Source => ({
    name: 'x.parquet',
    size: bytes.length,
    restartable: true,
    stream: async function* () {
      yield bytes.subarray(0, 1 << 16);
    },
    slice: async (start, end) => {
      read[rank] += end - start;
      return bytes.subarray(start, end);
    },
  });
  await partsOf(() => counted(0), 1);
  const [one] = read;
  read.fill(0);
  await partsOf(counted, 2);
  for (const bytesRead of read) expect(bytesRead).toBeLessThan(0.75 * one);
  const damaged = bytes.slice();
  damaged.fill(7, Math.floor(bytes.length * 0.7), Math.floor(bytes.length * 0.7) + 40);
  expect(await expectSameInParts(damaged, RANKS, { name: 'x.parquet' })).toMatch(/damaged/);
});

test('a matrix that is read whole', async () => {
  const mtx = '%%MatrixMarket matrix coordinate real general\n7 3 5\n1 1 2\n7 3 4\n3 2 1\n4 2 1\n4 1 9\n';
  await expectSameInParts(bytesOf(mtx), RANKS, { name: 'x.mtx' });
});

test('a file that changes, differs between ranks or can be read only once is refused on all ranks', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-parts-'));
  try {
    const path = join(folder, 'a.csv');
    const text = `a,b\n${'1,2\n'.repeat(400_000)}`;
    writeFileSync(path, text);
    const changed = (rank: number): Source => {
      const source = fileSource(path);
      let read = 0;
      return {
        ...source,
        slice: (start, end) => {
          // In the second pass of one rank, of which the first has read half of the file.
          read += end - start;
          if (rank === 1 && read > text.length * 0.7) writeFileSync(path, text.replace('1,2', '1,2,3'));
          return source.slice!(start, end);
        },
      };
    };
    await expectFailure(partsOf(changed, 2), /^a\.csv was changed while it was read/, 'FILE');
    writeFileSync(path, text);
    const { size } = statSync(path);
    const mtime = new Date(1.7e12);
    utimesSync(path, mtime, mtime);
    const copy = join(folder, 'b.csv');
    writeFileSync(copy, text);
    utimesSync(copy, mtime, mtime);
    const paths = (rank: number) => () => fileSource(rank === 2 ? copy : path);
    expect((await partsOf(paths, 3, { name: 'a.csv' })).map((part) => part.rows)).toEqual([133333, 133333, 133334]);
    utimesSync(copy, mtime, new Date(mtime.getTime() + 5000));
    await expectFailure(partsOf(paths, 3, { name: 'a.csv' }), /its modification time on rank 2/, 'FILE');
    writeFileSync(copy, `${text}1,2\n`);
    await expectFailure(
      partsOf(paths, 3, { name: 'a.csv' }),
      new RegExp(`${size} bytes on rank 0 and ${size + 4} on rank 2`),
      'FILE',
    );
    rmSync(copy);
    await expectFailure(partsOf(paths, 3), /^Rank 2: .*b\.csv cannot be read: there is no such file/, 'FILE');
    const once = () => (async function* () {})();
    await expectFailure(partsOf(once, 2, { name: 'x' }), /^x can be read only once/, 'NOT_SUPPORTED');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an abort on one rank ends all', async () => {
  const controller = new AbortController();
  controller.abort();
  await expect(partsOf(bytesOf('a\n1\n'), 2, { signal: controller.signal })).rejects.toThrow();
});
