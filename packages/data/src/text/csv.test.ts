import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { designMatrix } from '../design/design-matrix.ts';
import { readTable } from '../read-table.ts';
import type { Table } from '../table.ts';
import { bytesOf, cells, chunked, contents, expectFailure, levels, readText } from '../testing.ts';

test('numbers, categories, missing values, CRLF and a byte order mark', async () => {
  const table = await readText('\ufeffsize,colour,price\r\n1,red,2.5\r\n,blue,NA\r\n-3e2,?,.\r\n');
  expect(contents(table)).toEqual({
    size: [1, null, -300],
    colour: ['red', 'blue', null],
    price: [2.5, null, null],
  });
  expect(table.columns.map((c) => c.type)).toEqual(['number', 'category', 'number']);
  expect(levels(table.columns[1])).toEqual(['blue', 'red']);
  expect(table.notes).toEqual([]);
});

test.each([
  ['semicolon', 'a;b\n1;2\n3;4'],
  ['tab', 'a\tb\n1\t2\n3\t4'],
  ['comma with blanks behind', 'a, b\n1, 2\n3, 4'],
  ['runs of blanks', '  a   b \n 1 2\n3    4\n'],
  ['old Mac line ends', 'a,b\r1,2\r3,4\r'],
  ['all quoted', '"a","b"\n"1","2"\n"3","4"\n'],
  ['blank lines around', '\n\na,b\n1,2\n3,4\n   \n\n'],
])('delimiters and line ends: %s', async (_, text) => {
  for (const sizes of [[1], [3], [1000]]) {
    const table = await readTable(chunked(bytesOf(text), sizes), { name: 'x.csv' });
    expect(contents(table)).toEqual({ a: [1, 3], b: [2, 4] });
  }
});

test('the header is detected, or not, or as told', async () => {
  const names = async (text: string, header?: boolean) =>
    (await readText(text, { header })).columns.map((column) => column.name);
  expect(await names('1,2\n3,4\n')).toEqual(['x1', 'x2']);
  expect(await names('a,b\nc,d\n')).toEqual(['a', 'b']);
  expect(await names('id,2019,2020\nx,1,2\n')).toEqual(['x1', 'x2', 'x3']);
  expect(await names('id,2019,2020\n7,1,2\n')).toEqual(['id', '2019', '2020']);
  expect(await names('2019,2020\n1,2\n', true)).toEqual(['2019', '2020']);
  expect(await names('a,b\n1,2\n', false)).toEqual(['x1', 'x2']);
  expect(await names(',b\n1,2\n1,3\n')).toEqual(['column1', 'b']);
  expect(await names('a,b\n1,2,3\n1,5,6\n')).toEqual(['row', 'a', 'b']);
});

test('a first column without a name whose values all differ names the rows, and is no data', async () => {
  for (const text of [
    '"","mpg"\n"Mazda RX4",21\n"Datsun",22.8\n"Valiant",18.1\n',
    ',mpg\n0,21\n1,22.8\n2,18.1\n',
    'Unnamed: 0,mpg\n7,21\n3,22.8\n5,18.1\n',
    'mpg\nMazda,21\nDatsun,22.8\nValiant,18.1\n',
  ]) {
    const table = await readText(text, { delimiter: ',' });
    expect(table.columns.map((c) => c.name)).toEqual(['mpg']);
    expect(table.notes.join(' ')).toMatch(/taken as row names, not as data/);
    // Who names it has it.
    const { featureNames } = designMatrix(table, { features: [table.index!.name, 'mpg'] });
    expect(featureNames.length).toBeGreaterThan(1);
  }
  // A value that is missing, or there twice, a name, or a type that was asked for: a column like others.
  for (const text of [',y\na,1\na,2\n', ',y\na,1\n,2\n', ',y\n1,1\n1,2\n', 'x,y\na,1\nb,2\n']) {
    expect((await readText(text)).index).toBeUndefined();
  }
  expect((await readText(',y\n1,5\n2,6\n', { types: { column1: 'number' } })).columns).toHaveLength(2);
});

test('repeated names are made unique, and noted', async () => {
  const table = await readText('a,a,a_2,a\n1,2,3,4\n');
  expect(table.columns.map((c) => c.name)).toEqual(['a', 'a_3', 'a_2', 'a_4']);
  expect(table.notes.join()).toMatch(/more than once.*a_3, a_4/);
});

test('a text among numbers makes a category that keeps the spellings, and is noted with its line', async () => {
  // One in eight, or they would be dirt among numbers.
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i},${i % 7 === 0 ? '007' : '1.50'}`);
  for (let i = 15_000; i < 20_000; i += 2) lines[i] = `${i},oops`;
  const text = `id,v\n${lines.join('\n')}\n`;
  const table = await readText(text);
  expect(levels(table.columns[1])).toEqual(['007', '1.50', 'oops']);
  expect(table.notes).toEqual([
    `Column 'v' is a category because line 15002 has "oops" in it; 87 % of its values are numbers: missing oops counts "oops" as missing.`,
  ]);
  const byValue = text.replaceAll('007', '7.0');
  const streamed = await readTable(chunked(bytesOf(byValue), [5000]), { name: 'x.csv' });
  expect(levels(streamed.columns[1])).toEqual(['1.5', '7', 'oops']);
  expect(streamed.notes.join(' ')).toMatch(/kept by value/);
  const forced = readText(text, { types: { v: 'number' } });
  await expectFailure(forced, /^test\.csv, line 15002 has "oops" in column 2 \('v'\), which must be a number/);
  const chosen = await readText('a,b\n01,2\n1,3\n', { types: { a: 'category' } });
  expect(contents(chosen)).toEqual({ a: ['01', '1'], b: [2, 3] });
  expect((await readText('a,b\n01,2\n1,3\n', { types: 'text' })).columns.map((c) => c.type)).toEqual(['text', 'text']);
  await expectFailure(readText('a\n1', { types: { z: 'text' } }), /no column 'z'/, 'INVALID_PARAMETER');
});

describe('codes are told from amounts', () => {
  const two = (...values: string[]) => `id,v\n${values.map((v, i) => `${i % 3},${v}\n`).join('')}`;

  test('leading zeros make codes, and 001 is not 1', async () => {
    for (const values of [
      ['00123', '01234', '00123', '5', '123'],
      ['5', '123', '00123', '01234', '00123'],
    ]) {
      const { columns, notes } = await readText(two(...values));
      expect(levels(columns[1])).toEqual(['5', '00123', '123', '01234']);
      expect(contents({ columns: [columns[1]] } as never)).toEqual({ v: values });
      expect(notes[0]).toBe(
        `Column 'v' has codes rather than amounts: leading zeros, as in "00123". With types v=number it is numeric.`,
      );
      const asked = await readText(two(...values), { types: { v: 'number' } });
      expect(contents(asked).v).toEqual(values.map(Number));
    }
  });

  test('whole numbers that doubles would merge are codes; large amounts as doubles print them are numbers', async () => {
    const ids = ['9007199254740993', '9007199254740992', '1', '9007199254740993'];
    const { columns, notes } = await readText(two(...ids));
    expect(contents({ columns: [columns[1]] } as never)).toEqual({ v: ids });
    expect(notes[0]).toMatch(/codes rather than amounts: whole numbers beyond 2\^53.*"9007199254740993"/);
    const amounts = [177472677325876670, 2 ** 60, -1e20, 12];
    expect(contents(await readText(two(...amounts.map(String)))).v).toEqual(amounts);
  });

  test('fractions, signs and texts are as before', async () => {
    expect(contents(await readText(two('00.5', '007', '1.25'))).v).toEqual([0.5, 7, 1.25]);
    expect(contents(await readText(two('-007', '+08', '0', '00'.slice(1), '-0'))).v).toEqual([-7, 8, 0, 0, -0]);
    const { columns, notes } = await readText(two('007', '1', 'x', '2', 'y', '3'));
    expect(levels(columns[1])).toEqual(['007', '1', '2', '3', 'x', 'y']);
    expect(notes[0]).toBe(`Column 'v' is a category because line 4 has "x" in it.`);
  });
});

describe('what stands among numbers', () => {
  const v = (...values: string[]) => `id;v\n${values.map((value, i) => `${i % 3};${value}\n`).join('')}`;

  test('words of programs for missing values are missing where all else is numbers', async () => {
    for (const word of ['None', '<NA>', '#N/A', 'nil']) {
      const { columns, notes } = await readText(v('1', word, '2.5', word, '3'));
      expect(cells(columns[1])).toEqual([1, null, 2.5, null, 3]);
      expect(notes).toEqual([`Column 'v': 2 values such as "${word}" count as missing.`]);
    }
    const { columns } = await readText(v('red', 'None', 'red', 'None', 'blue', 'blue'));
    expect(levels(columns[1])).toEqual(['None', 'blue', 'red']);
  });

  test('thousands, where the commas cannot be decimal marks', async () => {
    for (const values of [
      ['1,004', '250', '12', '2,300'],
      ['1,234,567', '3', '1,000'],
      ['1,004.5', '2000', '-3,001'],
    ]) {
      const { columns, notes } = await readText(v(...values));
      expect(cells(columns[1])).toEqual(values.map((value) => Number(value.replaceAll(',', ''))));
      expect(notes.join()).toMatch(/Column 'v' has thousands separated by commas, as in "1,/);
    }
    // 1.004 or 1004: who knows.
    for (const values of [
      ['1,004', '2,300', '5,125'],
      ['1,004', '2300', '5,125'],
    ]) {
      expect((await readText(v(...values))).columns[1].type).not.toBe('number');
    }
  });

  test('the word that makes a category of numbers is named with the option that makes it missing', async () => {
    const { notes } = await readText(v(...Array.from({ length: 50 }, (_, i) => (i % 7 === 0 ? 'unknown' : String(i)))));
    expect(notes[0]).toBe(
      `Column 'v' is a category, but 84 % of its values are numbers: missing unknown counts "unknown" as missing.`,
    );
  });
});

describe('the beginning of a file', () => {
  test('comments are skipped, and the last of several may have the names', async () => {
    const plain = await readText('# made by a program\n# on Monday\na,b\n1,2\n3,4\n');
    expect(contents(plain)).toEqual({ a: [1, 3], b: [2, 4] });
    expect(plain.notes).toEqual(['2 lines that begin with # at the beginning were skipped.']);
    expect(contents(await readText('# made by a program\n# a,b\n1,2\n3,4\n'))).toEqual({ a: [1, 3], b: [2, 4] });
    expect(contents(await readText('#a,b\n1,2\n3,4\n'))).toEqual({ '#a': [1, 3], b: [2, 4] });
    expect(contents(await readText('# one comment\na,b\n1,2\n3,4\n'))).toEqual({ a: [1, 3], b: [2, 4] });
  });

  test('lines are skipped if asked, and names can be asked for', async () => {
    const text = 'Sales of the year\nin thousands, by town\nname,2019,2020\nA,1,2\nB,3,4\n';
    const { columns } = await readText(text, { skip: 2, header: true });
    expect(columns.map((c) => c.name)).toEqual(['name', '2019', '2020']);
    const guessed = await readText(text, { skip: 2 });
    expect(guessed.rows).toBe(3);
    expect(guessed.notes[0]).toBe(
      'No names of columns were found, so that the first line counts as data: with header yes it has the names.',
    );
    expect((await readText('1,2\n3,4\n')).notes).toEqual([]);
    await expectFailure(readText('a,b\n1,2\n', { skip: 5 }), /has no rows|is empty/);
  });

  test('vertical bars are delimiters', async () => {
    expect(contents(await readText('a|b\n1|2\n3|4\n'))).toEqual({ a: [1, 3], b: [2, 4] });
  });
});

test('what a column of numbers holds depends on no order', async () => {
  // A missing value may look like a number.
  const missing = { missing: ['', '-999'] };
  expect(contents(await readText('a,b\n1,-999\n-999,x\n', missing))).toEqual({ a: [1, null], b: [null, 'x'] });
  expect(contents(await readText('a b\n1 -999\n-999 2\n', missing))).toEqual({ a: [1, null], b: [null, 2] });
  // Numbers that are not finite count as numbers, and zeros keep their sign, before a text as after it.
  const rows = ['inf', '-0', ...Array.from({ length: 30 }, (_, i) => String(i)), 'oops', '-0', '-inf'];
  for (const order of [rows, rows.toReversed()]) {
    const [column] = (await readText(`v\n${order.join('\n')}\n`)).columns;
    expect(column).toMatchObject({ type: 'number' });
    const expected = order.map((v) => (v === 'oops' ? Number.NaN : Number(v.replace('inf', 'Infinity'))));
    expect(column.type === 'number' && [...column.values]).toEqual(expected);
  }
});

test('a few values that are no numbers are missing in a column of numbers, and are told', async () => {
  const column = (dirt: Readonly<Record<number, string>>, rows = 40) =>
    `id,v\n${Array.from({ length: rows }, (_, i) => `p${i},${dirt[i] ?? `${i}.5`}`).join('\n')}\n`;
  const table = await readText(column({ 3: 'oops', 7: '12k', 20: '-', 21: 'N/A', 22: '', 30: 'oops', 31: 'x y' }, 80));
  const [, v] = table.columns;
  expect(v.type === 'number' && [v.values[2], v.values[3], v.values[20], v.values[31]]).toEqual([
    2.5,
    Number.NaN,
    Number.NaN,
    Number.NaN,
  ]);
  expect(table.notes.join(' ')).toContain(
    `Column 'v' is numeric: 94.8 % are; 4 values are not numbers and count as missing, "oops" in row 4, "12k" in row 8, "oops" in row 31 and 1 more.`,
  );
  // The same, however the bytes come; one in five is no dirt, and a type that was asked for stands.
  const text = column({ 3: 'oops' });
  const streamed = await readTable(chunked(bytesOf(text), [7]), { name: 'x.csv' });
  expect(streamed.columns[1]).toEqual((await readText(text)).columns[1]);
  expect((await readText(column({ 0: 'a', 1: 'b', 2: 'c' }, 15))).columns[1].type).toBe('text');
  expect((await readText(text, { types: { v: 'category' } })).columns[1].type).toBe('category');
});

test('nearly unique texts are text, not a category', async () => {
  const text = `name,v\n${Array.from({ length: 200 }, (_, i) => `person ${i},1`).join('\n')}`;
  const table = await readText(text);
  expect(table.columns.map((c) => c.type)).toEqual(['text', 'number']);
});

test('infinities, other spellings of missing values, Windows-1252', async () => {
  const table = await readText('a,b\ninf,-\n-Infinity,2\n+Inf,3\n', { missing: ['-'] });
  expect(contents(table)).toEqual({ a: [Infinity, -Infinity, Infinity], b: [null, 2, 3] });
  const western = new Uint8Array([...bytesOf('a,b\nM'), 0xfc, ...bytesOf('nchen,1\n')]);
  const read = await readTable(western, { name: 'x.csv' });
  expect(levels(read.columns[0])).toEqual(['München']);
  expect(read.notes.join()).toMatch(/Windows-1252/);
});

test('every fault has its line', async () => {
  await expectFailure(readText(''), /^test\.csv is empty/);
  await expectFailure(readText('\n\n'), /has no rows/);
  await expectFailure(readText('a,b\n'), /header \(a, b\) but no rows/);
  await expectFailure(readText('a,b\n1,2\n3\n'), /line 3 has 1 field where 2 were expected/);
  await expectFailure(readText('a,b\n1,2\n3,4,5\n'), /line 3 has 3 fields where 2 were expected/);
  await expectFailure(readText('a,b\n"x\ny",2\n\n3\n'), /line 5 has 1 field/);
  await expectFailure(readText('a,b\n1,2\n"x,4\n5,6\n'), /line 3 opens a quotation mark in column 1 \('a'\)/);
  await expectFailure(readText('a,b\n"x"y,2\n'), /line 2 has text after the closing quotation mark of column 1/);
  await expectFailure(readText('"a,b\n'), /line 1 opens a quotation mark/);
  await expectFailure(readText('a,b\n1,2\n', { delimiter: ',,' }), /one character/, 'INVALID_PARAMETER');
  await expectFailure(readText(`a,b\n${'1,2\n'.repeat(400_000)}1,\0\n`), /line 400002 holds a NUL byte/);
});

describe('decimal commas', () => {
  const values = (table: Table) =>
    table.columns.map((c) => (c.type === 'number' ? [...c.values] : c.levels.map((l) => l)));

  test.each([
    [
      'a;b\n1,5;2\n-,25;1e3\n',
      [
        [1.5, -0.25],
        [2, 1000],
      ],
    ],
    [
      '1,5;2,5\n3,5;4,25\n',
      [
        [1.5, 3.5],
        [2.5, 4.25],
      ],
    ],
    [
      'a\tb\n1,5\t2\n2,50\t3\n',
      [
        [1.5, 2.5],
        [2, 3],
      ],
    ],
    [
      'a,b\n"1,5",2\n"2,5",3\n',
      [
        [1.5, 2.5],
        [2, 3],
      ],
    ],
    ['a;b\n1,234;0,500\n', [[1.234], [0.5]]],
    ['1,12345678901234567890;1\n', [[1.1234567890123457], [1]]],
  ])('%j are noticed, applied and told', async (text, expected) => {
    const table = await readText(text);
    expect(values(table)).toEqual(expected);
    expect(table.notes.join()).toMatch(/decimal commas/);
  });

  test('what may be thousands, or stands beside points, is not applied but told', async () => {
    for (const text of ['a;b\n1,234;2\n2,345;3\n', 'a;b\n1,5;2.5\n2,7;3.5\n']) {
      const table = await readText(text, { spell: (name) => `--${name}` });
      expect(table.columns.map((c) => c.type)).toEqual(['category', 'number']);
      expect(table.notes.join()).toMatch(
        /'a' seems to have decimal commas, as in "\d,\d+", .* --decimal , reads numbers/,
      );
    }
  });

  test('as asked, either way', async () => {
    expect(values(await readText('a;b\n1,234;2\n', { decimal: ',' }))).toEqual([[1.234], [2]]);
    expect(values(await readText('a;b\n1,5;2\n', { decimal: '.' }))).toEqual([['1,5'], [2]]);
    // Without quotes a comma is the delimiter, and within them it is the mark.
    expect(values(await readText('a,b\n"1,234",2\n7,8\n', { decimal: ',' }))).toEqual([
      [1.234, 7],
      [2, 8],
    ]);
    const dotted = await readText('a;b\n1.5;2\n2.5;3\n', { decimal: ',' });
    expect(dotted.columns[0].type).toBe('category');
  });

  test('plain numbers in plain files are as before', async () => {
    for (const text of ['a,b\n1,5\n2,6\n', '1, 5\n2, 6\n', 'a b\n1 5\n2 6\n', '"a","b"\n"1","5"\n"2","6"\n']) {
      const table = await readText(text);
      expect([values(table), table.notes]).toEqual([
        [
          [1, 2],
          [5, 6],
        ],
        [],
      ]);
    }
  });

  test('dirty cells among them', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => (i === 20 ? 'n/d' : `${i},5`));
    const table = await readText(`a;b\n${rows.map((v) => `${v};1`).join('\n')}\n`);
    expect(table.columns[0].type).toBe('number');
    expect(values(table)[0].slice(19, 22)).toEqual([19.5, Number.NaN, 21.5]);
    expect(table.notes.join(' ')).toMatch(/"n\/d" in row 21/);
  });
});

test('progress ends at the whole file, and an abort is heard', async () => {
  const bytes = bytesOf(`a,b\n${'1,2\n'.repeat(700_000)}`);
  const seen: number[][] = [];
  await readTable(bytes, { onProgress: (read, rows) => seen.push([read, rows]) });
  expect(seen.at(-1)).toEqual([bytes.length, 700_000]);
  expect(seen.length).toBeGreaterThan(2);
  const controller = new AbortController();
  const reading = readTable(bytes, { signal: controller.signal, onProgress: () => controller.abort() });
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
});

const text = fc.oneof(
  fc.stringMatching(/^[a-z ";,\n\r\t#é]{0,6}$/),
  fc.constantFrom('', '1', '-2.5', '1e3', 'NA', 'x'),
);
const quoted = (cell: string, force: boolean) =>
  force || /[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

test('agrees with csv-parse on quoted fields, however the bytes are cut', async () => {
  const tables = fc.integer({ min: 2, max: 4 }).chain((cols) =>
    fc.record({
      rows: fc.array(fc.array(fc.tuple(text, fc.boolean()), { minLength: cols, maxLength: cols }), { minLength: 1 }),
      eol: fc.constantFrom('\n', '\r\n'),
      sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      cols: fc.constant(cols),
    }),
  );
  await fc.assert(
    fc.asyncProperty(tables, async ({ rows, eol, sizes, cols }) => {
      const header = Array.from({ length: cols }, (_, j) => `c${j}`).join(',');
      const body = rows.map((row) => row.map(([cell, force]) => quoted(cell, force)).join(',')).join(eol);
      const source = bytesOf(`${header}${eol}${body}${eol}`);
      const types = Object.fromEntries(Array.from({ length: cols }, (_, j) => [`c${j}`, 'text' as const]));
      const options = { name: 'x.csv', types, missing: [], header: true, delimiter: ',' };
      const expected: string[][] = parse(body, { relax_column_count: false, record_delimiter: eol });
      for (const input of [source, chunked(source, sizes)]) {
        const table = await readTable(input, options);
        const columns = table.columns.map(cells);
        expect(expected.map((_, i) => columns.map((column) => column[i]))).toEqual(expected);
        expect(table.rows).toBe(expected.length);
      }
    }),
    { numRuns: 300 },
  );
});

test('numbers come back whatever the width of the table and the cut of the chunks', async () => {
  const tables = fc.integer({ min: 1, max: 30 }).chain((cols) =>
    fc.record({
      values: fc.array(fc.array(fc.double(), { minLength: cols, maxLength: cols }), { minLength: 1, maxLength: 30 }),
      sizes: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(tables, async ({ values, sizes }) => {
      const source = bytesOf(values.map((row) => row.join(',')).join('\n'));
      const table = await readTable(chunked(source, sizes), { name: 'x.csv', header: false });
      table.columns.forEach((column, j) => {
        const expected = values.map((row) => (Number.isNaN(row[j]) ? null : row[j] + 0));
        expect(cells(column).map((v) => (v === null ? v : (v as number) + 0))).toEqual(expected);
      });
      expect(table.rows).toBe(values.length);
    }),
    { numRuns: 200 },
  );
});

test('lines that end with a delimiter which their header lacks have no names of rows', async () => {
  for (const text of ['a,b\n1,2,\n3,4,\n', 'a;b\n1;2;\n3;4;\n', 'a,b,\n1,2,\n3,4,\n']) {
    const table = await readText(text);
    expect(contents(table)).toEqual({ a: [1, 3], b: [2, 4] });
    expect(table.notes.join()).toMatch(/Column 3 has neither a name nor values/);
  }
  // One value there is enough for names of rows.
  const named = await readText('a,b\nr1,1,2\nr2,3,\n');
  expect([named.index?.name, contents(named)]).toEqual(['row', { a: [1, 3], b: [2, null] }]);
});

test('lines of blanks are no rows, whatever counts as missing, and no text of theirs is in the first column', async () => {
  for (const missing of [['', '-999'], []]) {
    const { rows, columns, notes } = await readTable(bytesOf('a,b\n1,2\n \t\n3,4\n'), { missing });
    expect(rows).toBe(2);
    expect(columns.map(({ type }) => type)).toEqual(['number', 'number']);
    expect(notes).toEqual(['1 blank line(s) between the rows were skipped.']);
  }
});
