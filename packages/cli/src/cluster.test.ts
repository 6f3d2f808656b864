import { existsSync, readFileSync } from 'node:fs';
import { readTable } from '@southwell/data/node';
import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here, southwell, stopped } = workshop();

/** Three groups far apart; every fifth row knows its label, row 3 lacks a value. */
function write(name: string): string[] {
  const random = new Random(1);
  const groups = Array.from({ length: 150 }, (_, i) => ['ant', 'bee', 'cat'][i % 3]);
  const lines = groups.map((g, i) => {
    const c = { ant: [0, 0], bee: [9, 0], cat: [0, 9] }[g]!;
    const values = c.map((v) => (v + random.normal()).toFixed(3));
    if (i === 3) values[1] = '';
    return [...values, i % 5 === 0 ? g : ''].join(',');
  });
  file(name, `x,y,label\n${lines.join('\n')}\n`);
  return groups;
}

test('clusters of a file, to CSV and Parquet, the same for a seed', async () => {
  write('groups.csv');
  const run = (out: string) =>
    southwell('cluster', 'groups.csv', '-k', '3', '--drop', 'label', '--missing', 'drop-rows', '--out', out);
  const { code, out } = run('a.csv');
  expect(code).toBe(0);
  expect(out).toMatch(/Converged/);
  const lines = readFileSync(at('a.csv'), 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(151);
  // The row that lacks a value keeps its place.
  expect(lines[4]).toBe('""');
  expect(lines[1]).not.toBe(lines[2]);
  expect(lines[1]).toBe(lines[7]);
  run('b.parquet');
  const [column] = (await readTable(at('b.parquet'))).columns;
  expect(column.name).toBe('cluster');
  expect(Array.from((column as { values: Float64Array }).values, (v) => (Number.isNaN(v) ? '""' : String(v)))).toEqual(
    lines.slice(1),
  );
});

test.each(['kmeans', 'laplacian', 'mean-shift', 'modes'])('known labels name the clusters: %s', (method) => {
  const groups = write('named.csv');
  const r = southwell('cluster', 'named.csv', '--labels', 'label', '--method', method, '--missing', 'mean', '--json');
  expect(r.code).toBe(0);
  const { columns, names, sizes, prototypes } = JSON.parse(r.out);
  expect(names).toEqual(['ant', 'bee', 'cat']);
  const right = groups.filter((g, i) => columns.cluster[i] === g).length;
  expect(right).toBeGreaterThanOrEqual(149);
  expect(sizes.reduce((a: number, b: number) => a + b, 0)).toBe(150);
  // In the units of the file, however the points were scaled within.
  expect(Math.abs(prototypes[1][0] - 9)).toBeLessThan(1);
});

test('centres are printed in the units of the table, for the columns that differ most if not all fit', async () => {
  const random = new Random(4);
  const names = Array.from({ length: 30 }, (_, j) => `c${j}`);
  const far = 17;
  const rows = Array.from({ length: 60 }, (_, i) =>
    names.map((_, j) => (random.normal() + (j === far ? (i % 2) * 1000 : 0)).toFixed(3)),
  );
  file('wide.csv', `${[names, ...rows].map((r) => r.join(',')).join('\n')}\n`);
  const { out } = await here(['cluster', 'wide.csv', '-k', '2']);
  expect(out).toMatch(/^ +cluster .*\bc17\b/m);
  expect(out.replaceAll(/\s+/g, ' ')).toMatch(/The 6 of 30 columns whose centres differ most/);
  const { out: all } = await here(['cluster', 'wide.csv', '-k', '2', '--features', 'c0,c17']);
  expect(all).toMatch(/Centres in the units of the table/);
  const centres = [...all.matchAll(/^ +[01] +-?[\d.]+ +(-?[\d.]+)$/gm)].map((m) => Number(m[1]));
  expect(Math.max(...centres)).toBeCloseTo(1000, -1);
  expect(Math.min(...centres)).toBeCloseTo(0, -1);
});

test('spectral, and standardised features', () => {
  const groups = write('spectral.csv');
  const common = ['-k', '3', '--drop', 'label', '--missing', 'mean', '--standardize', '--json'];
  for (const method of ['spectral', 'kmeans']) {
    const r = southwell('cluster', 'spectral.csv', '--method', method, ...common);
    expect(r.code).toBe(0);
    const { cluster } = JSON.parse(r.out).columns;
    const pairs = new Set(groups.map((g, i) => (i === 3 ? '' : `${g}${cluster[i]}`)));
    expect(pairs.size).toBeLessThanOrEqual(4);
  }
});

test('a mixture, with probabilities and its BIC', () => {
  const groups = write('mixture.csv');
  const common = ['mixture.csv', '-k', '3', '--drop', 'label', '--missing', 'mean', '--method', 'mixture', '--json'];
  const bics = ['full', 'spherical'].map((covariance) => {
    const r = southwell('cluster', ...common, '--covariance', covariance);
    expect(r.code).toBe(0);
    const { columns, bic, objective } = JSON.parse(r.out);
    expect(Math.min(...columns.probability)).toBeGreaterThan(1 / 3);
    const pairs = new Set(groups.map((g, i) => (i === 3 ? '' : `${g}${columns.cluster[i]}`)));
    expect(pairs.size).toBeLessThanOrEqual(4);
    // 2·objective is nearly −2 log-likelihood.
    const parameters = (bic - 2 * objective) / Math.log(150);
    expect(parameters).toBeCloseTo({ full: 17, spherical: 11 }[covariance]!, 2);
    return bic;
  });
  expect(bics[1]).toBeLessThan(bics[0]);
  expect(southwell('cluster', ...common.slice(0, -1)).out).toMatch(/BIC/);
});

test('what is wrong is said in a sentence', () => {
  write('wrong.csv');
  for (const [args, message] of [
    [['wrong.csv'], /How many clusters/],
    [['wrong.csv', '-k', '2', '--labels', 'label', '--missing', 'mean'], /3 labels, more than the 2/],
    [['wrong.csv', '-k', '2', '--drop', 'label'], /row 4|lack|missing/i],
    [['wrong.csv', '-k', '500', '--drop', 'label', '--missing', 'mean'], /-k is 500, but there are 150 rows/],
    [['wrong.csv', '-k', '2', '--labels', 'nothing'], /no column 'nothing'/],
    [['wrong.csv', '-k', '2', '--method', 'kmean'], /did you mean 'kmeans'/],
    [['wrong.csv', '-k', '2', '--lambda', '1'], /--lambda cannot be combined with/],
    [['wrong.csv', '-k', '2', '--neighbour-search', 'aproximate'], /did you mean 'approximate'/],
    [['wrong.csv', '-k', '2', '--covariance', 'full'], /--covariance cannot be combined with/],
    [
      ['wrong.csv', '--labels', 'label', '--missing', 'mean', '--method', 'mixture'],
      /--labels cannot be combined with --method mixture, only with kmeans, laplacian/,
    ],
    [
      ['wrong.csv', '-k', '2', '--drop', 'label', '--missing', 'mean', '--method', 'modes', '--neighbours', '150'],
      /--neighbours is 150, but there are 150 rows: a row has 149 to choose from/,
    ],
    [['wrong.csv', '-k', 'two'], /-k must be a whole number of at least 1, not 'two'/],
    [['wrong.csv', '-k', '2', '--seed', '-1'], /--seed must be a whole number of at least 0, not -1/],
    [['wrong.csv', '-k', '2', '--lamda', '1'], /unknown option '--lamda'\n\(Did you mean --lambda\?\)/],
    [['wrong.csv', '-k', '2', '--out', 'a.txt'], /neither/],
    [['none.csv', '-k', '2'], /none\.csv/],
  ] as const) {
    const r = southwell('cluster', ...args);
    expect(r.code, args.join(' ')).toBe(2);
    expect(r.err).toMatch(message);
  }
});

test('Ctrl-C ends a long run with code 3', () => {
  const random = new Random(2);
  const rows = Array.from({ length: 2000 }, () => Array.from({ length: 8 }, () => random.uniform().toFixed(4)));
  file('long.csv', `${rows.map((r) => r.join(',')).join('\n')}\n`);
  const args = ['cluster', 'long.csv', '-k', '200', '--restarts', '10000', '--out', 'long-out.csv'];
  const { code, err } = stopped(args, /iteration \d/);
  expect(code).toBe(3);
  expect(err).toMatch(/Stopping/);
  expect(existsSync(at('long-out.csv'))).toBe(true);
});

test.each([
  ['kmeans', []],
  ['mixture', ['--method', 'mixture']],
  ['laplacian', ['--method', 'laplacian']],
] as const)('stopped and --resume: the clusters of a run that was never stopped (%s)', (name, options) => {
  const random = new Random(3);
  const rows = Array.from({ length: 200 }, () => Array.from({ length: 4 }, () => random.uniform().toFixed(4)));
  file('starts.csv', `${rows.map((r) => r.join(',')).join('\n')}\n`);
  const args = ['cluster', 'starts.csv', '-k', '5', '--restarts', '6', '--json', ...options];
  const foundIn = (out: string) => {
    const { columns, sizes, objective, status } = JSON.parse(out);
    return { columns, sizes, objective, status };
  };
  const kept = ['--checkpoint', `${name}.ck`];
  expect(stopped([...args, ...kept], /iteration \d/).err).toMatch(/Stopping|^$/);
  const resumed = southwell(...args, ...kept, '--resume');
  expect([resumed.err, resumed.code]).toEqual(['', 0]);
  expect(foundIn(resumed.out)).toEqual(foundIn(southwell(...args).out));
});
