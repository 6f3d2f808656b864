/** Products of pairs of features, which the encoding keeps, against scikit-learn. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answering, closeTo, coefficients, workshop } from './testing.ts';

const { file, at, here } = workshop();
const rows = Array.from({ length: 60 }, (_, i) => {
  const [a, b, c] = [((i * 37) % 23) / 10, ((i * 17) % 29) / 10, ((i * 11) % 13) / 10];
  const y = a - 2 * b + ((i * 7) % 5) / 10 + 0.3 * c;
  const z = (y + [0.5, -1, 0.2][i % 3]) * (i % 3 === 0 ? 2 : 1);
  return { a, b, c, site: 'nsw'[i % 3], y: y * (1 + a * b), z };
});
const csv = (list: readonly object[]) =>
  `${[Object.keys(list[0]).join(), ...list.map((r) => Object.values(r).join())].join('\n')}\n`;
file('rows.csv', csv(rows));

const { told, said } = answering(here, 'fit');

// Lasso(alpha, tol=1e-15) on PolynomialFeatures(degree=2, interaction_only=True, include_bias=False), scikit-learn 1.4.2; the
// levels of a category as columns of 0 and 1, which are not multiplied with each other.
test('numbers, and a category with numbers', async () => {
  const numbers = await told(
    ...['rows.csv', '--target', 'y', '--drop', 'site,z', '--model', 'lasso', '--alpha', '0.02', '--tol', '1e-14'],
    ...['--interactions', '2'],
  );
  expect(coefficients(numbers)).toEqual(
    closeTo(
      {
        ...{ a: 3.0091858184735156, b: -2.852334204507135, c: 0.032335740977854625 },
        ...{ 'a:b': -2.486992792729144, 'a:c': 0.08802860718750781, 'b:c': 0.2798387067322173 },
      },
      9,
    ),
  );
  const mixed = await told(
    ...['rows.csv', '--target', 'z', '--drop', 'y,c', '--model', 'lasso', '--alpha', '0.03', '--tol', '1e-14'],
    ...['--interactions', '2', '--save', at('model.json'), '--coefficients', at('all.csv')],
  );
  expect(coefficients(mixed)).toEqual(
    closeTo(
      {
        ...{
          a: 0.9283566479012874,
          b: -2.083329494535947,
          'site=n': 0.23922706826302464,
          'site=s': -1.1260996872605356,
        },
        ...{ 'a:site=n': 1.206814896220576, 'b:site=n': -1.577413803904165 },
      },
      9,
    ),
  );
  const names = readFileSync(at('all.csv'), 'utf8').trim().split('\n').slice(2);
  expect(names.map((line) => line.split(',')[0])).toEqual([
    ...['a', 'b', 'site=n', 'site=s', 'site=w', 'a:b', 'a:site=n', 'a:site=s', 'a:site=w'],
    ...['b:site=n', 'b:site=s', 'b:site=w'],
  ]);
  // New rows, in another order and with a level never seen: its products are zeros.
  file(
    'new.csv',
    csv(
      rows
        .slice(0, 3)
        .map(({ a, b, site }) => ({ site, b, a }))
        .concat({ site: 'q', b: 1, a: 2 }),
    ),
  );
  const { out } = await here(['predict', 'model.json', 'new.csv', '--json']);
  const { prediction } = JSON.parse(out).columns;
  const unseen = mixed.model.intercept + 2 * 0.9283566479012874 - 2.083329494535947;
  expect(prediction).toEqual(
    [1.029713452413614, -2.577574136759263, 0.212999960833274, unseen].map((v) => expect.closeTo(v, 8)),
  );
});

test('filled gaps are multiplied as filled; factors, groups and folds know products', async () => {
  file('gaps.csv', csv(rows.map((r, i) => ({ ...r, a: i % 7 === 0 ? '' : r.a }))));
  const common = ['gaps.csv', '--target', 'y', '--features', 'a,b', '--interactions', '2', '--alpha', '0.01'];
  const filled = await told(...common, '--missing', 'indicator', '--save', at('gaps.json'));
  expect(filled.data.features).toBe(2 + 1 + 2);
  file('one.csv', 'a,b\n,1\n');
  const mean = JSON.parse(readFileSync(at('gaps.json'), 'utf8')).extra.encoding.features[0].fill;
  const b = coefficients(filled);
  const one = JSON.parse((await here(['predict', 'gaps.json', 'one.csv', '--json'])).out).columns.prediction[0];
  const of = (name: string) => b[name] ?? 0;
  expect(one).toBeCloseTo(
    filled.model.intercept + of('a') * mean + of('a is missing') + of('b') + of('a:b') * mean + of('a is missing:b'),
    9,
  );
  const free = await told(
    'rows.csv',
    '--target',
    'y',
    '--drop',
    'z',
    '--interactions',
    '2',
    '--penalty-factor',
    'a:b=0',
    '--alphas',
    '50,5',
    '--cv',
    '3',
  );
  expect(Object.keys(coefficients(free))).toContain('a:b');
  const grouped = await told(
    ...['rows.csv', '--target', 'z', '--drop', 'y', '--model', 'group-lasso', '--interactions', '2', '--alpha', '0.05'],
  );
  const together = Object.keys(coefficients(grouped)).filter((name) => name.startsWith('a:site'));
  expect([0, 3]).toContain(together.length);
  expect(
    (
      await told(
        'rows.csv',
        '--target',
        'z',
        '--drop',
        'y',
        '--interactions',
        '2',
        '--alpha',
        '0.1',
        '--holdout',
        '0.2',
      )
    ).holdout.score.rows,
  ).toBe(12);
});

test('what cannot be had is told', async () => {
  file('m.svm', '1 1:2 2:3\n0 1:1\n2 2:1\n');
  expect(await said(at('m.svm'), '--interactions', '2', '--alpha', '1')).toMatch(
    /sparse matrix, .* --interactions requires a table/,
  );
  expect(await said('rows.csv', '--target', 'y', '--interactions', '3')).toMatch(/--interactions must be 2, not 3/);
  const many = Array.from({ length: 4000 }, (_, j) => `v${j}`);
  file(
    'wide.csv',
    `y,${many.join()}\n${rows
      .slice(0, 40)
      .map((_, i) => `${i},${many.map((__, j) => (i * j) % 7).join()}`)
      .join('\n')}\n`,
  );
  expect(await said('wide.csv', '--target', 'y', '--interactions', '2', '--alpha', '1')).toMatch(
    /the products of all pairs of features are 7,998,000 columns of 40 rows, 2\.4 GiB, where 1 is the most\./,
  );
});

// The overlapping group lasso (Lim & Hastie 2015) by accelerated proximal gradients on explicit copies of columns, in numpy, to
// steps below 1e-15: Σ(y − Xb − b0)²/(2n) + alpha·Σ √size·‖b_g‖, coefficients added up over the copies.
test.each([
  [
    '0.05',
    1.594068970770328,
    [2.6797476897035, -2.781479605099, 0.1391712267698, -2.350586104741, 0.1735220606567, 0.0154555020869],
  ],
  ['0.3', 3.2732007065220747, [0.8975604132705, -3.3965210962152, 0, -1.3349452835333, 0, 0]],
  ['0.8', 5.693392093671998, [0.1141887954862, -3.3028643325591, 0, -0.6832280537703, 0, 0]],
] as const)('--hierarchy at alpha %s is the overlapping group lasso', async (alpha, objective, expected) => {
  const fit = await told(
    ...['rows.csv', '--target', 'y', '--drop', 'site,z', '--model', 'group-lasso', '--alpha', alpha, '--tol', '1e-12'],
    ...['--interactions', '2', '--hierarchy'],
  );
  expect(fit.fit.objective).toBeCloseTo(objective, 10);
  const found = coefficients(fit);
  const names = ['a', 'b', 'c', 'a:b', 'a:c', 'b:c'];
  expect(names.map((name) => found[name] ?? 0)).toEqual(expected.map((v) => expect.closeTo(v, 7)));
});

test('--hierarchy: no product without both features along a path, in folds, of classes, and in the file', async () => {
  const common = [
    'rows.csv',
    '--target',
    'z',
    '--drop',
    'y',
    '--model',
    'group-lasso',
    '--interactions',
    '2',
    '--hierarchy',
  ];
  const path = await told(...common, '--path', '--n-alphas', '20', '--save', at('path.json'));
  expect(path.data.features).toBe(18);
  const saved = JSON.parse(readFileSync(at('path.json'), 'utf8'));
  const of = (name: string) => name.replace(/=.*/, '');
  for (const { coef } of saved.extra.path.points) {
    const names: string[] = coef[0].columns.map((j: number) => saved.featureNames[j]);
    const features = new Set(names.filter((name) => !name.includes(':')).map(of));
    for (const name of names.filter((name) => name.includes(':'))) {
      for (const part of name.split(':')) expect(features).toContain(of(part));
    }
  }
  // BIC counts coefficients, not copies.
  const k = path.path.alphas.indexOf(path.model.alpha);
  const parameters = path.model.coefficients.length + 1;
  expect(path.path.bic[k] - path.path.aic[k]).toBeCloseTo((Math.log(60) - 2) * parameters, 9);
  expect(path.path.bic[k]).toBe(Math.min(...path.path.bic));
  const folds = await told(...common, '--cv', '3', '--n-alphas', '10', '--holdout', '0.2', '--weights', 'c');
  expect(folds.crossValidation.min.active).toBeGreaterThan(0);
  expect(folds.holdout.score.value).toBeGreaterThan(0.9);
  file('two.csv', csv(rows.map(({ a, b, site, z }) => ({ a, b, site, k: z > -1 ? 'up' : 'down' }))));
  const two = [
    'two.csv',
    '--target',
    'k',
    '--model',
    'group-logistic',
    '--interactions',
    '2',
    '--hierarchy',
    '--alpha',
    '0.01',
  ];
  expect((await told(...two)).classification.confusion.flat().reduce((s: number, v: number) => s + v)).toBe(60);
  expect(await said(...common, '--l1-ratio', '0.3')).toMatch(/--hierarchy cannot be combined with --l1-ratio/);
  expect(await said(...common, '--group', 'a,b')).toMatch(/--hierarchy cannot be combined with --group/);
  expect(await said('rows.csv', '--target', 'y', '--model', 'group-lasso', '--hierarchy')).toMatch(
    /--hierarchy requires --interactions/,
  );
  expect(await said('rows.csv', '--target', 'y', '--model', 'lasso', '--interactions', '2', '--hierarchy')).toMatch(
    /--hierarchy cannot be combined with --model lasso, only with group-lasso, group-logistic/,
  );
});
