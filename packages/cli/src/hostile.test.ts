import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import { writeNpy } from '@southwell/data';
import { declared, flagOf, taskOf } from '@southwell/tasks';
import fc from 'fast-check';
import { loadModel } from 'southwell/linear-models';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  asUser,
  canBeUser,
  canMount,
  outputsOf,
  refusesFolder,
  refusesFullDisk,
  refusesStdout,
  root,
} from './testing/files.ts';
import { TRACE, workshop } from './testing.ts';

const shop = workshop();
const { at, file, southwell, shell, here } = shop;

beforeAll(() => {
  // 40 rows of a plain law: y = 3a − 2b + a wave.
  const rows = Array.from({ length: 40 }, (_, i) => {
    const [a, b] = [Math.sin(7 * i), Math.cos(11 * i)];
    const y = 3 * a - 2 * b + 0.1 * Math.sin(i * i);
    return `${a},${b},${y},${y > 0 ? 'yes' : 'no'}`;
  });
  file('small.csv', `a,b,y,label\n${rows.join('\n')}\n`);
  southwell('fit', 'small.csv', '--target', 'y', '--drop', 'label', '--alpha', '0.1', '--save', 'small.json', '-q');
});

describe('what cannot be written', () => {
  const outputs = outputsOf(shop).slice(1, 2);

  test.skipIf(!canMount(shop)).each(outputs)('a full disk: %s (needs unshare and tmpfs)', (_, args) =>
    refusesFullDisk(shop, args),
  );

  test.skipIf(!canBeUser(shop)).each(outputs)('a folder of others: %s (needs a user who is not root)', (_, args) =>
    refusesFolder(shop, args),
  );

  test.skipIf(!canBeUser(shop))('a file that is write-protected is not replaced (needs a user who is not root)', () => {
    const open = at('open');
    mkdirSync(open);
    writeFileSync(`${open}/kept.json`, 'old');
    chmodSync(`${open}/kept.json`, 0o444);
    chmodSync(open, 0o777);
    const r = asUser(shop, 'fit', 'bundled:diabetes', '--alpha', '1', '-q', '--save', `${open}/kept.json`);
    expect(r).toMatchObject({
      code: 2,
      err: expect.stringMatching(/kept\.json cannot be written: writing to it is not/),
    });
    expect(readFileSync(`${open}/kept.json`, 'utf8')).toBe('old');
    expect(readdirSync(open)).toEqual(['kept.json']);
  });

  // Not the machine's own /dev/full for root, who could break it.
  const full = root ? at('full') : '/dev/full';
  const hasFull = root ? spawnSync('mknod', [full, 'c', '1', '7']).status === 0 : existsSync(full);

  test.skipIf(!hasFull)('a device is written into, never replaced; the result is printed all the same', () => {
    const r = southwell('fit', 'bundled:diabetes', '--alpha', '1', '--save', full, '--report', 'beside.html');
    expect(r.code).toBe(2);
    expect(r.err).toMatch(/full cannot be written: the disk is full/);
    expect(r.out).toMatch(/Lasso keeps \d+ of 10/);
    expect(r.out).toMatch(/Report written to beside\.html/);
    expect(r.out).not.toMatch(/Model written/);
    expect(existsSync(at('beside.html'))).toBe(true);
    expect(statSync(full).isCharacterDevice()).toBe(true);
    const json = JSON.parse(southwell('fit', 'bundled:diabetes', '--alpha', '1', '--save', full, '--json').out);
    expect(json).toMatchObject({ exitCode: 2, fit: { status: 'converged' } });
    expect(json).not.toHaveProperty('saved');
  });

  test.skipIf(!existsSync('/dev/full')).each([
    ['fit', 'bundled:diabetes', '--alpha', '1'],
    ['papers', 'list', '--json'],
  ])('results that standard output cannot take: %s (needs /dev/full)', (...args) => refusesStdout(shop, args));

  test('a link stays a link, a private file private', () => {
    writeFileSync(at('target.json'), 'old', { mode: 0o600 });
    symlinkSync('target.json', at('link.json'));
    expect(southwell('fit', 'bundled:diabetes', '--alpha', '1', '-q', '--save', 'link.json').code).toBe(0);
    expect(lstatSync(at('link.json')).isSymbolicLink()).toBe(true);
    expect(loadModel(readFileSync(at('target.json'), 'utf8')).model.coef).toHaveLength(10);
    if (process.platform !== 'win32') expect(statSync(at('target.json')).mode & 0o777).toBe(0o600);
  });
});

describe('what data can be', () => {
  const X = Array.from({ length: 12 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
  const table = (row: (x: number[], i: number) => string) => `a,b,y\n${X.map(row).join('\n')}\n`;
  const target = (name: string, text: string | Uint8Array, ...rest: string[]) => [
    'fit',
    file(name, text),
    '--target',
    'y',
    ...rest,
  ];
  const REFUSED: Array<[string, () => string[], RegExp]> = [
    ['only a target', () => target('alone.csv', 'y\n1\n2\n'), /no column is left to predict 'y' from.*at least one/],
    ['one row, cross-validated', () => target('n1.csv', 'a,y\n1,2\n'), /n1\.csv has 1 row, .* --alpha/],
    ['two rows', () => target('n2.csv', 'a,y\n1,2\n2,3\n'), /has 2 rows, too few for 10 folds: .*--cv 2/],
    ['a header alone', () => target('head.csv', 'a,b,y\n'), /has a header \(a, b, y\) but no rows/],
    [
      'a constant target',
      () =>
        target(
          'flat.csv',
          table((x) => `${x},7`),
        ),
      /the target 'y' is 7 in every row/,
    ],
    [
      'constant, on a path',
      () =>
        target(
          'flat.csv',
          table((x) => `${x},0.1`),
          '--path',
        ),
      /is 0\.1 in every row/,
    ],
    [
      'constant features',
      () =>
        target(
          'still.csv',
          table((_, i) => `1,2,${i % 5}`),
        ),
      /every feature is constant/,
    ],
    [
      'three classes',
      () =>
        target(
          'pqr.csv',
          table((x, i) => `${x},${'pqr'[i % 3]}`),
          '--model',
          'svc',
        ),
      /3 classes \(p, q, r\), but --model svc supports two: use --model multinomial\.$/m,
    ],
    [
      'numbers for a classifier',
      () =>
        target(
          'num.csv',
          table((x, i) => `${x},${i}`),
          '--model',
          'logistic',
        ),
      /12 classes \(0, 1, 2, 3, …\).*--model lasso/,
    ],
    [
      'one class',
      () =>
        target(
          'no.csv',
          table((x) => `${x},no`),
          '--model',
          'svc',
        ),
      /only one class, no/,
    ],
    [
      'an infinite cell',
      () =>
        target(
          'inf.csv',
          table((x, i) => `${x[0]},${i === 3 ? 'inf' : x[1]},${x[0]}`),
        ),
      /inf\.csv: column 'b' holds Infinity in row 4/,
    ],
    [
      'an infinite target',
      () =>
        target(
          'yinf.csv',
          table((x, i) => `${x},${i === 5 ? '-Infinity' : x[0]}`),
        ),
      /yinf\.csv: column 'y' holds -Infinity in row 6/,
    ],
    [
      'NaN in a cell',
      () =>
        target(
          'nan.csv',
          table((x, i) => `${x[0]},${i === 3 ? 'NaN' : x[1]},${x[0]}`),
        ),
      /column 'b' has no value in row 4/,
    ],
    [
      'a picture',
      () => target('photo.csv', Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10, 1, 2)),
      /photo\.csv: the PNG ends before the picture is complete/,
    ],
    ['text named .npy', () => target('liar.npy', 'a,y\n1,2\n'), /named like NumPy \.npy but holds text/],
    ['a longer row', () => target('wide.csv', 'a,y\n1,2\n1,2,3\n'), /line 3 has 3 fields where 2 were expected/],
    [
      'a far-off name',
      () => target('letters.csv', 'a,b,y\n1,2,3\n', '--features', 'q'),
      /no column 'q'.*it has a, b, y\.$/m,
    ],
    [
      'negative counts',
      () =>
        target(
          'neg.csv',
          table((x) => `${x},${x[0]}`),
          '--model',
          'poisson',
        ),
      /at least 0; row/,
    ],
  ];
  test.each(REFUSED)('%s: a sentence and exit 2', async (_, args, expected) => {
    const r = await here(args());
    expect(r.err).toMatch(expected);
    expect(r).toMatchObject({ code: 2, out: '' });
    expect(r.err.trim().split('\n').length).toBeLessThanOrEqual(2);
  });

  test('one row, or a constant target, at one alpha: the constant, as in scikit-learn', async () => {
    for (const text of ['a,b,y\n1,2,3\n', table((x) => `${x},3`)]) {
      const r = await here(target('c.csv', text, '--alpha', '0.1', '--json'));
      expect(r.code).toBe(0);
      const json = JSON.parse(r.out);
      expect(json.model).toMatchObject({ active: 0, intercept: 3 });
      expect(json.data).toMatchObject({ targetMean: 3, targetSd: 0 });
    }
    expect(
      (
        await here(
          target(
            'c.csv',
            table((x) => `${x},3`),
            '--alpha',
            '0.1',
          ),
        )
      ).out,
    ).toMatch(/intercept 3/);
  });

  test('alpha beyond alphaMax: the mean; alpha 0: least squares, by the normal equations', async () => {
    const [n, at0] = [X.length, X.map((x) => 1 + 2 * x[0] - x[1] + 0.1 * Math.sin(x[0] * 99))];
    const text = table((x, i) => `${x},${at0[i]}`);
    const strong = JSON.parse((await here(target('ls.csv', text, '--alpha', '1e9', '--json'))).out);
    expect(strong.model.active).toBe(0);
    const means = [0, 1].map((j) => X.reduce((s, x) => s + x[j] / n, 0));
    const meanY = at0.reduce((s, v) => s + v / n, 0);
    expect(strong.model.intercept).toBeCloseTo(meanY, 12);
    const s = (j: number, k: number) => X.reduce((t, x) => t + (x[j] - means[j]) * (x[k] - means[k]), 0);
    const r = (j: number) => X.reduce((t, x, i) => t + (x[j] - means[j]) * (at0[i] - meanY), 0);
    const det = s(0, 0) * s(1, 1) - s(0, 1) ** 2;
    const exact = [(s(1, 1) * r(0) - s(0, 1) * r(1)) / det, (s(0, 0) * r(1) - s(0, 1) * r(0)) / det];
    const free = JSON.parse((await here(target('ls.csv', text, '--alpha', '0', '--tol', '1e-14', '--json'))).out);
    const found = Object.fromEntries(
      free.model.coefficients.map((c: { name: string; value: number }) => [c.name, c.value]),
    );
    expect(found.a).toBeCloseTo(exact[0], 9);
    expect(found.b).toBeCloseTo(exact[1], 9);
  });

  test.each([1e150, 1e-150])('a target of size %d has the scores of size 1, scaled', async (size) => {
    const y = X.map((x, i) => 2 * x[0] - x[1] + 0.3 * Math.sin(5 * i));
    const fit = async (unit: number) => {
      const args = target(
        'scale.csv',
        table((x, i) => `${x},${y[i] * unit}`),
        '--cv',
        '3',
        '--rule',
        '1se',
        '--json',
      );
      const r = await here(args);
      expect(r.code).toBe(0);
      return JSON.parse(r.out);
    };
    const [plain, scaled] = [await fit(1), await fit(size)];
    const c = (json: typeof plain) => json.crossValidation;
    expect(c(scaled).min.index).toBe(c(plain).min.index);
    expect(c(scaled).oneStandardError.index).toBe(c(plain).oneStandardError.index);
    for (const [k, se] of c(plain).standardError.entries()) {
      expect(c(scaled).standardError[k] / size / size / se).toBeCloseTo(1, 6);
    }
    expect(scaled.model.coefficients[0].value / size).toBeCloseTo(plain.model.coefficients[0].value, 9);
  });

  test('gzipped twice, or gzipped under the name of a CSV: read as what it holds', async () => {
    const bytes = readFileSync(at('small.csv'));
    for (const [name, data] of [
      ['twice.csv.gz', gzipSync(gzipSync(bytes))],
      ['hidden.csv', gzipSync(bytes)],
    ] as const) {
      const r = await here(target(name, data, '--alpha', '0.1', '--drop', 'label', '--json'));
      const plain = await here(['fit', 'small.csv', '--target', 'y', '--alpha', '0.1', '--drop', 'label', '--json']);
      expect(JSON.parse(r.out).model).toEqual(JSON.parse(plain.out).model);
    }
    // An array named as a table.
    const npy = await here(['inspect', file('array.csv', writeNpy(Float64Array.of(1, 2, 3))), '--json']);
    expect(JSON.parse(npy.out)).toMatchObject({ format: 'npy', rows: 3 });
  });
});

describe('bench', () => {
  test('southwell bench runs a task and says how long it took', () => {
    const bench = ['bench', 'linear-models', '--quick', '--peers', 'none', '--repeats', '1', '--json'];
    const list = shell('bench', 'linear-models', '--quick', '--list').out;
    const first = list.split(/\s/)[0];
    const r = shell(...bench, '--tasks', first);
    expect(r.code, r.err).toBe(0);
    expect(JSON.stringify(JSON.parse(r.out))).toContain(first);
  });
});

describe('arguments at random', () => {
  const word = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('small.csv', 'small.json', 'none.csv', 'bundled:diabetes', '.', '') },
    {
      weight: 8,
      arbitrary: fc.constantFrom(
        ...Object.entries(taskOf('fit').options).map(([name, option]) => flagOf(name, declared(option))),
        ...'--json -q --all --proba'.split(' '),
        ...'-h --help -V -- - --x --alpha= --cv=3 -qq --no-no'.split(' '),
      ),
    },
    {
      weight: 5,
      arbitrary: fc.constantFrom(
        'y',
        'label',
        'a',
        'a,b',
        '0',
        '1',
        '0.5',
        '-1',
        '1e999',
        'NaN',
        '3',
        'lasso',
        'logistic',
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  );
  test('end with a code and a sentence, never with a trace', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('fit', 'predict', 'inspect', 'help', 'fti', '--json'),
        fc.array(word, { maxLength: 8 }),
        async (verb, words) => {
          const r = await here([verb, ...words]);
          expect([0, 2, 3]).toContain(r.code);
          expect(r.err).not.toMatch(TRACE);
          expect(r.err).not.toMatch(/Internal error/);
          if (r.code === 2) expect(r.err.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});
