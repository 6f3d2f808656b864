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
  expect(slope.err).toMatch(/--solver cannot be combined with --model slope, only with lasso/);
  // No model was named: what the target asks for is known only from the table.
  file(
    'classes.csv',
    `a,kind\n${Array.from({ length: 30 }, (_, i) => `${i % 7},${['x', 'y', 'z'][i % 3]}`).join('\n')}\n`,
  );
  const classes = await here(['fit', 'classes.csv', '--target', 'kind', '--alpha', '1', '--solver', 'working-sets']);
  expect(classes.err).toMatch(
    /--solver cannot be combined with multinomial, the model for this target, only with lasso/,
  );
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
      /--scoring rocAuc cannot be combined with --model lasso, only with deviance, mse, mae, r2/,
    ],
    [
      ['--target', 'v', '--scoring', 'concordance'],
      /--scoring concordance cannot be combined with lasso, the model for this target, only with deviance, mse/,
    ],
    [
      ['--target', 'two', '--scoring', 'r2'],
      /--scoring r2 cannot be combined with logistic, .* only with deviance, logLoss, error, accuracy, rocAuc/,
    ],
    [['--target', 'odd'], /class 'rare' of 'odd' has one row, .* fit at one alpha with --alpha/],
  ] as const) {
    const { code, err } = southwell('fit', 'scores.csv', ...words);
    expect([code, err.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringMatching(message)]);
  }
});

test('events coded as in the survival package of R are taken with a note, others are told', async () => {
  const rows = (code: (seen: boolean) => string) =>
    Array.from({ length: 60 }, (_, i) => `${Math.sin(i)},${i % 7},${2 + Math.cos(3 * i)},${code(i % 3 > 0)}`).join(
      '\n',
    );
  const cox = async (name: string, code: (seen: boolean) => string) => {
    file(name, `u,v,time,status\n${rows(code)}\n`);
    return here(['fit', name, '--time', 'time', '--event', 'status', '--alpha', '0.01', '--json']);
  };
  const plain = JSON.parse((await cox('plain.csv', (seen) => (seen ? '1' : '0'))).out);
  const coded = JSON.parse((await cox('coded.csv', (seen) => (seen ? '2' : '1'))).out);
  expect(coded.model).toEqual(plain.model);
  expect([plain.data.events, coded.data.events]).toEqual([40, 40]);
  expect(coded.data.notes.join()).toMatch(/'status' is 1 or 2, as in R's survival: 2 is taken as an observed event/);
  expect(plain.data.notes).toEqual([]);
  for (const [code, message] of [
    [(seen: boolean) => (seen ? '3' : '0'), /column 'status' holds 3 in row 2, but must be 1 for/],
    [(seen: boolean) => (seen ? 'dead' : 'alive'), /column 'status' holds words, such as alive: write 1/],
  ] as const) {
    const { code: exit, err } = await cox('odd.csv', code);
    expect([exit, err.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringMatching(message)]);
  }
});

test('numbers near the end of doubles give finite figures or a sentence', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => [Math.sin(i), Math.cos(2 * i), ((i * 7) % 11) / 5]);
  const write = (name: string, of: (row: number[]) => number[]) =>
    file(name, `a,b,y\n${rows.map((row) => of(row).join(',')).join('\n')}\n`);
  write('plain.csv', ([a, b, c]) => [a, b, a + c]);
  write('wide.csv', ([a, b, c]) => [a * 1e160, b, a + c]);
  write('far.csv', ([a, b]) => [a, b, a * 1e308]);
  write('flat.csv', ([a]) => [1, 0.1, a]);
  const fit = async (name: string, ...more: string[]) =>
    here(['fit', name, '--target', 'y', '--cv', '4', ...more, '--json']);
  const [plain, wide] = [
    JSON.parse((await fit('plain.csv', '--standardize')).out),
    JSON.parse((await fit('wide.csv', '--standardize')).out),
  ];
  const [a] = wide.model.coefficients;
  expect(a.perSd / plain.model.coefficients[0].perSd).toBeCloseTo(1, 6);
  expect(wide.crossValidation.min.score).toBeCloseTo(plain.crossValidation.min.score, 6);
  const seen = JSON.parse((await here(['inspect', 'far.csv', '--json'])).out).columns[2];
  expect([seen.mean / 1e308, seen.sd / 1e308].every((v) => Math.abs(v) < 1 && v !== 0)).toBe(true);
  for (const [name, message] of [
    ['far.csv', /the target 'y' is 8\.4\d+e\+307 in row 2, and squares of such numbers are beyond/],
    ['flat.csv', /every feature is constant/],
  ] as const) {
    for (const more of [[], ['--alpha', '0.1']]) {
      const words = ['fit', name, '--target', 'y', ...more];
      const { code, err } = await here(words);
      expect([code, err.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringMatching(message)]);
    }
  }
});

test('--explain tells the solver, why, and where the seconds went', async () => {
  const paths = [
    ['--path', '--model', 'lasso'],
    ['--cv', '5', '--threads', '1', '--solver', 'anderson-descent'],
    ['--path', '--model', 'slope', '--n-alphas', '5'],
    ['--path', '--model', 'group-lasso', '--n-alphas', '5'],
  ];
  for (const words of paths) {
    const { out, err } = await here(['fit', 'bundled:diabetes', ...words, '--explain', '--json']);
    expect(err).toBe('');
    const { explanation, seconds } = JSON.parse(out);
    expect(explanation.why.length).toBeGreaterThan(0);
    const sum = explanation.phases.reduce((total: number, phase: { seconds: number }) => total + phase.seconds, 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThanOrEqual(seconds);
  }
  const lasso = JSON.parse((await here(['fit', 'bundled:diabetes', ...paths[0], '--explain', '--json'])).out);
  expect(lasso.explanation.solver).toBe('working-sets');
  expect(lasso.explanation.why.join()).toMatch(/100 alphas are to come/);
  expect(lasso.explanation.phases[0].phase).toBe('first pass over the data');
  const silent = JSON.parse((await here(['fit', 'bundled:diabetes', ...paths[0], '--json'])).out);
  expect(silent.explanation).toBeUndefined();
});
