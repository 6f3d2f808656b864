import { designMatrix } from '@southwell/data';
import { readTable } from '@southwell/data/node';
import { linearSolvers, type PenaltySpec, penalisedRegression } from 'southwell/linear-models';
import { type Penalty, penalties } from 'southwell/penalties';
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { file, here, southwell } = workshop();
const fit = async (...args: string[]) =>
  here(['fit', 'bundled:diabetes', '--alpha', '2', '--standardize', ...args, '--json']);
const concave = Object.values<Penalty>(penalties).filter(({ convex }) => !convex);
const { X, y } = designMatrix(await readTable('bundled:diabetes'), { target: 'y' });

test.each(concave)('--model $name is least squares with that penalty', async ({ name, parameters, title }) => {
  for (const gamma of 'gamma' in parameters ? [undefined, 5] : [undefined]) {
    const { out, err, code } = await fit('--model', name, ...(gamma === undefined ? [] : ['--gamma', String(gamma)]));
    expect([err, code]).toEqual(['', 0]);
    const penalty = { type: name, ...(gamma !== undefined && { gamma }) } as PenaltySpec;
    const { report } = penalisedRegression({ penalty, alpha: 2, standardize: true }).fit(X, y!);
    const told = JSON.parse(out);
    expect(told.fit.objective).toBe(report.objective);
    expect(told.model.title).toBe(`${title} regression`);
  }
});

test('--solver: each comes to the same, or says what it lacks', async () => {
  const objectives: number[] = [];
  for (const name of Object.keys(linearSolvers)) {
    const { out, err } = await fit('--solver', name);
    expect(err).toBe('');
    const told = JSON.parse(out);
    expect(told.status).toBe('converged');
    objectives.push(told.fit.objective);
  }
  for (const objective of objectives) expect(objective / objectives[0]).toBeCloseTo(1, 5);
  const poisson = await fit('--model', 'poisson', '--solver', 'proximal-gradient');
  expect(poisson.code).toBe(2);
  expect(poisson.err).toMatch(
    /needs a loss whose curvature has a bound, and that of poisson has none\. Use another solver/,
  );
  const slope = await fit('--model', 'slope', '--solver', 'working-sets');
  expect(slope.err).toMatch(/--solver does not go with --model slope, but with lasso/);
  // No model was named: what the target asks for is known only from the table.
  file(
    'classes.csv',
    `a,kind\n${Array.from({ length: 30 }, (_, i) => `${i % 7},${['x', 'y', 'z'][i % 3]}`).join('\n')}\n`,
  );
  const classes = await here(['fit', 'classes.csv', '--target', 'kind', '--alpha', '1', '--solver', 'working-sets']);
  expect(classes.err).toMatch(/--solver does not go with multinomial, the model for this target, but with lasso/);
});

test('scores that do not fit the model, or the data, are refused before anything is fitted', () => {
  const rows = Array.from(
    { length: 40 },
    (_, i) => `${Math.sin(i)},${i % 7},${i % 2 ? 'a' : 'b'},${i ? 'x' : 'rare'},${i % 5}`,
  );
  file('scores.csv', `u,v,two,odd,t\n${rows.join('\n')}\n`);
  for (const [words, message] of [
    [
      ['--target', 'v', '--model', 'lasso', '--scoring', 'rocAuc'],
      /--scoring rocAuc does not go with --model lasso, but with deviance, mse, mae, r2/,
    ],
    [
      ['--target', 'v', '--scoring', 'concordance'],
      /--scoring concordance does not go with lasso, the model for this target, but with deviance, mse/,
    ],
    [
      ['--target', 'two', '--scoring', 'r2'],
      /--scoring r2 does not go with logistic, .* but with deviance, logLoss, error, accuracy, rocAuc/,
    ],
    [['--target', 'odd'], /class 'rare' of 'odd' has one row, .* fit at one alpha with --alpha/],
  ] as const) {
    const { code, err } = southwell('fit', 'scores.csv', ...words);
    expect([code, err.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringMatching(message)]);
  }
});
