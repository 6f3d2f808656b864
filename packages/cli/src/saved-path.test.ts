/** Any alpha of a path that was saved with its model. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { file, at, here } = workshop();
const rows = Array.from({ length: 60 }, (_, i) => {
  const [a, b, c] = [((i * 37) % 23) / 10, ((i * 17) % 29) / 10, ((i * 11) % 13) / 10];
  const y = a - 2 * b + ((i * 7) % 5) / 10 + 0.3 * c;
  return [a, b, c, y, y < -2 ? 'low' : y < 0 ? 'middle' : 'high'].join();
});
file('rows.csv', `a,b,c,y,k\n${rows.join('\n')}\n`);

const ran = async (...args: string[]) => {
  const { code, out, err } = await here(args);
  expect([err, code]).toEqual(['', 0]);
  return out;
};
const predicted = async (...args: string[]) => JSON.parse(await ran('predict', ...args, '--json'));
const refused = async (...args: string[]) => {
  const { code, err } = await here(['predict', ...args]);
  expect(code).toBe(2);
  return err.replaceAll(/\s+/g, ' ');
};

// predict(glmnet(X, y, lambda = c(1, 0.3, 0.1, 0.01), standardize = FALSE, thresh = 1e-20), X[1:3, ], s = …), glmnet 4.1-8.
test.each([
  ['0.2', [0.3879809999647, -1.6440061789701, -0.1535354703213], true],
  ['0.3', [0.4389616970347, -1.6686769891475, -0.1435264544684], false],
  ['0.025', [0.1745111727604, -1.4976170779476, -0.1096253688199], true],
] as const)('predict --alpha %s as glmnet', async (alpha, expected, between) => {
  const fit = ['fit', 'rows.csv', '--target', 'y', '--drop', 'k', '--model', 'lasso', '--tol', '1e-14', '-q'];
  await ran(...fit, '--path', '--alphas', '1,0.3,0.1,0.01', '--save', at('path.json'));
  const { columns, notes, alpha: told, score } = await predicted('path.json', 'rows.csv', '--alpha', alpha);
  expect(columns.prediction.slice(0, 3)).toEqual(expected.map((v) => expect.closeTo(v, 11)));
  expect(notes).toEqual(
    between ? [expect.stringMatching(/^The path has no model at alpha .* linearly in alpha\.$/)] : [],
  );
  expect([told, score.name]).toEqual([Number(alpha), 'R²']);
});

test('an alpha of the path is exact, of three classes and after cross-validation, too', async () => {
  const fit = ['fit', 'rows.csv', '--target', 'k', '--drop', 'y', '--tol', '1e-12'];
  const cv = JSON.parse(await ran(...fit, '--alphas', '0.1,0.05,0.01', '--cv', '3', '--save', at('cv.json'), '--json'));
  await ran(...fit, '--alpha', '0.05', '--save', at('one.json'), '-q');
  const [of, alone] = [
    await predicted('cv.json', 'rows.csv', '--alpha', '0.05', '--proba'),
    await predicted('one.json', 'rows.csv', '--proba'),
  ];
  expect(of.columns.prediction).toEqual(alone.columns.prediction);
  for (const name of ['probability_low', 'probability_high']) {
    expect(of.columns[name]).toEqual(alone.columns[name].map((v: number) => expect.closeTo(v, 5)));
  }
  // The chosen one is that of the file.
  const chosen = await predicted('cv.json', 'rows.csv', '--alpha', String(cv.model.alpha), '--proba');
  expect(chosen.columns).toEqual((await predicted('cv.json', 'rows.csv', '--proba')).columns);
  const between = await predicted('cv.json', 'rows.csv', '--alpha', '0.07', '--proba');
  const sum = (i: number) => ['low', 'middle', 'high'].reduce((s, k) => s + between.columns[`probability_${k}`][i], 0);
  expect(sum(4)).toBeCloseTo(1, 12);
});

test('alphas that cannot be had are told', async () => {
  const fit = ['fit', 'rows.csv', '--target', 'y', '--drop', 'k', '--model', 'lasso', '-q'];
  await ran(...fit, '--path', '--alphas', '1,0.01', '--save', at('two.json'));
  expect(await refused('two.json', 'rows.csv', '--alpha', '2')).toMatch(
    /--alpha 2 lies outside of the path that was fitted, which goes from 1 down to 0\.01\./,
  );
  expect(await refused('two.json', 'rows.csv', '--alpha', 'x')).toMatch(
    /--alpha must be a number of at least 0, not 'x'/,
  );
  // As a file of before, without a path.
  const { extra, ...model } = JSON.parse(readFileSync(at('two.json'), 'utf8'));
  const { path: _, ...rest } = extra;
  file('old.json', JSON.stringify({ ...model, extra: rest }));
  expect(await refused('old.json', 'rows.csv', '--alpha', '0.5')).toMatch(
    /knows no other alpha than .* without a path/,
  );
  const kept = await predicted('old.json', 'rows.csv', '--alpha', String(model.alpha));
  expect(kept.columns).toEqual((await predicted('old.json', 'rows.csv')).columns);
  file('large.json', JSON.stringify({ ...model, extra: { ...rest, path: { left: 2_000_000 } } }));
  expect(await refused('large.json', 'rows.csv', '--alpha', '0.5')).toMatch(/2,000,000 coefficients, too many to keep/);
  await ran('cluster', 'rows.csv', '-k', '2', '--drop', 'k', '--save', at('clusters.json'), '-q');
  expect(await refused('clusters.json', 'rows.csv', '--alpha', '1')).toMatch(/--alpha requires a linear model/);
});
