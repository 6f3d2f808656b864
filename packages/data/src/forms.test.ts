import { describe, expect, test } from 'vitest';
import { columnsToRead } from './design/assemble.ts';
import { applyEncoding, designMatrix } from './design/design-matrix.ts';
import { readTable } from './read-table.ts';
import { readTableBlocks } from './read-table-blocks.ts';
import type { ReadOptions, Table } from './table.ts';
import { bytesOf, contents, expectFailure, expectSameInParts, readText } from './testing.ts';

const column = async (values: readonly string[], options: ReadOptions = {}) => {
  const table = await readText(`k,v\n${values.map((v, i) => `${i},"${v}"`).join('\n')}\n`, options);
  const [, v] = table.columns;
  return { table, v, values: contents(table).v, notes: table.notes.join(' ') };
};

describe('amounts with units', () => {
  test.each([
    ['percent', ['12.5%', '3 %', '-0.5%'], [12.5, 3, -0.5], { unit: '%' }, '"12.5%" is 12.5'],
    ['dollars', ['$1,234.50', '$0.5', '-$3', '$-4', '($5)'], [1234.5, 0.5, -3, -4, -5], { unit: '$' }, '1234.5'],
    ['thousands only', ['$1,234', '$12'], [1234, 12], { unit: '$' }, '1234'],
    ['euros after', ['1.234,50 €', '7 €', ''], [1234.5, 7, null], { unit: '€', decimal: ',' }, '1234.5'],
    ['decimal commas', ['12,50 €', '3 €'], [12.5, 3], { unit: '€', decimal: ',' }, '12.5'],
    ['pounds', ['£3', '£4.25'], [3, 4.25], { unit: '£' }, '"£3" is 3'],
    ['codes', ['USD 5', '1,000.25 USD'], [5, 1000.25], { unit: 'USD' }, '5'],
    ['missing ones', ['$1', 'NA', '$2', 'None'], [1, null, 2, null], { unit: '$' }, ''],
  ])('%s', async (_, written, expected, form, told) => {
    // Words for missing values count among amounts as among numbers.
    const { v, values, notes } = await column(written, told === '' ? { missing: ['', 'NA', 'None'] } : {});
    expect(v).toMatchObject({ type: 'number', form });
    expect(values).toEqual(expected);
    expect(notes).toContain(`amounts in ${form.unit}, which are numbers: `);
    expect(notes).toContain(told);
  });

  test.each([
    ['two units', ['$5', '€4'], /different units, such as "\$5" and "€4", and is taken as text: convert them to one/],
    ['plain numbers too', ['$5', '7', '$9'], /amounts in \$, such as "\$5", in 2 of 3 values, but others without/],
    ['a mark that cannot be told', ['€1.234', '€2.500'], /decimal mark cannot be told, .*decimal \. or decimal , says/],
    ['percent with one comma', ['1,234%', '2,500%'], /decimal mark cannot be told/],
    ['two marks', ['$1,5', '$1.5'], /decimal mark cannot be told/],
    ['words', ['ab', '$5', 'cd', 'ef'], /^$/],
  ])('%s: texts', async (_, written, told) => {
    const { v, values, notes } = await column(written);
    expect(v.type).not.toBe('number');
    expect(values).toEqual(written);
    expect(notes.replace(/Column 'v' has \d distinct.*/, '').trim()).toMatch(told);
  });

  test('the decimal mark that is asked for decides; a type that is asked for is kept', async () => {
    expect((await column(['€1.234', '€2.500'], { decimal: ',' })).values).toEqual([1234, 2500]);
    expect((await column(['€1.234', '€2.500'], { decimal: '.' })).values).toEqual([1.234, 2.5]);
    expect((await column(['$1', '$2'], { types: { v: 'category' } })).values).toEqual(['$1', '$2']);
  });
});

describe('dates', () => {
  const days = (text: string) => Date.parse(`${text}T00:00:00Z`) / 864e5;
  test.each([
    ['ISO', ['2024-01-31', '1969-12-31'], [days('2024-01-31'), -1], { date: 'ymd' }, /days since 1970-01-01/],
    ['slashes', ['2024/2/29', '2023/12/1'], [days('2024-02-29'), days('2023-12-01')], { date: 'ymd' }, /days/],
    [
      'day first',
      ['31/01/2024', '02/03/2024'],
      [days('2024-01-31'), days('2024-03-02')],
      { date: 'dmy' },
      /day, month/,
    ],
    [
      'month first',
      ['01/31/2024', '02/03/2024'],
      [days('2024-01-31'), days('2024-02-03')],
      { date: 'mdy' },
      /month, day/,
    ],
    ['points', ['01.02.2024', '03.04.2024'], [days('2024-02-01'), days('2024-04-03')], { date: 'dmy' }, /days/],
    [
      'times',
      ['2024-01-31T12:00:00Z', '2024-01-31 13:30', '2024-01-31', '2024-01-31T14:00:00+02:00', '2024-01-31 01:00 pm'],
      [12, 13.5, 0, 12, 13].map((hour) => days('2024-01-31') * 86_400 + 3600 * hour),
      { date: 'ymd', time: true },
      /seconds since 1970-01-01 UTC/,
    ],
  ])('%s', async (_, written, expected, form, told) => {
    const { v, values, notes } = await column(written);
    expect(v).toMatchObject({ type: 'number', form });
    expect(values).toEqual(expected);
    expect(notes).toMatch(told);
    expect(notes).toMatch(/dateParts makes columns of year, month, day and weekday/);
  });

  test.each([
    [
      'days that may be months',
      ['01/02/2024', '03/04/2024'],
      /day or the month first, .*"01\/02\/2024".*dateOrder says which/,
    ],
    ['no such day', ['2023-02-29', '2023-02-30'], /^$/],
    ['some that are none', ['2024-01-31', '2024-02-01', 'soon'], /dates, such as "2024-01-31", in 2 of 3 values/],
    ['neither order fits all', ['31/01/2024', '01/31/2024'], /in 1 of 2 values/],
  ])('%s: texts', async (_, written, told) => {
    const { v, values, notes } = await column(written);
    expect(v.type).not.toBe('number');
    expect(values).toEqual(written);
    expect(notes.replace(/Column 'v' has \d distinct.*/, '').trim()).toMatch(told);
  });

  test('the order that is asked for decides where both fit, and only there', async () => {
    const either = ['01/02/2024', '03/04/2024'];
    expect((await column(either, { dateOrder: 'mdy' })).values).toEqual([days('2024-01-02'), days('2024-03-04')]);
    expect((await column(either, { dateOrder: 'dmy' })).v).toMatchObject({ form: { date: 'dmy' } });
    expect((await column(['31/01/2024'], { dateOrder: 'mdy' })).v).toMatchObject({ form: { date: 'dmy' } });
  });

  test('their parts as columns', async () => {
    const { table } = await column(['2024-02-29 06:30', '2023-01-01 00:00'], { dateParts: true });
    expect(contents(table)).toEqual({
      k: [0, 1],
      'v.year': [2024, 2023],
      'v.month': [2, 1],
      'v.day': [29, 1],
      'v.weekday': [4, 7],
      'v.hour': [6.5, 0],
    });
  });
});

describe('new rows are read as those of the fit', () => {
  const fit = 'rate,price,day,y\n1.5%,"$1,200.50",31/01/2024,1\n2.5%,$3,01/02/2024,2\n0.5%,$4,02/02/2024,3\n';
  const matrix = (table: Table, encoding: ReturnType<typeof designMatrix>['encoding']) => {
    const { X } = applyEncoding(table, encoding);
    const d = X.kind === 'dense' ? X : X.toDense();
    return Array.from({ length: d.rows }, (_, i) => Array.from({ length: d.cols }, (_, j) => d.get(i, j)));
  };
  const encodingOf = async (options: ReadOptions = {}) =>
    JSON.parse(JSON.stringify(designMatrix(await readText(fit, options), { target: 'y' }).encoding));
  const day = (text: string) => Date.parse(text) / 864e5;

  test('dates whose own rows are ambiguous, amounts alone in their column; whole or in blocks', async () => {
    const encoding = await encodingOf();
    const text = 'day,price,rate\n03/04/2024,$7,3%\n05/06/2024,"$1,000",4%\n';
    const expected = [
      [3, 7, day('2024-04-03')],
      [4, 1000, day('2024-06-05')],
    ];
    expect(matrix(await readText(text), encoding)).toEqual(expected);
    const choose = (names: readonly string[], file: string) => columnsToRead(encoding, names, file);
    for await (const block of readTableBlocks(bytesOf(text), { name: 't.csv', choose })) {
      expect(matrix(block, encoding)).toEqual(expected);
    }
  });

  test('parts of dates, of a table that has the dates', async () => {
    const encoding = await encodingOf({ dateParts: true });
    expect(encoding.featureNames).toEqual(['rate', 'price', 'day.year', 'day.month', 'day.day', 'day.weekday']);
    const text = 'rate,price,day\n3%,$7,03/04/2024\n';
    expect(matrix(await readText(text), encoding)).toEqual([[3, 7, 2024, 4, 3, 3]]);
    const choose = (names: readonly string[], file: string) => columnsToRead(encoding, names, file);
    for await (const block of readTableBlocks(bytesOf(text), { name: 't.csv', choose })) {
      expect(matrix(block, encoding)).toEqual([[3, 7, 2024, 4, 3, 3]]);
    }
  });

  test.each([
    ['another unit', '3%,€7,03/04/2024', /'price' had \$ when the model was fitted, but has "€7"/],
    ['no unit', '0.03,$7,03/04/2024', /'rate' had % when the model was fitted, but has plain numbers, such as 0\.03/],
    ['another order', '3%,$7,2024-04-03', /'day' had dates \(day, month, year\) .* but has "2024-04-03"/],
  ])('%s is refused', async (_, row, message) => {
    const encoding = await encodingOf();
    const table = await readText(`rate,price,day\n${row}\n`);
    await expectFailure(async () => applyEncoding(table, encoding), message, 'INVALID_FORMAT');
  });

  test('a unit where there was none is refused; words of a category stay as written', async () => {
    const plain = designMatrix(await readText('v,y\n1,1\n2,2\n3,1\n'), { target: 'y' }).encoding;
    await expectFailure(
      async () => applyEncoding(await readText('v\n1%\n2%\n'), plain),
      /'v' had plain numbers when the model was fitted, but has %/,
      'INVALID_FORMAT',
    );
    const mixed = await readText('v,y\n$1,1\n€2,2\n$1,3\n€2,4\n');
    const { encoding } = designMatrix(mixed, { target: 'y' });
    expect(encoding.featureNames).toEqual(['v=$1', 'v=€2']);
    expect(matrix(await readText('v\n$1\n$1\n'), encoding)).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });
});

test('the rows of ranks have the forms of all rows', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `${i},$${i}.5,${String(1 + (i % 28)).padStart(2, '0')}/03/2024`);
  const bytes = bytesOf(`k,price,day\n${rows.join('\n')}\n`);
  const { columns } = await readTable(bytes, { name: 't.csv' });
  expect(columns.map(({ type }) => type)).toEqual(['number', 'number', 'number']);
  await expectSameInParts(bytes, [2, 3, 5], { name: 't.csv' });
});
