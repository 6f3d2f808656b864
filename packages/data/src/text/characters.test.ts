import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTable } from '../read-table.ts';
import type { CategoryColumn } from '../table.ts';
import { bytesOf, expectFailure } from '../testing.ts';

const asText = (bytes: Uint8Array) => readTable(bytes, { name: 'a.txt', format: 'text' });
const back = async (bytes: Uint8Array) => {
  const { columns, rows } = await asText(bytes);
  const { codes, levels } = columns[0] as CategoryColumn;
  expect(codes.length).toBe(rows);
  expect(levels).toEqual([...levels].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!));
  return Array.from(codes, (code) => levels[code]).join('');
};

test('a text and its characters are the same, those beyond 16 bits and marks alike', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1 }), async (text) => {
      // What cannot be written in UTF-8 was never in a file; a mark at the beginning is none of the text.
      fc.pre(!/\p{Cs}/u.test(text) && !text.startsWith('\ufeff') && !text.includes('\r\n'));
      expect(await back(new TextEncoder().encode(text))).toBe(text);
    }),
    { numRuns: 60 },
  );
});

test('a byte order mark, CR LF, gzip', async () => {
  const bytes = bytesOf('\ufeffone\r\ntwo\r\n\rthree');
  expect(await back(bytes)).toBe('one\ntwo\n\rthree');
  expect(await back(new Uint8Array(gzipSync(bytes)))).toBe('one\ntwo\n\rthree');
  expect((await asText(bytes)).notes).toEqual(['a.txt ends 2 lines with CR LF, read as LF alone.']);
});

test('the byte where it is no UTF-8 is that after which nothing can be right', async () => {
  const valid = (bytes: Uint8Array) => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  let wrong = 0;
  const piece = fc.oneof(
    fc.constantFrom('a', 'é', '€', '😀').map((c) => [...new TextEncoder().encode(c)]),
    fc.array(fc.nat(255), { maxLength: 3 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1 }), async (pieces) => {
      const bytes = Uint8Array.from(pieces.flat());
      fc.pre(bytes.length > 0 && !valid(bytes) && !(bytes[0] >= 0xfe && bytes[1] >= 0xfe) && bytes[0] !== 0x1f);
      wrong++;
      const message = await asText(bytes).then(
        () => '',
        (error: Error) => error.message,
      );
      const at = Number(/byte (\d+) \(from 0\)/.exec(message)?.[1]);
      expect(valid(bytes.subarray(0, at))).toBe(true);
      for (let end = at + 1; end <= Math.min(bytes.length, at + 4); end++)
        expect(valid(bytes.subarray(0, end))).toBe(false);
    }),
    { numRuns: 200 },
  );
  expect(wrong).toBeGreaterThan(50);
});

test('what holds no text is told', async () => {
  await expectFailure(asText(bytesOf('\ufeff')), /a\.txt holds no text/);
  await expectFailure(asText(new Uint8Array(0)), /a\.txt is empty/);
});

test('a .txt file of words is a text, one of columns a table', async () => {
  const format = async (text: string, name = 'a.txt') => (await readTable(bytesOf(text), { name })).format;
  expect(
    await format(
      'It was the best of times,\nit was the worst of times, he said.\nAnd so on, and on, and on.\nNo more\n',
    ),
  ).toBe('text');
  expect(await format('A single line of words')).toBe('text');
  expect(await format('name value\nfirst thing 2\nsecond thing 3\n'.replaceAll(' thing', '-thing'))).toBe('csv');
  expect(await format('"mpg" "cyl"\n"Mazda RX" 21 6\n"Datsun B" 22 4\n')).toBe('csv');
  expect(await format('first name,age\n"Doe, John",3\nJane Roe,4\n')).toBe('csv');
  expect(await format('1\n2\n3\n')).toBe('csv');
  await expectFailure(
    format('It was the best,\nit was the worst, he said.\nOn.\n', 'a.csv'),
    /a\.csv, line 3 has 1 field/,
  );
});
