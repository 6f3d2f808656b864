import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Table } from '../table.ts';
import { bytesOf, chunked, expectSameInParts, inPieces } from '../testing.ts';

const RANKS = [1, 2, 3, 4, 5];
const same = (text: string, options: Parameters<typeof expectSameInParts>[2] = {}) =>
  expectSameInParts(bytesOf(text), RANKS, { name: 'x.csv', ...options });
const notesOf = (found: Table | string) => (typeof found === 'string' ? found : found.notes.join(' '));

const number = fc.oneof(
  fc.integer({ min: -20, max: 200 }).map(String),
  fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map(String),
  fc.constantFrom('007', '1.50', '7.0', '-0', 'inf', '-Infinity', '1e400', '0x10'),
);
const missing = fc.constantFrom('', 'NA', '?', '-', '.', '  ');
const dirt = fc.constantFrom('oops', '12k', 'n/d', '1,5', '2,75', '\0', 'a\0b', '-999');
const level = fc.constantFrom('red', 'green', 'blue', 'é', 'a "b"', 'x;y', 'a\nb', 'a\r\nb', 'c\rd', ' e ', '10', '9');
const text = fc.stringMatching(/^[a-z0-9 ";,\n\r\t#é]{0,8}$/);
const comma = fc.integer({ min: -2000, max: 2000 }).map((v) => (v / 10).toFixed(1).replace('.', ','));

/** The cells of a column, as a kind of column has them. */
const column = (rows: number) => {
  const cells = (...[first, ...rest]: Array<readonly [number, fc.Arbitrary<string>]>) =>
    fc.array(fc.oneof(...[first, ...rest].map(([weight, arbitrary]) => ({ weight, arbitrary }))), {
      minLength: rows,
      maxLength: rows,
    });
  return fc.oneof(
    cells([8, number], [1, missing]),
    cells([40, number], [1, dirt], [2, missing]),
    cells([5, number], [2, dirt]),
    cells([8, level], [1, missing]),
    cells([1, text]),
    cells([6, comma], [1, missing]),
    cells([3, comma], [2, number]),
    cells([1, missing]),
    fc.constant(Array.from({ length: rows }, (_, i) => String(i + 1))),
    fc.constant(Array.from({ length: rows }, (_, i) => String((i * 7919) % 1009))),
    fc.constant(Array.from({ length: rows }, (_, i) => `name ${i}`)),
  );
};

const quoted = (cell: string, delimiter: string, force: boolean) =>
  force || cell.includes(delimiter) || /["\n\r\t]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

const files = fc
  .record({
    rows: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 5, max: 60 })),
    cols: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ rows, cols }) =>
    fc.record({
      columns: fc.tuple(...Array.from({ length: cols }, () => column(rows))),
      delimiter: fc.constantFrom(',', ',', ';', '\t', ' '),
      eol: fc.constantFrom('\n', '\r\n', '\r'),
      header: fc.constantFrom('names', 'none', 'unnamed', 'fewer'),
      quotes: fc.constantFrom(0, 0, 3, 1),
      blank: fc.constantFrom('', '', 'x', 'xx', ' x'),
      every: fc.integer({ min: 1, max: 9 }),
      end: fc.constantFrom('eol', 'none', 'blank lines'),
      bom: fc.boolean(),
      damage: fc.option(fc.record({ at: fc.nat(), to: fc.constantFrom('"', ',', '\n', '\0', 'z', '"x') }), { freq: 4 }),
    }),
  )
  .map(({ columns, delimiter, eol, header, quotes, blank, every, end, bom, damage }) => {
    const names = columns.map((_, j) => (j === 0 && header === 'unnamed' ? '' : `c"${j}`));
    const rows = columns[0].map((_, i) => columns.map((cells) => cells[i]));
    const line = (cells: readonly string[], i: number) =>
      cells.map((cell, j) => quoted(cell, delimiter, quotes > 0 && (i + j) % quotes === 0)).join(delimiter);
    const gap = blank.replaceAll('x', eol);
    let out = bom ? '\ufeff' : '';
    if (header !== 'none') out += line(header === 'fewer' ? names.slice(1) : names, 1) + eol;
    rows.forEach((cells, i) => {
      out += line(cells, i) + (i === rows.length - 1 && end === 'none' ? '' : eol) + (i % every === 0 ? gap : '');
    });
    if (end === 'blank lines') out += eol + eol;
    if (damage) {
      const at = damage.at % (out.length + 1);
      out = out.slice(0, at) + damage.to + out.slice(at + 1);
    }
    return out;
  });

const asked = fc.record(
  {
    missing: fc.constantFrom(['', '-999'], [], ['7.0', '']),
    types: fc.constantFrom('text' as const, { 'c"1': 'number' as const }, { 'c"0': 'category' as const }),
    decimal: fc.constantFrom('.' as const, ',' as const),
    header: fc.boolean(),
    chunk: fc.integer({ min: 1, max: 20 }),
  },
  { requiredKeys: [] },
);

const sizes = { minLength: 1, maxLength: 5 };

test('the parts of one to five ranks are the file that one reads, notes and mistakes included', async () => {
  await fc.assert(
    fc.asyncProperty(files, asked, fc.array(fc.integer({ min: 1, max: 30 }), sizes), async (text, options, cuts) => {
      await same(text, options);
      const bytes = bytesOf(text);
      // Without random access, and in pieces that end anywhere.
      const source = { name: 'x.csv', size: bytes.length, restartable: true, stream: () => chunked(bytes, cuts) };
      await expectSameInParts(source, [2], options);
    }),
    { numRuns: Number(process.env.RUNS ?? 150) },
  );
});

test('also where the rest of a file says otherwise than a part of it', async () => {
  const rows = (cell: (i: number) => string, count = 40) =>
    Array.from({ length: count }, (_, i) => `${i},${cell(i)}\n`).join('');
  // Numbers on the first rank, which are texts because of the last one: as they are spelled.
  const spelled = await same(`id,v\n${rows((i) => (i > 30 ? 'x' : '007'))}`);
  expect(notesOf(spelled)).toBe(
    `Column 'v' is a category because line 33 has "x" in it; 77 % of its values are numbers: missing x counts "x" as missing.`,
  );
  // Texts on the last rank, which are dirt because of the others.
  expect(notesOf(await same(`id,v\n${rows((i) => (i > 37 ? 'x' : '7'))}`))).toMatch(/95 % are; 2 values .* row 39/);
  // A NUL byte is a text after a text, and a mistake after numbers, on whatever rank. (At the beginning it is one anyway.)
  const nul = (i: number) => i > 9_990 && i % 3 === 0;
  const far = (cell: (i: number) => string) =>
    expectSameInParts(inPieces(bytesOf(`id,v\n${rows(cell, 10_000)}`), 'x.csv'), [1, 2, 3]);
  const binary = await far((i) => (nul(i) ? '\0' : '7.0625'));
  expect(binary).toMatch(/line 9995 holds a NUL byte/);
  expect(notesOf(await far((i) => (nul(i) ? '\0' : 'text')))).toBe('');
  // The first mistake of the file is told, not the first that is found.
  const mistakes = rows((i) => (i === 17 ? '1,2' : i === 38 ? '"a"b' : '7'));
  expect(await same(`id,v\n${mistakes}`)).toMatch(/line 19 has 3 fields/);
  expect(await same(`id,v\n${rows((i) => (i === 17 ? '"open' : '7'))}`)).toMatch(/line 19 opens a quotation mark/);
  // One text over many lines, which are the ranges of several ranks.
  const long = `"${'a,b\r\n'.repeat(200)}"`;
  await same(`id,v\r\n1,x\r\n2,${long}\r\n\r\n3,y\r\n4,${long}`);
  expect(notesOf(await same(`${rows(() => '1')}\n\n${rows(() => '1')}\n`))).toMatch(/^2 blank line/);
  for (const text of ['', 'a,b', 'a,b\n', 'a\n1', '1\n2\n', '\n', '"', '"a', 'a,b\n\n\n']) await same(text);
});

test('far from the beginning of a file, too', async () => {
  const head = (cols: number) => `${Array.from({ length: cols }, (_, j) => `"c""${j}"`).join(',')}\n`;
  const line = (cols: number) => `${Array.from({ length: cols }, () => '12.5').join(',')}\n`;
  await fc.assert(
    fc.asyncProperty(files, asked, fc.integer({ min: 1, max: 4 }), async (text, options, cols) => {
      const front = head(cols) + line(cols).repeat(Math.ceil(66_000 / line(cols).length));
      await expectSameInParts(inPieces(bytesOf(`${front}${text}`), 'x.csv'), [40], { ...options, chunk: 1 });
    }),
    { numRuns: Number(process.env.RUNS ?? 15) },
  );
});

test('names of rows are found where all differ', async () => {
  const text = (name: (i: number) => string) =>
    `,v\n${Array.from({ length: 30 }, (_, i) => `${name(i)},1\n`).join('')}`;
  const index = async (name: (i: number) => string) => ((await same(text(name))) as Table).index?.name;
  expect(await index((i) => String(i))).toBe('column1');
  expect(await index((i) => String((i * 7) % 30))).toBe('column1');
  expect(await index((i) => `r${i}`)).toBe('column1');
  expect(await index((i) => String(i % 29))).toBeUndefined();
  expect(await index((i) => `r${i % 29}`)).toBeUndefined();
  expect(await index((i) => (i === 29 ? '' : String(i)))).toBeUndefined();
});

test('what is compressed is read by all', () =>
  expectSameInParts(new Uint8Array(gzipSync(bytesOf('a,b\n1,x\n2,y\n3,x\n'))), [2, 3], { name: 'x.csv.gz' }));
