import { describe, expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { file, here } = workshop();

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
      /Column 'c' has 1 level.* \("green"\); they count as none/,
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
    ['a column that is not there', 'aa,c\n1,blue\n', /lacks the column 'a', which the model was fitted with/],
    ['texts where numbers were', 'a,c\none,blue\ntwo,red\n', /column 'a' was numeric when the model was fitted/],
    ['gaps in every row', 'a,c\n,blue\n1,\n', /every row lacks a value/],
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
