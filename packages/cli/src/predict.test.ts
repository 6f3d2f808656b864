import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { applyEncoding, readTable, writeCsv, writeNpy, writeParquet } from '@southwell/data/node';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { DenseMatrix, loadModel } from 'southwell';
import { describe, expect, test } from 'vitest';
import { command, workshop } from './testing.ts';

const { file, here, at, folder, southwell, slowly } = workshop();

const json = async (...args: string[]) => {
  const { out, err, code } = await here([...args, '--json']);
  expect([err, code]).toEqual(['', 0]);
  return JSON.parse(out);
};

/** As the first versions saved it: predicts 1 + 2a + 10 for blue, and 20 for red. */
const old = {
  format: 'southwell-linear-model',
  version: 1,
  loss: 'squared',
  link: 'identity',
  alpha: 0.001,
  intercept: 1,
  features: 3,
  columns: [0, 1, 2],
  values: [2, 10, 20],
  featureNames: ['a', 'c=blue', 'c=red'],
  report: {
    status: 'converged',
    objective: 0.002,
    certificate: { kind: 'dualityGap', value: 0, relative: 0, objective: 0.002, active: 3 },
    iterations: 1,
    seconds: 0.002,
    message: 'Converged.',
  },
  extra: {
    encoding: {
      version: 1,
      kind: 'columns',
      features: [
        { name: 'a', type: 'number' },
        { name: 'c', type: 'category', levels: ['blue', 'red'] },
      ],
      featureNames: ['a', 'c=blue', 'c=red'],
      missing: 'error',
      sparse: false,
      target: { name: 'y' },
    },
    kind: 'lasso',
    target: 'y',
    command: 'southwell fit old.csv',
  },
};
file('old.json', JSON.stringify(old));

describe('columns are found by name, and new data have defined answers', () => {
  test.each([
    ['as they were', 'a,c,y\n1,blue,13\n2,red,26\n', [13, 25], /^$/],
    ['in another order, with others between', 'z,c,other,a\nq,blue,1,1\nr,red,2,2\n', [13, 25], /^$/],
    [
      'a level never seen',
      'a,c\n1,blue\n2,green\n',
      [13, 5],
      /Column 'c' has 1 level.* \("green"\); they are treated as none/,
    ],
    ['gaps, which fits refused', 'a,c\n,blue\n2,red\n3,\n', [null, 25, null], /2 of 3 rows lack a value/],
    ['no target', 'a,c\n1,red\n', [23], /^$/],
  ])('%s', async (_, text, expected, told) => {
    file('new.csv', text);
    const { columns, notes } = await json('predict', 'old.json', 'new.csv');
    expect(columns.prediction).toEqual(expected);
    expect(notes.join(' ')).toMatch(told);
  });

  test.each([
    ['a column that is not there', 'aa,c\n1,blue\n', /lacks the column 'a', with which the model was fitted/],
    ['texts where numbers were', 'a,c\none,blue\ntwo,red\n', /column 'a' was numeric when the model was fitted/],
    ['gaps in every row', 'a,c\n,blue\n1,\n', /every row has a missing value/],
  ])('%s is an error', async (_, text, message) => {
    file('new.csv', text);
    const { code, err } = await here(['predict', 'old.json', 'new.csv']);
    expect([code, err.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('missing values at fit and at predict', () => {
  const lines = Array.from({ length: 40 }, (_, i) => {
    const a = (i * 7) % 11;
    // That it is missing tells as much as a value would.
    return i % 4 === 0 ? `,${i % 3},${20 + (i % 3)}` : `${a},${i % 3},${a + (i % 3)}`;
  });
  file('gaps.csv', `a,b,y\n${lines.join('\n')}\n`);
  const fit = (how: string) =>
    json('fit', 'gaps.csv', '--target', 'y', '--alpha', '1e-6', '--missing', how, '--save', `${how}.json`);

  test('drop, mean, and a mean with a mark', async () => {
    const [dropped, alias, mean, marked] = [
      await fit('drop-rows'),
      await fit('drop'),
      await fit('mean'),
      await fit('indicator'),
    ];
    expect([dropped.data.rows, alias.data.rows, mean.data.rows, marked.data.rows]).toEqual([30, 30, 40, 40]);
    expect(alias.model).toEqual(dropped.model);
    expect([mean.data.features, marked.data.features]).toEqual([2, 3]);
    expect(marked.model.coefficients.map((c: { name: string }) => c.name).sort()).toEqual(['a', 'a is missing', 'b']);
    const score = async (how: string) => (await json('predict', `${how}.json`, 'gaps.csv')).score.value;
    expect(await score('indicator')).toBeGreaterThan(0.9999);
    expect(await score('mean')).toBeLessThan(0.9);
    const { columns, predicted } = await json('predict', 'drop.json', 'gaps.csv');
    expect([predicted, columns.prediction[0], typeof columns.prediction[1]]).toEqual([30, null, 'number']);
  });

  test('other families know no mark', async () => {
    const { code, err } = await here(['cluster', 'gaps.csv', '-k', '2', '--missing', 'indicator']);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/--missing knows no 'indicator'; there are error, drop-rows, mean/),
    ]);
  });
});

describe('files larger than a piece go through by blocks', () => {
  const rows = 60_000;
  const value = (i: number, j: number) => ((i * 37 + j * 101) % 211) / 16 - 6;
  const lines = Array.from(
    { length: rows },
    (_, i) => `${value(i, 1)},${['red', 'blue', 'green'][(i * i) % 3]},${value(i, 2)},${value(i, 1) * 2 + (i % 3)}`,
  );
  const text = `a,c,b,y\n${lines.join('\n')}\n`;

  test('with the bits, the score and the notes of a whole file, from a file or a pipe, into CSV, Parquet and JSON', async () => {
    file('large.csv', text);
    file('train.csv', `a,c,b,y\n${lines.slice(0, 500).join('\n')}\n`);
    await json('fit', 'train.csv', '--target', 'y', '--alpha', '0.01', '--save', 'm.json');
    const { model } = loadModel(readFileSync(at('m.json'), 'utf8'));
    const { encoding } = JSON.parse(readFileSync(at('m.json'), 'utf8')).extra;
    const table = await readTable(at('large.csv'));
    const { X, y } = applyEncoding(table, encoding);
    const expected = Array.from(model.predict(X));
    const mean = y!.reduce((sum, v) => sum + v / rows, 0);
    const total = y!.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    const residual = y!.reduce((sum, v, i) => sum + (v - expected[i]) ** 2, 0);

    const whole = await json('predict', 'm.json', 'large.csv');
    expect(whole.columns.prediction).toEqual(expected);
    expect(whole.score).toEqual({ name: 'R²', rows, value: expect.closeTo(1 - residual / total, 12) });
    southwell('predict', 'm.json', 'large.csv', '--out', 'p.csv', '-q');
    const written = readFileSync(at('p.csv'), 'utf8');
    expect(written.trimEnd().split('\n').slice(1).map(Number)).toEqual(expected);
    southwell('predict', 'm.json', 'large.csv', '--out', 'p.parquet', '-q');
    const [column] = (await readTable(at('p.parquet'))).columns;
    expect(column.type === 'number' && Array.from(column.values)).toEqual(expected);
    const piped = spawnSync(process.execPath, [command, 'predict', 'm.json', '-', '-q'], {
      ...{ cwd: folder, encoding: 'utf8', input: text, maxBuffer: 1 << 26 },
    });
    expect([piped.stderr, piped.stdout === written]).toEqual(['', true]);
  });

  test('classes as texts and their probabilities, and every format', async () => {
    const data = Array.from({ length: 30_000 }, (_, i) => [value(i, 1), value(i, 2), value(i, 3)]);
    const label = (i: number) => (data[i][0] > data[i][1] ? 1 : 0);
    const columns = Object.fromEntries([0, 1, 2].map((j) => [`x${j + 1}`, data.map((row) => row[j])]));
    file('t.csv', writeCsv(Object.fromEntries(Object.entries(columns).map(([name, v]) => [name, v.slice(0, 900)]))));
    const y = data.slice(0, 900).map((_, i) => (label(i) ? 'up' : 'down'));
    const head = readFileSync(at('t.csv'), 'utf8').trimEnd().split('\n');
    file('t.csv', `${head.map((line, i) => `${line},${i === 0 ? 'y' : y[i - 1]}`).join('\n')}\n`);
    await json('fit', 't.csv', '--target', 'y', '--alpha', '0.01', '--save', 'c.json');
    file('all.csv', writeCsv(columns));
    file('all.npy', writeNpy(DenseMatrix.fromRows(data)));
    file('all.parquet', writeParquet(columns));
    const first = await json('predict', 'c.json', 'all.csv', '--proba');
    const others = [
      await json('predict', 'c.json', 'all.npy', '--proba'),
      await json('predict', 'c.json', 'all.parquet', '--proba'),
    ];
    expect(first.predicted).toBe(30_000);
    for (const other of others) expect(other.columns).toEqual(first.columns);
    southwell('predict', 'c.json', 'all.csv', '--proba', '--out', 'c.parquet', '-q');
    const back = await readTable(at('c.parquet'));
    expect(back.columns.map((c) => [c.name, c.type])).toEqual([
      ['prediction', 'category'],
      ['probability_down', 'number'],
      ['probability_up', 'number'],
    ]);

    const svm = data.map((row, i) => `${label(i)} ${row.map((v, j) => `${j + 1}:${v}`).join(' ')}\n`);
    file('train.svm', svm.slice(0, 900).join(''));
    file('all.svm', svm.join(''));
    southwell('fit', 'train.svm', '--model', 'logistic', '--alpha', '0.01', '--save', 's.json', '-q');
    const sparse = JSON.parse(southwell('predict', 's.json', 'all.svm', '--json').out);
    expect([sparse.predicted, sparse.score.name, sparse.score.rows]).toEqual([30_000, 'accuracy', 30_000]);
    const right = sparse.columns.prediction.filter((v: number, i: number) => v === label(i)).length;
    expect(sparse.score.value).toBeCloseTo(right / 30_000, 12);
  });

  test('an interrupt, an error at the end and a full disk leave what was there', async () => {
    file('kept.csv', 'mine\n');
    file('abc.csv', 'a,b,c\n1,2,3\n2,5,4\n3,1,5\n4,0,6\n');
    await json('fit', 'abc.csv', '--target', 'c', '--alpha', '0.1', '--save', 'plain.json');
    const { code, err } = await slowly(['predict', 'plain.json', '-', '--out', 'kept.csv'], /predicting/);
    expect([code, err]).toEqual([3, expect.stringMatching(/Stopped before there were predictions of all rows/)]);
    file('broken.csv', `a,c\n${'1,red\n'.repeat(300_000)}1,red,3\n`);
    expect(southwell('predict', 'old.json', 'broken.csv', '--out', 'kept.csv')).toMatchObject({ code: 2, out: '' });
    expect(readFileSync(at('kept.csv'), 'utf8')).toBe('mine\n');
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  test('rows on standard output before an error are counted in its sentence', () => {
    file('late.csv', `a,c\n${'1,red\n'.repeat(900_000)}1,red,3\n`);
    const { code, out, err } = southwell('predict', 'old.json', 'late.csv', '-q');
    const rows = out.trimEnd().split('\n').length - 1;
    expect(rows).toBeGreaterThan(0);
    expect([code, err.replaceAll(/\s+/g, ' ')]).toEqual([
      2,
      expect.stringMatching(
        `line 900002 has 3 fields.* ${rows.toLocaleString('en')} rows were written to standard output before this error\\.`,
      ),
    ]);
    // Nothing was written, and nothing is said of it.
    file('early.csv', 'a,c\n1,red,3\n');
    for (const more of [[], ['--json']]) {
      const early = southwell('predict', 'old.json', more.length > 0 ? 'late.csv' : 'early.csv', '-q', ...more);
      expect([early.code, early.out, early.err]).toEqual([2, '', expect.not.stringContaining('standard output')]);
    }
  });
});

test('Parquet of integers and floats of four bytes', async () => {
  const columnData = [
    { name: 'a', data: Int32Array.from([1, 2, 3, -4]), type: 'INT32' as const },
    { name: 'b', data: Float32Array.from([0.5, 1.5, 0.25, 2]), type: 'FLOAT' as const },
    { name: 'y', data: Int32Array.from([2, 4, 6, -7]), type: 'INT32' as const },
  ];
  file('four.parquet', new Uint8Array(parquetWriteBuffer({ columnData })));
  await json('fit', 'four.parquet', '--target', 'y', '--alpha', '1e-6', '--save', 'four.json');
  const { columns, score } = await json('predict', 'four.json', 'four.parquet');
  expect(columns.prediction.map(Math.round)).toEqual([2, 4, 6, -7]);
  expect(score.value).toBeGreaterThan(0.99);
  file('wide.csv', 'y,b,a\n2,0.5,1\n4,1.5,2\n6,0.25,3\n-7,2,-4\n');
  expect((await json('predict', 'four.json', 'wide.csv')).columns).toEqual(columns);
});
