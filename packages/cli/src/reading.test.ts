import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { file, here } = workshop();

const rows = Array.from({ length: 30 }, (_, i) => [
  `p${i}`,
  i % 5 === 0 ? 'unknown' : String((i * 7) % 11),
  1000 + (i % 3),
  ((i * 13) % 17) / 2,
]);
file('odd.csv', `name|a|zip|y\n${rows.map((r) => r.join('|')).join('\n')}\n`);

const json = async (...args: string[]) => {
  const { out, err, code } = await here([...args, '--json']);
  expect([err, code]).toEqual(['', 0]);
  return JSON.parse(out);
};
const as = ['--delimiter', '|', '--decimal=.', '--na', 'unknown', '--types', 'zip=category,name=drop'];

describe('how a file is read is asked alike by every verb that reads a table', () => {
  test('inspect and fit see what they are told', async () => {
    const seen = await json('inspect', 'odd.csv', ...as);
    expect(seen.columns.map((c: { name: string; type: string }) => [c.name, c.type])).toEqual([
      ['a', 'number'],
      ['zip', 'category'],
      ['y', 'number'],
    ]);
    expect(seen.missing).toBe(6);
    const fit = ['fit', 'odd.csv', '--target', 'y', '--alpha', '0.01', '--missing', 'mean', ...as];
    const fitted = await json(...fit, '--save', 'model.json');
    expect(fitted.data.features).toBe(4);
    const predicted = await json('predict', 'model.json', 'odd.csv', ...as);
    expect(predicted.predicted).toBe(30);
  });

  test('decimal commas', async () => {
    const text = rows.map(([, , zip, y]) => `${String(y).replace('.', ',')};${zip}`).join('\n');
    file('comma.csv', `x;y\n${text}\n`);
    const types = async (...args: string[]) => {
      const { columns, notes } = await json('inspect', 'comma.csv', ...args);
      return [columns.map((c: { type: string }) => c.type), notes.join(' ')];
    };
    expect(await types()).toEqual([['number', 'number'], expect.stringMatching(/read so; --decimal \. keeps them/)]);
    expect(await types('--decimal', ',')).toEqual([['number', 'number'], '']);
    const [[x], told] = await types('--decimal=.');
    expect([x, told]).toEqual([
      expect.not.stringMatching('number'),
      expect.stringMatching(/--decimal , reads numbers/),
    ]);
  });

  test.each([
    ['cluster', '-k', '2'],
    ['factor', 'svd', '-k', '1'],
    ['factor', 'nmf', '-k', '1'],
    ['factor', 'sparse-pca', '-k', '1'],
    ['factor', 'cca', '--x', 'a', '--y', 'y'],
    ['factor', 'dictionary', '-k', '2'],
    ['graph', 'learn'],
    ['isotonic', '--target', 'y', '--features', 'a'],
    ['train', '--target', 'y', '--epochs', '2'],
  ])('%s %s', async (...words) => {
    const at = words.findIndex((word) => word.startsWith('-'));
    const [verb, options] = [words.slice(0, at < 0 ? undefined : at), at < 0 ? [] : words.slice(at)];
    const types = verb[0] === 'graph' ? ['--types', 'zip=drop,name=drop'] : [];
    const { err, code } = await here([...verb, 'odd.csv', ...options, ...as, '--missing', 'drop-rows', ...types, '-q']);
    expect(err).toBe('');
    expect(code).toBeLessThan(4);
    expect(code).not.toBe(2);
  });
});

test.each([
  [['--types', 'zip'], /--types takes a column and its type, such as zip=category, not 'zip'/],
  [['--types', 'zip=categry'], /did you mean 'zip=category'/],
  [['--types', 'zap=number'], /no column 'zap' to give a type to/],
  [['--decimal', ';'], /--decimal must be \. or , but is ';'/],
  [['--delimiter', '||'], /--delimiter must be one character, or tab, not '\|\|'/],
  [['--types', 'name=number', '--delimiter', '|'], /which must be a number/],
])('%j is told', async (args, message) => {
  for (const words of [
    ['inspect', 'odd.csv'],
    ['cluster', 'odd.csv', '-k', '2'],
  ]) {
    const { err, code } = await here([...words, ...args]);
    expect([code, err.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringMatching(message)]);
  }
});

test('missing values are told with the flag that mends them, and where they come at predict, rows keep their place', async () => {
  file('holes.csv', 'a,b,y\n1,2,3\n2,,4\n3,1,5\n4,0,6\n');
  for (const words of [
    ['fit', 'holes.csv', '--target', 'y', '--alpha', '0.1'],
    ['cluster', 'holes.csv', '-k', '2'],
    ['factor', 'svd', 'holes.csv', '-k', '1'],
    ['factor', 'dictionary', 'holes.csv', '-k', '1'],
    ['factor', 'cca', 'holes.csv', '--x', 'a', '--y', 'b'],
    ['graph', 'learn', 'holes.csv'],
  ]) {
    const { code, err } = await here(words);
    expect([code, err.replaceAll(/\s+/g, ' ')]).toEqual([
      2,
      expect.stringMatching(
        /column 'b' has no value in row 2\. Give --missing mean to fill such gaps, --missing drop-rows to leave/,
      ),
    ]);
  }
  file('whole.csv', 'a,b,y\n1,2,3\n2,5,4\n3,1,5\n4,0,6\n');
  await json('fit', 'whole.csv', '--target', 'y', '--alpha', '0.1', '--save', 'whole.json');
  const { columns, predicted, notes } = await json('predict', 'whole.json', 'holes.csv');
  expect(columns.prediction.map((v: number | null) => v === null)).toEqual([false, true, false, false]);
  expect([predicted, notes.join(' ')]).toEqual([3, expect.stringMatching(/1 of 4 rows lack a value/)]);
});
