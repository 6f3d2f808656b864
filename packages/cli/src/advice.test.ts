import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { undeclared } from './testing/advised.ts';
import { workshop } from './testing.ts';

const { at, file, here } = workshop();
const n = 60;
const wave = (k: number, i: number) => Math.sin(k * i + 1);
const csv = (names: string, row: (i: number) => readonly unknown[]) =>
  `${names}\n${Array.from({ length: n }, (_, i) => row(i).join()).join('\n')}\n`;
file(
  'coded.csv',
  csv('a,b,kind', (i) => [wave(1, i), wave(2, i), i % 3]),
);
file(
  'amounts.csv',
  csv('a,b,y', (i) => [wave(1, i), wave(2, i), wave(1, i) + 0.1 * wave(5, i)]),
);
file(
  'unlike.csv',
  csv('small,large,y', (i) => [wave(1, i), 1e5 * wave(2, i), wave(1, i) + 0.1 * wave(5, i)]),
);

const json = async (...args: string[]) => JSON.parse((await here([...args, '--json'])).out);

test('a target of few small whole numbers is told of, unless the model was named; others are not', async () => {
  const told =
    /^The target 'kind' has 3 different whole numbers \(0, 1, 2\), which are predicted as amounts: --model multinomial takes/;
  for (const way of [['--alpha', '0.1'], [], ['--holdout', '0.2']]) {
    const { data, model } = await json('fit', 'coded.csv', '--target', 'kind', ...way);
    expect([model.kind, data.notes]).toEqual(['lasso', [expect.stringMatching(told)]]);
  }
  for (const model of ['multinomial', 'lasso', 'ridge']) {
    expect((await json('fit', 'coded.csv', '--target', 'kind', '--model', model)).data.notes).toEqual([]);
  }
  expect((await json('fit', 'amounts.csv', '--target', 'y')).data.notes).toEqual([]);
  file('five.csv', 'a,b,y\n1,2,1\n2,1,2\n4,3,3\n3,5,4\n5,4,5\n');
  expect((await json('fit', 'five.csv', '--target', 'y', '--alpha', '0.1')).data.notes).toEqual([]);
});

test('unlike scales stand in the text, in --json and in the report of a penalised fit and of clusters', async () => {
  const told = /standard deviations from 0\.7\d* \(small\) to 7\.?\d*[^ ]* \(large\)/;
  file(
    'two.csv',
    csv('small,large', (i) => [wave(1, i), 1e5 * wave(2, i)]),
  );
  for (const [where, args] of [
    ['advice', ['fit', 'unlike.csv', '--target', 'y']],
    ['advice', ['fit', 'unlike.csv', '--target', 'y', '--model', 'elastic-net', '--alpha', '0.1']],
    ['notes', ['cluster', 'two.csv', '-k', '2']],
    ['notes', ['factor', 'svd', 'two.csv', '-k', '1']],
  ] as const) {
    const report = args[0] === 'fit' ? ['--report', at('r.html')] : [];
    const { out } = await here([...args, ...report]);
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(told);
    expect((await json(...args))[where].join()).toMatch(told);
    if (report.length > 0) expect(readFileSync(at('r.html'), 'utf8')).toMatch(told);
    expect((await here([...args, '--standardize'])).out).not.toMatch(/standard deviations from/);
  }
});

test('validation rows chose the epoch, and are not called held out; with --holdout, rows are', async () => {
  const args = ['train', 'coded.csv', '--target', 'kind', '--predicts', 'classes', '--hidden', '4', '--epochs', '2'];
  const { out } = await here(args);
  expect(out.replaceAll(/\s+/g, ' ')).toMatch(/validation set, by which the epoch was chosen, .*--holdout keeps rows/);
  expect(out).not.toMatch(/held out/);
  const plain = await json(...args);
  expect([plain.score.of, plain.classification.rows]).toEqual(['validation', 'validation']);
  const apart = await json(...args, '--holdout', '0.2');
  expect([apart.score.of, apart.classification.rows, apart.score.rows]).toEqual(['held out', 'held out', 12]);
  const all = await json(...args, '--validation', '0');
  expect([all.score.of, all.classification.rows]).toEqual(['fitted', 'fitted']);
});

test('options that a message names and a command lacks are found', async () => {
  const help = async ([verb]: readonly string[]) =>
    verb === 'fit' ? '  --alpha <a>\n  --alphas <list>' : '  --out <f>';
  const told = (verb: string, err: string) => undeclared([[[verb, 'x.csv'], { out: '', err }]], help);
  expect(await told('fit', 'Give --alpha, or southwell cluster --out.')).toEqual([]);
  expect(await told('fit', 'Give --alph or --ridge.')).toEqual([
    'southwell fit: --alph (fit x.csv)',
    'southwell fit: --ridge (fit x.csv)',
  ]);
  expect(await told('cluster', 'Fit it with southwell fit --out.')).toHaveLength(1);
  expect(await told('fit', "unknown option '--ridge'")).toEqual([]);
  const quoted = { out: '', err: "'--ridge' is an unexpected argument; give --alph." };
  expect(await undeclared([[['fit', '--', 'a', '--ridge'], quoted]], help)).toEqual([
    'southwell fit: --alph (fit -- a --ridge)',
  ]);
});

test('a name that ends in the name of the program is no command line', async () => {
  const outcome = { out: 'southwell fit a.csv --solver gauss-southwell --json', err: '' };
  const help = async (verb: readonly string[]) => (verb[0] === 'fit' ? '--solver --json' : '');
  expect(await undeclared([[['fit', 'a.csv'], outcome]], help)).toEqual([]);
});
