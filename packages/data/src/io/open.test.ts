import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readTable } from '../read-table.ts';
import { bytesOf, chunked, contents, expectFailure } from '../testing.ts';
import { crc32 } from './crc32.ts';

const csv = bytesOf(`a,b\n${Array.from({ length: 5000 }, (_, i) => `${i},${Math.sin(i)}`).join('\n')}\n`);
const half = csv.indexOf(10, csv.length / 2) + 1;

test('CRC-32 of the check string', () => {
  expect(crc32(bytesOf('123456789'))).toBe(0xcbf43926); // the catalogue value
  expect(crc32(bytesOf('6789'), crc32(bytesOf('12345')))).toBe(0xcbf43926);
});

test('gzip of one and of many members, cut anywhere, twice over', async () => {
  const expected = contents(await readTable(csv, { name: 'a.csv' }));
  const one = gzipSync(csv);
  const many = Buffer.concat([gzipSync(csv.subarray(0, half)), gzipSync(''), gzipSync(csv.subarray(half))]);
  for (const packed of [one, many, gzipSync(many)]) {
    for (const input of [new Uint8Array(packed), chunked(packed, [1000, 1, 7, 13, 500]), new Blob([packed])]) {
      const table = await readTable(input, { name: 'a.csv.gz' });
      expect(contents(table)).toEqual(expected);
      if (packed !== one && packed !== many) expect(table.notes.join()).toMatch(/gzipped twice/);
    }
  }
});

test('options about another format than that of the file are told', async () => {
  const told = async (name: string, options: object) =>
    (await readTable(name.endsWith('csv') ? csv : bytesOf('1 1:2\n-1 2:3\n'), { name, ...options })).notes;
  expect(await told('a.csv', { delimiter: ',', decimal: '.', missing: [''], types: 'text', header: true })).toEqual([]);
  expect(await told('a.svm', { zeroBased: false, delimiter: 'auto' })).toEqual([]);
  const spell = (option: string) => `--${option}`;
  expect(await told('a.csv', { resize: [3, 3], zeroBased: true, spell })).toEqual([
    '--zeroBased applies to LIBSVM and has no effect on a.csv.',
    '--resize applies to pictures and has no effect on a.csv.',
  ]);
  expect(await told('a.svm', { delimiter: ';', types: {} })).toEqual([
    'delimiter applies to CSV and has no effect on a.svm.',
    'types applies to CSV and has no effect on a.svm.',
  ]);
});

test('truncated or altered gzip is told, wherever it is cut', async () => {
  const packed = new Uint8Array(Buffer.concat([gzipSync(csv.subarray(0, half)), gzipSync(csv.subarray(half))]));
  for (let end = 20; end < packed.length; end += 997) {
    await expectFailure(
      readTable(packed.slice(0, end), { name: 'a.csv.gz' }),
      /a\.csv\.gz: the gzip stream (ends|does)/,
    );
  }
  for (const end of [1, 4, 8, 9]) await expectFailure(readTable(packed.slice(0, -end)), /the gzip stream/);
  const altered = packed.slice();
  altered[packed.length - 6] ^= 1;
  await expectFailure(readTable(altered), /does not match its checksum/);
});

test('what is not a table is named', async () => {
  const fails = (text: string, name: string, sentence: RegExp, options = {}) =>
    expectFailure(
      readTable(
        Uint8Array.from(text, (c) => c.charCodeAt(0)),
        { name, ...options },
      ),
      sentence,
    );
  await fails('\x89HDF\r\n\x1a\n', 'a.csv', /a\.csv is an HDF5 file/);
  await fails('BZh91AY', 'a.csv', /compressed with bzip2/);
  await fails('abc\0\x01\x02', 'a.csv', /binary file \(NUL at byte 3\)/);
  await fails('PK\x03\x04...', 'a.csv', /a\.csv: its ZIP directory is missing/);
  await fails('1 2 3\n', 'a.mtx', /%%MatrixMarket/);
  await fails('a,b\n1,2\n', 'a.csv', /to be read as NumPy \.npy, but is CSV/, { format: 'npy' });
});

test('the content decides over the name, and is noted', async () => {
  const svm = await readTable(bytesOf('1 1:2 3:4\n-1 2:1\n'), { name: 'a.csv' });
  expect(svm.format).toBe('libsvm');
  expect(svm.notes.join()).toMatch(/a\.csv is named like CSV but holds LIBSVM/);
  expect((await readTable(bytesOf('1 1:2 3:4\n-1 2:1\n'), { name: 'a1a' })).notes).toEqual([]);
  expect((await readTable(bytesOf('time,x\n12:30,1\n'), { name: 'a.csv' })).format).toBe('csv');
});

test('what is no input is said to be none', async () => {
  await expectFailure(readTable('a.csv' as never), /Paths need @southwell\/data\/node/, 'INVALID_PARAMETER');
  await expectFailure(readTable(7 as never), /not 7/, 'INVALID_PARAMETER');
  await expectFailure(readTable({} as never), /a stream of bytes/, 'INVALID_PARAMETER');
});

test('UTF-16 of either byte order is converted as it arrives, gzipped or not', async () => {
  const text = 'név,y\nőr,1\n😀,2\n';
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  const encoded = (little: boolean) =>
    Uint8Array.from([0xfeff, ...units].flatMap((u) => (little ? [u & 255, u >> 8] : [u >> 8, u & 255])));
  for (const bytes of [encoded(true), encoded(false)]) {
    for (const size of [1, 3, 1000]) {
      const table = await readTable(chunked(bytes, [size]), { name: 'x.csv' });
      expect(contents(table)).toEqual({ név: ['őr', '😀'], y: [1, 2] });
    }
    expect(contents(await readTable(gzipSync(bytes), { name: 'x.csv.gz' }))).toEqual({ név: ['őr', '😀'], y: [1, 2] });
  }
});
