import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { writeLibsvm, writeNpy, writeParquet } from '@southwell/data';
import { DenseMatrix, Random } from 'southwell';
import { ccaExact } from 'southwell/factorisation';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { at, file, southwell } = workshop();

const random = new Random(1);
const x = Array.from({ length: 300 }, () => [random.normal(), random.normal(), random.normal()]);
const y = x.map(([a, b]) => [a + 0.3 * random.normal(), b - a + 0.5 * random.normal()]);
const text = (rows: number[][], names: string[]) => `${names.join(',')}\n${rows.map((r) => r.join(',')).join('\n')}\n`;
file('x.csv', text(x, ['a', 'b', 'c']));
file('y.csv', text(y, ['p', 'q']));
file(
  'both.csv',
  text(
    x.map((r, i) => [...r, ...y[i]]),
    ['a', 'b', 'c', 'p', 'q'],
  ),
);
const exact = ccaExact([x, y], { components: 2 }).eigenvalues;

test('one file or two give the correlations of the library; scores and weights are written', () => {
  const one = southwell('factor', 'cca', 'both.csv', '--x', 'a,b,c', '--y', 'p,q', '-k', '2', '--json');
  expect(one.code).toBe(0);
  const { correlations } = JSON.parse(one.out);
  const two = southwell(
    'factor',
    'cca',
    'x.csv',
    'y.csv',
    '-k',
    '2',
    '--standardize',
    '--out-scores',
    's.csv',
    '--out-weights',
    'w.csv',
  );
  expect(two.code).toBe(0);
  expect(two.out).toContain(exact[0].toFixed(4));
  exact.forEach((v, c) => {
    expect(correlations[c]).toBeCloseTo(v, 10);
  });
  const lines = (name: string) =>
    readFileSync(at(name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((l) => l.split(','));
  expect(lines('s.csv')[0]).toEqual(['x_1', 'x_2', 'y_1', 'y_2']);
  expect(lines('w.csv').map((l) => l.slice(0, 2).join(' '))).toEqual([
    'view feature',
    'x a',
    'x b',
    'x c',
    'y p',
    'y q',
  ]);
  // Weights are in the units of the file: with them the scores follow from the columns, up to the mean.
  const w = lines('w.csv')
    .slice(1, 4)
    .map((l) => Number(l[2]));
  const score = (i: number) => x[i].reduce((s, v, j) => s + v * w[j], 0);
  const found = lines('s.csv')
    .slice(1)
    .map((l) => Number(l[0]));
  expect(found[5] - found[6]).toBeCloseTo(score(5) - score(6), 8);
});

test('in batches it comes near; rows that lack a value of either view are left out', () => {
  const r = southwell(
    'factor',
    'cca',
    'x.csv',
    'y.csv',
    '-k',
    '2',
    '--method',
    'stochastic',
    '--epochs',
    '30',
    '--learning-rate',
    '0.01',
    '--json',
  );
  expect(r.code).toBe(0);
  const found = JSON.parse(r.out);
  expect(found.correlations[0]).toBeGreaterThan(exact[0] - 0.05);
  expect(found.steps).toBe(450);
  file('gaps.csv', text(x, ['a', 'b', 'c']).replace(/\n[^,]+,/, '\n,'));
  const gaps = JSON.parse(southwell('factor', 'cca', 'gaps.csv', 'y.csv', '--missing', 'drop-rows', '--json').out);
  expect(gaps.used).toBe(299);
  expect(gaps.scores[1][0][0]).toBeNull();
});

test.each([
  [['both.csv'], /--x and --y/],
  [['both.csv', '--x', 'a,b', '--y', 'b,p'], /'b' is in both --x and --y/],
  [['both.csv', '--x', 'a', '--y', 'nothing'], /nothing/],
  [['x.csv', 'y.csv', '-k', '3'], /at most 2/],
  [['x.csv', 'y.csv', '--epochs', '3'], /stochastic/],
  [['x.csv', 'short.csv'], /300 and short\.csv has 1/],
  [['x.csv', 'flat.csv'], /constant/],
  [['x.csv', 'y.csv', '--ridge', '2'], /from 0 to 1/],
] as const)('%j is a mistake that is told', (args, message) => {
  file('short.csv', 'p,q\n1,2\n');
  file('flat.csv', `p\n${'1\n'.repeat(300)}`);
  const r = southwell('factor', 'cca', ...args);
  expect(r.code).toBe(2);
  expect(r.err).toMatch(message);
  expect(r.out).toBe('');
});

test('--stream reads a file by blocks and comes near the exact correlations', () => {
  const many = Array.from({ length: 6000 }, () => {
    const [a, b, c] = [random.normal(), random.normal(), random.normal()];
    return [a, 100 * b, c, a + 0.3 * random.normal(), 0.01 * (b - a + 0.5 * random.normal())];
  });
  file('many.csv', text(many, ['a', 'b', 'c', 'p', 'q']));
  const views = ['factor', 'cca', 'many.csv', '--x', 'a,b,c', '--y', 'p,q', '-k', '2', '--json'];
  const whole = JSON.parse(southwell(...views).out);
  const run = southwell(...views, '--method', 'stochastic', '--stream', '--epochs', '4', '--learning-rate', '0.005');
  expect(run.err).toBe('');
  expect(run.code).toBe(0);
  const streamed = JSON.parse(run.out);
  expect(streamed.used).toBe(6000);
  // 6000 rows, 40 a step, four passes.
  expect(streamed.steps).toBe(600);
  whole.correlations.forEach((v: number, c: number) => {
    expect(streamed.correlations[c]).toBeGreaterThan(0.97 * v);
    expect(streamed.correlations[c]).toBeLessThan(1);
  });
});

test('--stream with gaps, other formats and other methods', () => {
  file('gaps.csv', text(x, ['a', 'b', 'c']).replace(/,[^,]*\n$/, ',\n'));
  const args = ['factor', 'cca', 'gaps.csv', '--x', 'a', '--y', 'b,c', '--method', 'stochastic', '--stream'];
  expect(southwell(...args).err).toMatch(/column 'c' has no value in row 300/);
  const left = JSON.parse(southwell(...args, '--missing', 'drop-rows', '--json').out);
  expect([left.rows, left.used]).toEqual([300, 299]);
  expect(southwell(...args, '--missing', 'mean').err).toMatch(/--stream cannot be combined with --missing mean/);
  expect(southwell('factor', 'cca', 'both.csv', '--x', 'a', '--y', 'p', '--stream').err).toMatch(
    /--stream cannot be combined with --method exact/,
  );
  expect(southwell('factor', 'cca', 'x.csv', 'y.csv', '--method', 'stochastic', '--stream').err).toMatch(/one file/);
});

test('--stream from other formats is --stream from CSV, to the last bit', () => {
  const joint = x.map((r, i) => [...r, ...y[i]]);
  const names = ['x1', 'x2', 'x3', 'x4', 'x5'];
  const X = DenseMatrix.fromRows(joint);
  file('s.csv', text(joint, names));
  file('s.csv.gz', gzipSync(text(joint, names)));
  file('s.npy', writeNpy(X));
  file('s.svm', writeLibsvm(X));
  file('s.parquet', writeParquet(Object.fromEntries(names.map((name, j) => [name, X.column(j)]))));
  const streamed = (name: string) => {
    const views = ['--x', 'x1,x2,x3', '--y', 'x4,x5', '-k', '2', '--method', 'stochastic', '--stream'];
    const run = southwell('factor', 'cca', name, ...views, '--json');
    expect(run.err).toBe('');
    const { weights, scores, correlations, rows, used } = JSON.parse(run.out);
    return { weights, scores, correlations, rows, used };
  };
  const expected = streamed('s.csv');
  expect(expected.used).toBe(300);
  for (const name of ['s.csv.gz', 's.npy', 's.svm', 's.parquet']) expect(streamed(name)).toEqual(expected);
  file('s.mtx', '%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n');
  const refused = southwell('factor', 'cca', 's.mtx', '--x', 'x1', '--y', 'x2', '--method', 'stochastic', '--stream');
  expect(refused.code).toBe(2);
  expect(refused.err).toMatch(/s\.mtx holds Matrix Market.*convert it/s);
});

test('LIBSVM, counted from 1 or from 0: whole and by blocks, columns are x1, x2, …', () => {
  const lines = (first: number) =>
    x.map((r, i) => `0 ${[...r, ...y[i]].map((v, j) => `${j + first}:${v}`).join(' ')}`).join('\n');
  file('one.svm', lines(1));
  file('zero.svm', lines(0));
  const views = ['--x', 'x1,x2,x3', '--y', 'x4,x5', '-k', '2', '--json'];
  for (const name of ['one.svm', 'zero.svm']) {
    const whole = JSON.parse(southwell('factor', 'cca', name, ...views).out);
    exact.forEach((v, c) => {
      expect(whole.correlations[c]).toBeCloseTo(v, 10);
    });
  }
  const stream = [...views, '--method', 'stochastic', '--stream'];
  const one = JSON.parse(southwell('factor', 'cca', 'one.svm', ...stream).out);
  const zero = JSON.parse(southwell('factor', 'cca', 'zero.svm', ...stream, '--zero-based').out);
  expect(zero.weights).toEqual(one.weights);
  // One pass over 300 rows is too little, and it says so.
  expect(one.residual).toBeGreaterThan(0.1);
  const cautious = southwell('factor', 'cca', 'one.svm', ...stream.filter((a) => a !== '--json'));
  expect(cautious.out.replaceAll(/\s+/g, ' ')).toMatch(/relative residual of the eigenvalue equations is \d+ %/);
  expect(southwell('factor', 'cca', 'zero.svm', ...stream).err).toMatch(/index 0.*counted from 1 \(not zero-based\)/);
  expect(southwell('factor', 'cca', 'zero.svm', ...views, '--zero-based').err).toMatch(
    /--zero-based requires --stream/,
  );
  // Rows of a file that counts from 0, of which none has index 0.
  const some = Array.from({ length: 20 }, (_, i) => `0 1:${i % 3} 2:${i % 5} 3:1 4:${i}`).join('\n');
  file('some.svm', `${some}\n`);
  file('whole.svm', `${some}\n0 0:1 4:2\n`);
  for (const how of [views, [...stream, '--zero-based']]) {
    southwell('factor', 'cca', 'zero.svm', ...how, '--save', 'zero.json');
    const [few, all] = ['some.svm', 'whole.svm'].map((name) => southwell('predict', 'zero.json', name).out.split('\n'));
    expect(few.slice(0, 21)).toEqual(all.slice(0, 21));
  }
  expect(southwell('factor', 'cca', 'one.svm', '--x', 'x9', '--y', 'x1').err).toMatch(
    /no column 'x9'; it has x1 to x5/,
  );
});

test('columns that depend on each other are named, constant ones have no weight, and one level of a category is left out', () => {
  const rows = x.map(([a, b], i) => [a, b, a + b, 4, 'uvw'[i % 3], ...y[i]].join());
  file('sums.csv', `x1,x2,x3,k,kind,p,q\n${rows.join('\n')}\n`);
  const args = ['factor', 'cca', 'sums.csv', '--x', 'x1,x2,x3,k,kind', '--y', 'p,q', '-k', '2'];
  const { out, code } = southwell(...args);
  const said = out.replace(/\s+/g, ' ');
  expect(code).toBe(0);
  expect(said).toMatch(/One level of each category has no column of its own: kind=u\./);
  expect(said).toMatch(
    /The first view has constant columns, which have no weight: k\. The first view has rank 4: x3 = x1 \+ x2\./,
  );
  const { weights, structures, featureNames } = JSON.parse(southwell(...args, '--json').out);
  expect(featureNames[0]).toEqual(['x1', 'x2', 'x3', 'k', 'kind=v', 'kind=w']);
  expect(structures[0].dependent).toEqual([
    {
      column: 'x3',
      on: [expect.objectContaining({ column: 'x1' }), { column: 'x2', coefficient: expect.closeTo(1, 9) }],
      constant: expect.closeTo(0, 9),
    },
  ]);
  for (const w of weights[0]) expect(w[0] + w[1] - w[2]).toBeCloseTo(0, 9);
  // Nearly dependent: the weights explode, and that is said.
  const near = x.map(([a, b], i) => [a, b, a + b + 1e-5 * Math.sin(i * i), ...y[i]].join());
  file('near.csv', `x1,x2,x3,p,q\n${near.join('\n')}\n`);
  const exploded = southwell('factor', 'cca', 'near.csv', '--x', 'x1,x2,x3', '--y', 'p,q').out.replace(/\s+/g, ' ');
  expect(exploded).toMatch(/nearly rank-deficient \(condition number \d\.\de\+5\): its weights are large/);
  expect(southwell('factor', 'cca', 'near.csv', '--x', 'x1,x2,x3', '--y', 'p,q', '--ridge', '0.1').out).not.toMatch(
    /rank/,
  );
  expect(southwell('factor', 'cca', 'near.csv', '--x', 'x1', '--y', 'p,q', '-k', '2').err.replace(/\s+/g, ' ')).toMatch(
    /-k is 2, but --x has 1 column that varies/,
  );
});
