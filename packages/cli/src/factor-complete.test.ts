import { existsSync, readFileSync } from 'node:fs';
import { readTable } from '@southwell/data/node';
import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, here, southwell, stopped } = workshop();

/** A rank-2 matrix of people and things, of which a part is written as triples. */
function write(name: string, share = 0.6, rows = 40, cols = 30) {
  const random = new Random(1);
  const factor = (n: number) => Array.from({ length: n }, () => [random.normal(), random.normal()]);
  const [A, B] = [factor(rows), factor(cols)];
  const truth = (i: number, j: number) => 3 + A[i][0] * B[j][0] + A[i][1] * B[j][1];
  const lines: string[] = [];
  const missing: string[] = [];
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++)
      if (random.uniform() < share) lines.push(`p${i},${100 + j},${truth(i, j)},1`);
      else missing.push(`p${i},${100 + j}`);
  file(name, `who,what,score,weight\n${lines.join('\n')}\n`);
  return { truth, missing, lines };
}

test('entries by names: all that were missing, factors, and an error on entries held out', async () => {
  const { truth, missing } = write('list.csv');
  const r = southwell(
    ...['factor', 'complete', 'list.csv', '--row', 'who', '--col', 'what', '--value', 'score', '--rank', '3'],
    ...['--lambda', '0', '--holdout', '0.1', '--out', 'out.csv', '--factors', 'factors.parquet', '--tol', '1e-12'],
  );
  expect(r.err).toBe('');
  expect(r.code).toBe(0);
  expect(r.out).toMatch(/Converged/);
  expect(r.out).toMatch(/held out/);
  const [head, ...lines] = readFileSync(at('out.csv'), 'utf8').trimEnd().split('\n');
  expect(head).toBe('who,what,score,determined');
  expect(new Set(lines.map((line) => line.split(',', 2).join()))).toEqual(new Set(missing));
  for (const line of lines) {
    const [who, what, score, determined] = line.split(',');
    expect(determined).toBe('yes');
    expect(Math.abs(Number(score) - truth(Number(who.slice(1)), Number(what) - 100))).toBeLessThan(1e-3);
  }
  const factors = await readTable(at('factors.parquet'));
  expect(factors.rows).toBe(70);
  const column = (name: string) => {
    const c = factors.columns.find((found) => found.name === name)!;
    return c.type === 'number' ? [...c.values] : Array.from(c.codes, (k) => c.levels[k]);
  };
  const names = column('name').map(String);
  const product = ['factor_1', 'factor_2', 'factor_3'].reduce(
    (s, f) => s + Number(column(f)[names.indexOf('p3')]) * Number(column(f)[names.indexOf('104')]),
    0,
  );
  expect(product).toBeCloseTo(truth(3, 4), 3);
});

test('the best of each row that are not known yet, best first; lambda by a tenth of the entries', () => {
  const { missing, truth } = write('top.csv');
  const r = southwell('factor', 'complete', 'top.csv', '--rank', '3', '--top', '2', '--json', '--weights', 'weight');
  expect(r.code).toBe(0);
  const { predictions, tried, lambda } = JSON.parse(r.out);
  expect(tried.map((t: { lambda: number }) => t.lambda)).toContain(lambda);
  expect(predictions.who).toHaveLength(80);
  for (let i = 0; i < 40; i++) {
    expect(predictions.score[2 * i]).toBeGreaterThanOrEqual(predictions.score[2 * i + 1]);
    const open = missing.filter((m) => m.startsWith(`p${i},`)).map((m) => Number(m.split(',')[1]));
    const at = predictions.who.indexOf(`p${i}`);
    const best = open.reduce((a, b) => (truth(i, b - 100) > truth(i, a - 100) ? b : a));
    expect([predictions.what[at], predictions.what[at + 1]]).toContain(best);
  }
});

test('a matrix with gaps, a Matrix Market file; every method', async () => {
  file('gaps.csv', 'name,a,b,c\nx,1,2,3\ny,2,4,\nz,3,,9\n');
  for (const method of ['robust', 'als']) {
    const args = ['--dense', '--rank', '1', '--lambda', '0', '--method', method, '--tol', '1e-14'];
    expect((await here(['factor', 'complete', 'gaps.csv', ...args, '--out', 'filled.csv'])).code).toBe(0);
    const [head, x, y, z] = readFileSync(at('filled.csv'), 'utf8').split('\n');
    expect([head, x]).toEqual(['name,a,b,c', 'x,1,2,3']);
    expect(Number(y.split(',')[3])).toBeCloseTo(6, 5);
    expect(Number(z.split(',')[2])).toBeCloseTo(6, 5);
  }
  file('hole.csv', 'a,b,c\n1,,3\n2,,6\n3,,\n');
  const hole = await here([
    'factor',
    'complete',
    'hole.csv',
    '--dense',
    '--rank',
    '1',
    '--lambda',
    '0',
    '--out',
    'hole-out.csv',
  ]);
  expect(hole.out).toMatch(/no observed entries of 1 column: they stay empty/);
  const last = readFileSync(at('hole-out.csv'), 'utf8').trimEnd().split('\n')[3].split(',');
  expect([last[0], last[1], Number(Number(last[2]).toFixed(6))]).toEqual(['3', '', 9]);
  file('m.txt', '%%MatrixMarket matrix coordinate real general\n2 2 3\n1 1 2\n2 1 3\n2 2 12\n');
  for (const [method, tol] of [
    ['robust', '1e-7'],
    ['als', '1e-7'],
    ['soft-impute', '1e-7'],
    // Of least nuclear norm, which is another matrix here, of rank 2.
    ['svt', '1e-2'],
  ]) {
    const rank = method === 'svt' ? '2' : '1';
    const args = ['--rank', rank, '--method', method, '--json', '--max-iter', '5000', '--tol', tol];
    const r = await here(['factor', 'complete', 'm.txt', ...args, ...(method === 'svt' ? [] : ['--lambda', '0'])]);
    expect(r.code, method).toBe(0);
    const { predictions } = JSON.parse(r.out);
    expect([predictions.row, predictions.col]).toEqual([[1], [2]]);
    if (method !== 'svt') expect(predictions.value[0]).toBeCloseTo(8, 4);
  }
});

test('what is wrong is said in a sentence', async () => {
  write('list.csv');
  file('two.csv', 'a,b\n1,2\n3,4\n');
  file('twice.csv', 'u,i,r\nann,x,1\nann,y,2\nann,x,3\n');
  file('gap.csv', 'u,i,r\nann,x,1\n,y,2\nbob,x,3\n');
  file('empty.csv', 'u,i,r\nann,x,\nbob,y,\n');
  file('one.csv', 'u,i,r\nann,x,5\n');
  file('gaps.csv', 'name,a,b\nx,1,\ny,2,4\n');
  for (const [args, message] of [
    [['two.csv'], /three: row, column, value.*--dense/s],
    [['twice.csv', '--rank', '1'], /u ann, i x twice/],
    [['gap.csv', '--rank', '1'], /no u in row 2/],
    [['empty.csv', '--rank', '1'], /no observed entries/],
    [['one.csv', '--rank', '1', '--holdout', '0.5'], /leaves no entries/],
    [['list.csv', '--row', 'nobody'], /no column 'nobody' for --row; it has who/],
    [['list.csv', '--value', 'who'], /three columns/],
    [['list.csv', '--rank', '31'], /rank must be a whole number from 1 to 30/],
    [['list.csv', '--method', 'asl'], /did you mean 'als'/],
    [['list.csv', '--non-negative', '--biases'], /--non-negative cannot be combined with --biases/],
    [['list.csv', '--weights', 'weight', '--method', 'svt'], /--weights cannot be combined with --method svt/],
    [['gaps.csv', '--dense', '--row', 'name'], /--row cannot be combined with --dense/],
    [['list.csv', '--out', 'a.txt'], /neither/],
    [['none.csv'], /none\.csv/],
  ] as const) {
    const r = await here(['factor', 'complete', ...args]);
    expect(r.code, args.join(' ')).toBe(2);
    expect(r.err.replace(/\s+/g, ' ')).toMatch(message);
  }
  // A single entry is a matrix, too.
  expect(southwell('factor', 'complete', 'one.csv', '--rank', '1').code).toBe(0);
});

test('Ctrl-C keeps what was completed and ends with code 3', () => {
  write('long.csv', 0.5, 60, 60);
  const args = ['factor', 'complete', 'long.csv', '--rank', '10', '--method', 'als', '--lambda', '0.1', '--tol', '0'];
  const long = [...args, '--max-iter', '100000', '--out', 'long-out.csv'];
  const { code, err } = stopped(long, /sweep \d/);
  expect(code).toBe(3);
  expect(err).toMatch(/Stopping/);
  expect(existsSync(at('long-out.csv'))).toBe(true);
});
