import { existsSync, readFileSync } from 'node:fs';
import { readTable } from '@southwell/data/node';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, southwell, stopped } = workshop();

/** Rank two: a = (1, 2, 3, …), b = its square; c = a + b, and a column of ones. */
const rows = Array.from({ length: 12 }, (_, i) => [i + 1, (i + 1) ** 2, i + 1 + (i + 1) ** 2, 1]);
file('small.csv', `a,b,c,one\n${rows.map((r) => r.join(',')).join('\n')}\n`);

const csv = (name: string) =>
  readFileSync(at(name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));

test('svd writes scores and components whose product is the data less its means', async () => {
  const r = southwell(
    'factor',
    'svd',
    'small.csv',
    '-k',
    '2',
    '--center',
    '--out-scores',
    's.csv',
    '--out-components',
    'c.csv',
  );
  expect(r.code).toBe(0);
  expect(r.out).toMatch(/Converged/);
  expect(r.out).toMatch(/100\.0 % explained/);
  const [, ...scores] = csv('s.csv').map((line) => line.map(Number));
  const [head, ...components] = csv('c.csv');
  expect(head).toEqual(['feature', 'component_1', 'component_2']);
  expect(components.map((c) => c[0])).toEqual(['a', 'b', 'c', 'one']);
  components.forEach(([, x, y], j) => {
    const mean = rows.reduce((s, row) => s + row[j], 0) / rows.length;
    rows.forEach((row, i) => {
      expect(scores[i][0] * Number(x) + scores[i][1] * Number(y)).toBeCloseTo(row[j] - mean, 8);
    });
  });
  southwell('factor', 'svd', 'small.csv', '-k', '1', '--out-scores', 's.parquet', '-q');
  expect((await readTable(at('s.parquet'))).columns.map((c) => c.name)).toEqual(['component_1']);
});

test('nmf and sparse-pca as JSON; rows that lack a value keep their place', () => {
  const nmf = southwell('factor', 'nmf', 'small.csv', '-k', '2', '--tol', '1e-9', '--max-iter', '5000', '--json');
  const parts = JSON.parse(nmf.out);
  expect(parts.explained).toBeGreaterThan(0.9999);
  expect(Math.min(...parts.scores.flat(), ...parts.loadings.flat())).toBeGreaterThanOrEqual(0);
  file('gaps.csv', `x,y,z\n1,2,3\n,5,6\n7,8,8\n1,0,2\n`);
  const sparse = southwell(
    'factor',
    'sparse-pca',
    'gaps.csv',
    '-k',
    '1',
    '--missing',
    'drop-rows',
    '--alpha',
    '0.1',
    '--json',
  );
  expect(sparse.code).toBe(0);
  const { scores, loadings, featureNames } = JSON.parse(sparse.out);
  expect(scores[0][1]).toBeNull();
  expect(scores[0]).toHaveLength(4);
  expect(loadings[0]).toHaveLength(featureNames.length);
  const kl = southwell('factor', 'nmf', 'small.csv', '-k', '1', '--loss', 'kullback-leibler', '--json');
  expect(JSON.parse(kl.out).explained).toBeUndefined();
});

test('ends early with code 3 and keeps the factors', () => {
  const r = southwell(
    'factor',
    'nmf',
    'bundled:digits',
    '-k',
    '5',
    '--drop',
    'digit',
    '--max-iter',
    '2',
    '--out-scores',
    'early.csv',
  );
  expect(r.code).toBe(3);
  expect(r.out).toMatch(/limit of work/);
  expect(csv('early.csv')).toHaveLength(1798);
});

test.each([
  [['svd', 'small.csv'], /-k/],
  [['svd', 'small.csv', '-k', '9'], /from 1 to 4/],
  [['svd', 'absent.csv', '-k', '1'], /absent\.csv/],
  [['nmf', 'negative.csv', '-k', '1'], /-2/],
  [['nmf', 'small.csv', '-k', '1', '--loss', 'huber'], /frobenius/],
  [['svd', 'small.csv', '-k', '1', '--out-scores', 'x.txt'], /\.csv or \.parquet/],
  [['svd', 'small.csv', '-k', '1', '--out-scores', 'no/such/x.csv'], /no\/such/],
  [['svd', 'small.csv', '-k', '1', '--features', 'absent'], /absent/],
] as const)('%j is a mistake that is told', (args, message) => {
  file('negative.csv', 'a,b\n1,-2\n3,4\n');
  const r = southwell('factor', ...args);
  expect(r.code).toBe(2);
  expect(r.err).toMatch(message);
  expect(r.out).toBe('');
  expect(existsSync(at('x.txt'))).toBe(false);
});

test('Ctrl-C keeps the factors so far', () => {
  const args = [
    'factor',
    'nmf',
    'bundled:digits',
    '-k',
    '30',
    '--drop',
    'digit',
    '--tol',
    '0',
    '--max-iter',
    '10000000',
  ];
  const { code, out, err } = stopped([...args, '--out-scores', 'stopped.csv'], /round \d/);
  expect(err).toMatch(/Stopping/);
  expect(code).toBe(3);
  expect(out).toMatch(/Stopped on request/);
  expect(csv('stopped.csv')).toHaveLength(1798);
});
