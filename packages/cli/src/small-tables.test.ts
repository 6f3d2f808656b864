import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();
const five = [
  [1, 2, 3],
  [4, 5, 6.5],
  [2, 1, 0],
  [9, 8, 7],
  [3, 3, 5],
];
const csv = (rows: ReadonlyArray<readonly unknown[]>) => `a,b,c\n${rows.map((row) => row.join()).join('\n')}\n`;
file('five.csv', csv(five));
file('one.csv', csv([[1, 2, 3]]));
file('same.csv', csv(Array.from({ length: 4 }, () => [1, 2, 3])));
file(
  'stray.csv',
  `,a,b,c\n${five.map((row, i) => `r${i},${i === 1 ? `${row[0]},oops,${row[2]}` : row.join()}`).join('\n')}\n`,
);
file('gap.csv', csv([[1, '', 3], ...five]));
file('infinite.csv', csv([[1, 'inf', 3], ...five]));
const scaled = (factor: number) => csv(five.map((row) => row.map((v) => v * factor)));
file('huge.csv', scaled(1e150));
file('tiny.csv', scaled(1e-150));

const said = async (line: string) => {
  const { code, out, err } = await here(line.split(' '));
  return { code, text: `${out}${err}`.replace(/\s+/g, ' ') };
};

test.each([
  // More than the data allow: by flags, rows counted.
  ['factor svd five.csv -k 5', /-k must be a whole number from 1 to 3 for 5 rows and 3 columns, but is 5/],
  ['factor nmf one.csv -k 2', /-k must be a whole number from 1 to 1 for 1 row and 3 columns/],
  ['factor sparse-pca five.csv -k 4', /-k must be a whole number from 1 to 3/],
  ['factor dictionary five.csv -k 3 --method supervised --target c', /-k must be at most 2 for 5 rows and 2 columns/],
  ['factor dictionary same.csv -k 1 --method supervised --target c', /--target c has only one label, 3/],
  ['factor complete five.csv --dense --rank 4', /--rank must be a whole number from 1 to 3/],
  ['factor cca one.csv --x a --y c', /at least two rows without missing values/],
  ['factor cca same.csv --x a --y c', /All columns of --x are constant/],
  ['cluster five.csv -k 7', /-k is 7, but there are 5 rows to cluster/],
  ['cluster one.csv -k 2', /-k is 2, but there is 1 row to cluster/],
  [
    'cluster one.csv -k 1 --method spectral',
    /--method spectral links each row to its neighbours: it needs at least two rows/,
  ],
  ['cluster one.csv -k 1 --method laplacian', /--method laplacian links each row/],
  ['cluster same.csv -k 2 --method modes', /Every row equals its neighbours/],
  // Gaps, infinities, words.
  ['factor svd gap.csv -k 1', /column 'b' has no value in row 1.*--missing/],
  ['cluster infinite.csv -k 2', /column 'b' holds Infinity in row 1/],
  ['factor dictionary infinite.csv -k 2', /column 'b' holds Infinity in row 1/],
  ['factor complete infinite.csv --dense', /holds Infinity for row 1, col b/],
  ['factor complete stray.csv --dense', /Column 'b' of stray\.csv holds "oops" in row 2/],
  // Powers that no number holds.
  ['factor complete huge.csv --dense', /largest entry of huge\.csv is 9e\+150/],
  ['factor complete tiny.csv --dense', /largest entry of tiny\.csv is 9e-150/],
  ['factor dictionary huge.csv --method orthogonal', /largest value is 9e\+150.*orthogonal/],
  ['factor dictionary tiny.csv -k 1 --method supervised --target c', /overflow or underflow/],
  ['factor cca tiny.csv --x a,b --y c --ridge 1', /--standardize scales columns/],
])('%s is told', async (line, message) => {
  const { code, text } = await said(line);
  expect([code, text]).toEqual([2, expect.stringMatching(message)]);
});

test.each([
  ['factor svd same.csv -k 2', /The data have rank 1: the other 1 component is arbitrary/],
  ['factor svd same.csv -k 2 --center', /The data have rank 0: the other 2 components are arbitrary/],
  ['factor svd same.csv -k 1 --standardize', /Not scaled, since constant: 3 columns/],
  ['factor sparse-pca tiny.csv -k 2', /2 of 2 components have only zero loadings: use a smaller --alpha/],
  ['factor dictionary one.csv -k 2', /1 row and 2 atoms: each row may get an atom of its own.*No row uses 1 atom/],
  ['factor dictionary one.csv --method orthogonal', /1 row cannot determine 3 orthogonal atoms/],
  ['factor dictionary five.csv -k 1 --method supervised --target c', /c has as many labels as rows, 5/],
  ['cluster same.csv -k 2', /All rows are the same, fewer than the 2 clusters/],
  ['cluster same.csv -k 2 --method spectral', /All rows are the same, fewer than the 2 clusters/],
  ['cluster same.csv -k 2 --method mixture', /All rows are the same/],
])('%s is done, and what it is worth is said', async (line, note) => {
  const { code, text } = await said(line);
  expect([code, text]).toEqual([0, expect.stringMatching(note)]);
});

describe('units of 1e150 and 1e-150 change nothing but units', () => {
  const verbs = [
    'factor svd FILE -k 2',
    'factor nmf FILE -k 2',
    'factor dictionary FILE -k 2',
    'cluster FILE -k 2',
    'cluster FILE -k 2 --method spectral',
    'cluster FILE -k 2 --method mixture',
    'factor cca FILE --x a --y c',
  ];
  test.each(verbs)('%s', async (verb) => {
    const shape = async (name: string) => {
      const { out } = await here([...verb.replace('FILE', name).split(' '), '--json']);
      const { columns, shares, explained, activeCodes, correlations } = JSON.parse(out);
      return {
        columns: columns?.cluster,
        numbers: [shares, explained, activeCodes, correlations].flat().filter((v) => v !== undefined),
      };
    };
    const plain = await shape('five.csv');
    for (const name of ['huge.csv', 'tiny.csv']) {
      const other = await shape(name);
      expect(other.columns).toEqual(plain.columns);
      plain.numbers.forEach((v: number, i: number) => {
        expect(other.numbers[i]).toBeCloseTo(v, 6);
      });
    }
  });
});

test('saved clusters and rows with gaps', async () => {
  await here(['cluster', 'five.csv', '-k', '2', '--save', 'two.json']);
  const { code, out, err } = await here(['predict', 'two.json', 'gap.csv', '--json']);
  expect([code, err]).toEqual([0, '']);
  const { columns, predicted, notes } = JSON.parse(out);
  expect([columns.cluster[0], predicted]).toEqual([null, 5]);
  expect(notes.join(' ')).toMatch(/1 of 6 rows lack a value/);
  await here(['cluster', 'gap.csv', '-k', '2', '--missing', 'mean', '--save', 'mean.json']);
  const filled = JSON.parse((await here(['predict', 'mean.json', 'gap.csv', '--json'])).out);
  expect(filled.columns.cluster).not.toContain(null);
  expect(readFileSync(at('mean.json'), 'utf8')).toMatch(/"fill"/);
});
