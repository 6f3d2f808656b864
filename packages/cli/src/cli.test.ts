import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { designMatrix, readTable } from '@southwell/data/node';
import { Random } from '@southwell/numerics/core';
import { lasso, linearModels, loadModel } from 'southwell/linear-models';
import { beforeAll, describe, expect, test } from 'vitest';
import { interruptedFit } from './testing/fit.ts';
import { TRACE, workshop } from './testing.ts';

const shop = workshop();
const { at, file, southwell, shell, here } = shop;

beforeAll(() => {
  expect(existsSync(fileURLToPath(new URL('../dist/index.js', import.meta.url))), 'run npm run build first').toBe(true);
  const random = new Random(7);
  const rows: string[] = ['id,a,b,c,colour,y,label,count,time,event,w'];
  for (let i = 0; i < 120; i++) {
    const [a, b, c] = [random.normal(), random.normal(), random.normal()];
    const colour = ['red', 'green', 'blue'][i % 3];
    const y = 3 * a - 2 * b + (colour === 'red' ? 1 : 0) + 0.1 * random.normal();
    const counts = Math.floor(Math.exp(0.5 * a + random.uniform()));
    const time = 1 + 10 * random.uniform() * Math.exp(-0.5 * a);
    rows.push(
      [
        `row-${i}`,
        a,
        b,
        c,
        colour,
        y,
        y + random.normal() > 0 ? 'yes' : 'no',
        counts,
        time,
        i % 4 ? 1 : 0,
        1 + (i % 2),
      ].join(','),
    );
  }
  file('small.csv', `${rows.join('\n')}\n`);
});

const plain = ['--features', 'a,b,c'];

describe('fit', () => {
  test('reads, fits, prints a table that fits 80 columns, and exits 0', () => {
    const { code, out, err } = shell('fit', 'bundled:diabetes', '--cv', '5', '--rule', '1se');
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(out).toMatch(/Lasso keeps \d+ of 10 features of bundled:diabetes/);
    expect(out).toMatch(/one standard error .*← kept/);
    expect(out).toMatch(/Converged: duality gap/);
    for (const line of out.split('\n').filter((l) => !l.startsWith('Converged'))) {
      expect(line.length, line).toBeLessThanOrEqual(80);
    }
  });

  test.each(Object.keys(linearModels))('--model %s ends with a converged model', (model) => {
    const target = {
      logistic: ['--target', 'label'],
      svc: ['--target', 'label'],
      multinomial: ['--target', 'label'],
      'group-logistic': ['--target', 'label'],
      'multitask-lasso': ['--targets', 'y,time'],
      poisson: ['--target', 'count'],
      tweedie: ['--target', 'count'],
      gamma: ['--target', 'time'],
      cox: ['--time', 'time', '--event', 'event'],
    }[model] ?? ['--target', 'y'];
    const alpha = !linearModels[model].penalised ? [] : ['--alpha', '0.05'];
    const r = southwell('fit', 'small.csv', '--model', model, ...target, ...plain, ...alpha, '--json');
    expect(r.err).toBe('');
    expect(r.code).toBe(0);
    const json = JSON.parse(r.out);
    expect(json.model.kind).toBe(model);
    expect(json.fit.status).toBe('converged');
    const features = json.model.coefficients.map((c: { name: string }) => c.name);
    expect(new Set(features).size).toBe(json.model.active);
  });

  test('three classes: the default model, its table, its report, its predictions', () => {
    const fit = ['fit', 'small.csv', '--target', 'colour', '--features', 'a,b,y'];
    // The objective and the coefficients of scikit-learn are those of multinomialRegression, tested in the library.
    const r = southwell(...fit, '--alpha', '0.02', '--save', 'multi.json', '--report', 'multi.html');
    expect(r.code).toBe(0);
    expect(r.out).toMatch(/Multinomial regression keeps \d of 3 features/);
    expect(r.out).toMatch(/y → red/);
    expect(readFileSync(at('multi.html'), 'utf8')).toMatch(/y → red/);
    const probabilities = JSON.parse(southwell('predict', 'multi.json', 'small.csv', '--proba', '--json').out);
    const { prediction, ...each } = probabilities.columns;
    expect(Object.keys(each)).toEqual(['probability_blue', 'probability_green', 'probability_red']);
    prediction.forEach((label: string, i: number) => {
      const row = Object.entries(each as Record<string, number[]>).map(([name, p]) => [name, p[i]] as const);
      expect(row.reduce((sum, [, p]) => sum + p, 0)).toBeCloseTo(1, 12);
      expect(row.every(([, p]) => p <= each[`probability_${label}`][i])).toBe(true);
    });
    expect(probabilities.score.name).toBe('accuracy');
    const cv = JSON.parse(southwell(...fit, '--cv', '3', '--n-alphas', '10', '--json').out);
    expect(cv.crossValidation).toMatchObject({ folds: 3, scoring: 'logLoss' });
  });

  test('columns of a group enter together, and so do the levels of a category', () => {
    const args = ['--model', 'group-lasso', '--target', 'y', '--features', 'a,b,c,colour', '--group', 'a,c', '--json'];
    const kept = (alpha: string): string[] =>
      JSON.parse(southwell('fit', 'small.csv', ...args, '--alpha', alpha).out).model.coefficients.map(
        (c: { name: string }) => c.name,
      );
    // c and green have nothing to do with y: alone they would not enter.
    expect(kept('1').sort()).toEqual(['a', 'b', 'c']);
    expect(kept('0.01').sort()).toEqual(['a', 'b', 'c', 'colour=blue', 'colour=green', 'colour=red']);
  });

  test('several targets: one model, a prediction for each', () => {
    southwell(
      'fit',
      'small.csv',
      '--model',
      'multitask-lasso',
      '--targets',
      'y,c',
      '--features',
      'a,b',
      '--alpha',
      '1e-4',
      '--save',
      'tasks.json',
    );
    const { columns, score } = JSON.parse(southwell('predict', 'tasks.json', 'small.csv', '--json').out);
    expect(Object.keys(columns)).toEqual(['prediction_y', 'prediction_c']);
    expect(score.name).toBe('R²');
    // All of y, nothing of c.
    expect(score.value).toBeCloseTo(0.5, 1);
  });

  test('--json prints one document with the numbers of the library', async () => {
    const r = southwell('fit', 'bundled:diabetes', '--model', 'lasso', '--alpha', '1', '--json');
    const json = JSON.parse(r.out);
    expect(json).toMatchObject({ southwell: 1, exitCode: 0, data: { rows: 442, features: 10, target: 'y' } });
    const { X, y } = designMatrix(await readTable('bundled:diabetes'), { target: 'y' });
    const model = lasso({ alpha: 1 }).fit(X, y!);
    expect(json.model.intercept).toBe(model.intercept);
    expect(json.model.active).toBe(model.activeCount);
    expect(json.fit.objective).toBe(model.report.objective);
  });

  test('--path and --cv give their curves; the same seed the same numbers', () => {
    const path = JSON.parse(
      southwell('fit', 'small.csv', '--target', 'y', ...plain, '--path', '--n-alphas', '20', '--json').out,
    );
    expect(path.path.alphas).toHaveLength(20);
    expect(path.path.chosenBy).toBe('bic');
    const args = [
      'fit',
      'small.csv',
      '--target',
      'label',
      ...plain,
      '--cv',
      '4',
      '--seed',
      '3',
      '--n-alphas',
      '15',
      '--json',
    ];
    const cv = JSON.parse(southwell(...args).out);
    expect(cv.model.kind).toBe('logistic');
    expect(cv.crossValidation).toMatchObject({ folds: 4, scoring: 'logLoss', greaterIsBetter: false });
    expect(cv.crossValidation.mean).toHaveLength(15);
    expect(cv.crossValidation.min.score).toBe(Math.min(...cv.crossValidation.mean));
    expect(cv.crossValidation.oneStandardError.alpha).toBeGreaterThanOrEqual(cv.crossValidation.min.alpha);
    expect(JSON.parse(southwell(...args).out).crossValidation.mean).toEqual(cv.crossValidation.mean);
  });

  test('weights, offset and their columns are no features; whole weights equal repeated rows', () => {
    const table = readFileSync(at('small.csv'), 'utf8').trimEnd().split('\n');
    const doubled = table.flatMap((line, k) => (k > 0 && line.endsWith(',2') ? [line, line] : [line]));
    file('doubled.csv', `${doubled.join('\n')}\n`);
    const args = ['--target', 'y', ...plain, '--alpha', '0.1', '--tol', '1e-12', '--json'];
    const weighted = JSON.parse(southwell('fit', 'small.csv', '--weights', 'w', ...args).out);
    const repeated = JSON.parse(southwell('fit', 'doubled.csv', ...args).out);
    expect(weighted.model.intercept).toBeCloseTo(repeated.model.intercept, 8);
    const all = JSON.parse(
      southwell(
        'fit',
        'small.csv',
        '--target',
        'count',
        '--model',
        'poisson',
        '--offset',
        'w',
        '--alpha',
        '0.1',
        '--json',
      ).out,
    );
    expect(all.model.coefficients.map((c: { name: string }) => c.name)).not.toContain('w');
    expect(all.data.notes.join()).toMatch(/Text columns were left out: id/);
  });

  test('a saved model predicts what the library predicts in the same process', async () => {
    const { code } = southwell(
      'fit',
      'small.csv',
      '--target',
      'y',
      '--drop',
      'id',
      '--alpha',
      '0.02',
      '--save',
      'm.json',
      '-q',
    );
    expect(code).toBe(0);
    expect(southwell('predict', 'm.json', 'small.csv', '--out', 'p.csv').code).toBe(0);
    const { model } = loadModel(readFileSync(at('m.json'), 'utf8'));
    const { X } = designMatrix(await readTable(at('small.csv')), { target: 'y', drop: ['id'] });
    const expected = model.predict(X);
    const written = (await readTable(at('p.csv'))).columns[0];
    expect(written.type === 'number' && Array.from(written.values)).toEqual(Array.from(expected));
    // Columns in another order, others beside them.
    const lines = readFileSync(at('small.csv'), 'utf8').trimEnd().split('\n');
    file('turned.csv', `${lines.map((l) => l.split(',').reverse().join(',')).join('\n')}\n`);
    southwell('predict', 'm.json', 'turned.csv', '--out', 'p2.parquet', '-q');
    const again = (await readTable(at('p2.parquet'))).columns[0];
    expect(again.type === 'number' && Array.from(again.values)).toEqual(Array.from(expected));
  });

  test('classes and probabilities come back by name, rows with gaps keep their place', () => {
    southwell(
      'fit',
      'small.csv',
      '--target',
      'label',
      ...plain,
      '--missing',
      'drop-rows',
      '--alpha',
      '0.01',
      '--save',
      'c.json',
      '-q',
    );
    file('gaps.csv', 'a,b,c\n1,0,0\n,0,0\n-1,0,0\n');
    const r = southwell('predict', 'c.json', 'gaps.csv', '--proba', '--json');
    const { columns } = JSON.parse(r.out);
    expect(columns.prediction).toEqual(['yes', null, 'no']);
    expect(columns.probability_yes[1]).toBeNull();
    expect(columns.probability_yes[0] + columns.probability_no[0]).toBeCloseTo(1, 12);
    expect(southwell('predict', 'c.json', 'gaps.csv').out.split('\n').slice(0, 4)).toEqual([
      'prediction',
      'yes',
      '""',
      'no',
    ]);
  });

  test('the report is one file that asks nothing of the network and cannot be broken by names', () => {
    file(
      'names.csv',
      `</script><b>,"a""&'",y\n${Array.from({ length: 30 }, (_, i) => `${i % 7},${i % 5},${(i % 7) + ((i * i) % 11) / 10}`).join('\n')}\n`,
    );
    const r = southwell('fit', 'names.csv', '--target', 'y', '--cv', '3', '--report', 'r.html', '-q');
    expect(r).toEqual({ code: 0, out: '', err: '' });
    const page = readFileSync(at('r.html'), 'utf8');
    expect(page).not.toMatch(/(src|href)\s*=\s*["']?(https?:)?\/\//i);
    expect(page).not.toMatch(/url\(\s*["']?https?:/i);
    expect(page).not.toContain('</script><b>');
    expect(page).toContain('&lt;/script&gt;&lt;b&gt;');
    // The numbers, and what lets the charts be read.
    expect(page.match(/<script\b[^>]*>/g)).toHaveLength(2);
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    for (const id of ['paths', 'cv', 'convergence']) expect(page).toContain(`id="${id}"`);
    expect(page).toContain('southwell fit names.csv --target y --cv 3 --report r.html -q');
  });
});

describe('inspect', () => {
  test('types, ranges, missing values, constant and duplicate columns', () => {
    file('odd.csv', 'a,same,b,word,copy\n1,5,2,x,2\n3,5,,y,\n5,5,4,x,4\n');
    const json = JSON.parse(southwell('inspect', 'odd.csv', '--json').out);
    expect(json).toMatchObject({ rows: 3, missing: 2, constant: ['same'], duplicates: [['copy', 'b']] });
    expect(json.columns[0]).toMatchObject({ name: 'a', type: 'number', min: 1, mean: 3, max: 5, missing: 0 });
    expect(json.columns[0].sd).toBeCloseTo(Math.sqrt(8 / 3), 12);
    expect(json.columns[3]).toMatchObject({
      type: 'category',
      levels: [
        { level: 'x', rows: 2 },
        { level: 'y', rows: 1 },
      ],
    });
    const why = json.columns.map((c: { why: string }) => c.why);
    expect(why).toEqual(['all numbers', 'all numbers', 'all numbers', '2 texts that repeat', 'all numbers']);
    const text = southwell('inspect', 'odd.csv').out;
    expect(text).toMatch(/1 constant column: same/);
    expect(text).toMatch(/1 duplicate column: copy = b/);
  });

  test('what each column was taken for, and why', () => {
    const lines = Array.from({ length: 30 }, (_, i) => `r${i};${i},5;${i === 7 ? 'n/d' : i};name ${i};${i % 2};${i}`);
    file('why.csv', `;x;mostly;name;asked;gap\n${lines.join('\n')}\n`);
    const json = JSON.parse(southwell('inspect', 'why.csv', '--types', 'asked=category', '--json').out);
    expect(json.index).toEqual({ name: 'column1', why: expect.stringMatching(/without a name/) });
    expect(json.columns.map((c: { name: string; type: string; why: string }) => [c.name, c.type, c.why])).toEqual([
      ['x', 'number', 'all numbers, decimal commas'],
      ['mostly', 'number', '96.6 % are; one value is not a number and counts as missing, "n/d" in row 8'],
      ['name', 'text', '30 texts in 30 rows: few repeat'],
      ['asked', 'category', 'as asked'],
      ['gap', 'number', 'all numbers'],
    ]);
    expect(json.notes.join(' ')).not.toMatch(/'column1' has 30/);
    const { out } = southwell('inspect', 'why.csv');
    expect(out).toMatch(/names of the rows: column1/);
    expect(out).toMatch(/gap .* all numbers\n/);
    expect(out).toMatch(/30 texts in 30 rows/);
  });

  test('a sparse file: density and labels', () => {
    file('t.svm', '1 1:2 3:1\n-1 2:1\n1 1:1\n');
    const { sparse } = JSON.parse(southwell('inspect', 't.svm', '--json').out);
    expect(sparse).toMatchObject({ features: 3, stored: 4, emptyColumns: 0, labelCount: 2 });
    expect(sparse.density).toBeCloseTo(4 / 9, 12);
  });
});

describe('what can be wrong', () => {
  const fit = (name: string, ...rest: string[]) => ['fit', name, '--target', 'y', ...rest];
  const cases: Array<[string, () => string[], RegExp]> = [
    ['no such file', () => fit('none.csv'), /none\.csv cannot be read: there is no such file/],
    ['a folder', () => fit('.'), /folder/],
    ['an empty file', () => fit(file('empty.csv', '')), /empty/],
    [
      'a binary file',
      () =>
        fit(
          file(
            'noise.csv',
            Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256),
          ),
        ),
      /noise\.csv/,
    ],
    [
      'a damaged gzip',
      () => fit(file('bad.csv.gz', gzipSync('a,y\n1,2\n'.repeat(500)).subarray(0, 40))),
      /incomplete or damaged/,
    ],
    ['unequal rows', () => fit(file('ragged.csv', 'a,y\n1,2\n3\n')), /line 3 has 1 field where 2 were expected/],
    ['one class', () => fit(file('one.csv', 'a,y\n1,no\n2,no\n3,no\n')), /one class/],
    ['three classes', () => fit(file('three.csv', 'a,y\n1,p\n2,q\n3,r\n4,p\n'), '--model', 'logistic'), /3 classes/],
    ['a target of words', () => ['fit', 'small.csv', '--target', 'label', '--model', 'lasso'], /holds words/],
    ['a missing value', () => fit(file('gap.csv', 'a,y\n1,2\n,3\n4,5\n')), /missing|lacks/i],
    [
      'a constant target',
      () => fit(file('flat.csv', 'a,y\n1,2\n2,2\n3,2\n4,2\n'), '--cv', '2'),
      /the target 'y' is 2 in every row/,
    ],
    ['no feature left', () => fit(file('alone.csv', 'y\n1\n2\n')), /no column is left/],
    ['no target given', () => ['fit', 'small.csv'], /Which column is to be predicted\? Give --target NAME/],
    ['an unknown target', () => ['fit', 'bundled:diabetes', '--target', 'yy'], /did you mean 'y'\?/],
    ['an unknown feature', () => fit('small.csv', '--features', 'a,colur'), /did you mean 'colour'\?/],
    ['an unknown weights column', () => fit('small.csv', '--weights', 'ww'), /no column 'ww'; did you mean 'w'\?/],
    ['an unknown model', () => fit('small.csv', '--model', 'laso'), /did you mean 'lasso'\?/],
    ['an unknown option', () => fit('small.csv', '--alhpa', '1'), /Did you mean --alpha\?/],
    ['an unknown command', () => ['fti'], /Did you mean fit\?/],
    ['an unknown bundled set', () => ['fit', 'bundled:spambse'], /did you mean 'spambase'\?/],
    ['alpha below 0', () => fit('small.csv', '--alpha', '-1'), /at least 0/],
    ['alpha no number', () => fit('small.csv', '--alpha', 'strong'), /at least 0/],
    [
      'alpha and path',
      () => fit('small.csv', '--alpha', '1', '--path'),
      /--alpha cannot be combined with --path: give one of them/,
    ],
    [
      'more folds than rows',
      () => fit('small.csv', '--features', 'a', '--cv', '121'),
      /has 120 rows, too few for 121 folds: ask for fewer with --cv 5/,
    ],
    ['one fold', () => fit('small.csv', '--cv', '1'), /at least 2/],
    ['DATA taken for folds', () => ['fit', '--cv', 'small.csv'], /write DATA before --cv/],
    [
      'an option of another model',
      () => fit('small.csv', '--model', 'lasso', '--l1-ratio', '0.5'),
      /cannot be combined with --model lasso/,
    ],
    [
      'groups of another model',
      () => fit('small.csv', '--group', 'a,b'),
      /--group requires one of --model group-lasso, group-logistic/,
    ],
    ['a quantile of a lasso', () => fit('small.csv', '--model', 'lasso', '--quantile', '0.3'), /only with quantile/],
    [
      'a rule without folds',
      () => fit('small.csv', '--alpha', '1', '--rule', '1se'),
      /--rule cannot be combined with --alpha/,
    ],
    ['a seed without folds', () => fit('small.csv', '--path', '--seed', '1'), /--seed cannot be combined with --path/],
    [
      'what the model for the target does not take',
      () => fit('small.csv', '--l1-ratio', '0.5'),
      /--l1-ratio cannot be combined with lasso, the model for this target, only with elastic-net/,
    ],
    [
      'an alpha without a penalty',
      () => fit('small.csv', '--model', 'nnls', '--alpha', '1'),
      /cannot be combined with --model nnls/,
    ],
    [
      'a path without a penalty',
      () => fit('small.csv', '--model', 'sketched', '--path'),
      /--path cannot be combined with --model sketched/,
    ],
    [
      'folds without a penalty',
      () => fit('small.csv', '--model', 'sketched', '--cv', '5'),
      /--cv cannot be combined with --model sketched/,
    ],
    [
      'a sketch where none is drawn',
      () => fit('small.csv', '--model', 'lasso', '--sketch', 'srht'),
      /--sketch cannot be combined with --model lasso/,
    ],
    [
      'a target beside times',
      () => fit('small.csv', '--time', 'time', '--event', 'event'),
      /--target cannot be combined with/,
    ],
    ['cox without times', () => ['fit', 'small.csv', '--model', 'cox'], /--time COLUMN/],
    ['a BIC path of a ridge', () => fit('small.csv', '--model', 'ridge', '--path'), /Use --cv or --alpha/],
    [
      'no folder to save to',
      () => fit('small.csv', '--save', 'no/where/m.json'),
      /cannot be written: there is no folder/,
    ],
    ['a folder as the report', () => fit('small.csv', '--report', '.'), /it is a folder/],
    ['a model that is none', () => ['predict', 'small.csv', 'small.csv'], /not a model/],
    ['no model', () => ['predict', 'none.json', 'small.csv'], /none\.json cannot be read: there is no such file/],
    ['an odd --out', () => ['predict', 'm.json', 'small.csv', '--out', 'p.txt'], /writes \.csv or \.parquet/],
  ];
  test.each(cases)('%s: one sentence and exit 2', async (_, args, expected) => {
    const r = await here(args());
    expect(r.code).toBe(2);
    expect(r.err).toMatch(expected);
    expect(r.err).toMatch(/southwell:/);
    expect(r.err).not.toMatch(TRACE);
    expect(r.err.trim().split('\n').length).toBeLessThanOrEqual(3);
    expect(r.out).toBe('');
  });

  test('the same from the shell', () => {
    const r = shell('fit', 'small.csv', '--target', 'why');
    expect(r).toEqual({
      code: 2,
      out: '',
      err: "southwell: small.csv has no column 'why' for the target; did you mean 'y'?\n",
    });
  });

  test('a file gzipped twice is read', () => {
    file('twice.csv.gz', gzipSync(gzipSync(readFileSync(at('small.csv')))));
    expect(southwell('fit', 'twice.csv.gz', '--target', 'y', '--alpha', '0.1', '-q')).toEqual({
      code: 0,
      out: '',
      err: '',
    });
  });

  test('control characters in names do not reach the terminal', () => {
    file('evil.csv', 'a\u001b[31m,y\n1,2\n2,3\n5,4\n');
    expect(southwell('inspect', 'evil.csv').out).not.toContain('\u001b[31m');
  });

  test('stopping before converging is exit 3, with the model', () => {
    const r = southwell(
      'fit',
      'bundled:spambase',
      '--model',
      'logistic',
      '--alpha',
      '1e-5',
      '--max-iter',
      '1',
      '--tol',
      '1e-14',
      '--json',
    );
    expect(r.code).toBe(3);
    expect(JSON.parse(r.out)).toMatchObject({ exitCode: 3, fit: { status: 'iteration-limit' } });
  });

  test('every command has help with an example', () => {
    for (const name of ['fit', 'predict', 'inspect', 'papers']) {
      const r = southwell(name, '--help');
      expect(r.code).toBe(0);
      expect(r.out).toMatch(new RegExp(`\\$ southwell ${name}`));
    }
    expect(shell('--help').out).toMatch(/Exit codes/);
    expect(shell('--version')).toMatchObject({ code: 0, out: '0.1.0\n' });
  });
});

test('Ctrl-C keeps the best model so far, says so, saves it, exits 3', async () => {
  const { code, err } = await interruptedFit(shop, 1);
  expect(err).toMatch(/Stopping; the best model so far is kept/);
  expect(err).toMatch(/Best model so far: alpha/);
  expect(code).toBe(3);
  const { model } = loadModel(readFileSync(at('kept.json'), 'utf8'));
  expect(model.coef).toHaveLength(57);
  expect(southwell('predict', 'kept.json', 'bundled:spambase', '--out', 'kept.csv', '-q').code).toBe(0);
});
