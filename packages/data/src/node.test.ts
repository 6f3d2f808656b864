import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { afterAll, expect, test } from 'vitest';
import { bundledSets, bundledUrl } from './bundled.ts';
import { loadBundled, readNpyMatrix, readTable, writeNpy } from './node.ts';
import { contents, expectFailure } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'southwell-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const put = (name: string, content: Uint8Array | string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

test('paths, plain and gzipped, of one and many members', async () => {
  const text = `a,b\n${'1,x\n2,y\n'.repeat(200_000)}`;
  const plain = await readTable(put('t.csv', text));
  expect([plain.name, plain.rows]).toEqual(['t.csv', 400_000]);
  const packed = gzipSync(text);
  const many = put('t.csv.gz', Buffer.concat([packed, gzipSync('3,z\n')]));
  const read: number[] = [];
  const table = await readTable(many, { onProgress: (bytes) => read.push(bytes) });
  expect(table.rows).toBe(400_001);
  expect(read.at(-1)).toBe(readFileSync(many).length);
  await expectFailure(
    readTable(put('c.csv.gz', packed.subarray(0, -20))),
    /c\.csv\.gz: the gzip stream ends too early/,
  );
  const altered = Buffer.from(packed);
  altered[altered.length - 6] ^= 1;
  await expectFailure(readTable(put('d.csv.gz', altered)), /d\.csv\.gz: the gzip stream is damaged/);
});

test('a time limit that is reached while a gzipped file is read is the error of the signal', async () => {
  // Several pieces, also when compressed.
  const rows = Array.from({ length: 300_000 }, (_, i) => `${i},${Math.sin(i * i)}`);
  const path = put('long.csv.gz', gzipSync(`a,b\n${rows.join('\n')}\n`));
  const late = new DOMException('Too late.', 'TimeoutError');
  const { signal } = new AbortController();
  let left = 2;
  // Between two pieces of the compressed file.
  const throwIfAborted = () => {
    if (left-- <= 0) throw late;
  };
  const reading = readTable(path, { signal: Object.assign(signal, { throwIfAborted }) });
  await expect(reading).rejects.toBe(late);
});

test('files that cannot be read', async () => {
  await expectFailure(readTable(join(folder, 'none.csv')), /none\.csv cannot be read: there is no such file/, 'FILE');
  await expectFailure(readTable(folder), /^[^:]+ cannot be read: it is a folder without \.png or \.jpg files/, 'FILE');
  await expectFailure(readTable('bundled:spambas'), /did you mean 'spambase'/, 'INVALID_PARAMETER');
});

test('.npy straight from the file into the matrix', async () => {
  const rows = 3000;
  const matrix = DenseMatrix.create(rows, 70);
  matrix.data.forEach((_, k, data) => {
    data[k] = Math.sin(k);
  });
  const path = put('m.npy', writeNpy(matrix));
  const read = await readNpyMatrix(path);
  expect([read.rows, read.cols]).toEqual([rows, 70]);
  expect(read.data.every((v, k) => v === matrix.data[k])).toBe(true);
});

test('the bundled sets are what they say', async () => {
  expect(bundledSets().map((set) => set.name)).toEqual(['spambase', 'diabetes', 'digits']);
  for (const set of bundledSets()) {
    const table = await loadBundled(set.name);
    expect([table.rows, table.columns.length]).toEqual([set.rows, set.columns]);
    expect(table.columns.some((column) => column.name === set.target)).toBe(true);
    expect(existsSync(new URL(bundledUrl(set.name).href.replace('.csv.gz', '.LICENSE.txt')))).toBe(true);
  }
});

test('Spambase: class balance and the means published in its documentation', async () => {
  const table = await loadBundled('bundled:spambase');
  const columns = contents(table);
  expect(columns.class.filter((v) => v === 'spam')).toHaveLength(1813);
  expect(columns.class.filter((v) => v === 'not')).toHaveLength(2788);
  const mean = (name: string) => (columns[name] as number[]).reduce((s, v) => s + v, 0) / 4601;
  // To the digits of the attribute statistics in spambase.DOCUMENTATION.
  expect(mean('word_freq_make')).toBeCloseTo(0.10455, 4);
  expect(mean('word_freq_george')).toBeCloseTo(0.7673, 4);
  expect(mean('char_freq_!')).toBeCloseTo(0.26907, 4);
  expect(mean('capital_run_length_average')).toBeCloseTo(5.1915, 3);
  expect(mean('capital_run_length_longest')).toBeCloseTo(52.173, 2);
  expect(mean('capital_run_length_total')).toBeCloseTo(283.29, 2);
});

test('diabetes: raw values whose means the article of 2004 gives in its first table rows', async () => {
  const columns = contents(await loadBundled('diabetes'));
  // Table 1 of the article: the first patients.
  const row = (i: number) => Object.values(columns).map((column) => column[i]);
  expect(row(0)).toEqual([59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87, 151]);
  expect(row(1)).toEqual([48, 1, 21.6, 87, 183, 103.2, 70, 3, 3.8918, 69, 75]);
  const y = columns.y as number[];
  expect(y.reduce((s, v) => s + v, 0) / 442).toBeCloseTo(152.133484, 6);
});
