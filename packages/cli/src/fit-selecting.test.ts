/** Relaxed fits and factors by a pilot, as `fit` has them; their numbers are held to R's in the library's tests. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answering, coefficients, workshop } from './testing.ts';

const { file, at, here } = workshop();
const n = 60;
const rows = Array.from({ length: n }, (_, i) => {
  const [a, b, c] = [((i * 37) % 23) / 10, ((i * 17) % 29) / 10, ((i * 11) % 13) / 10];
  const y = a - 2 * b + ((i * 7) % 5) / 10;
  const time = Math.floor(1 + 10 * Math.exp(-0.4 * a + 0.3 * b + ((i * 7) % 5) / 10));
  return [a, b, c, y, a + b > 2.4 ? 'yes' : 'no', ['n', 's', 'w'][i % 3], time, Number(i % 3 > 0), 7];
});
file('rows.csv', `a,b,c,y,two,three,time,seen,same\n${rows.map((r) => r.join()).join('\n')}\n`);
file('five.csv', 'id,a,b,y\nu,1,0,2\nv,2,1,4.5\nw,3,5,6\nx,5,2,9\nz,4,4,8.1\n');
const wide = Array.from({ length: 15 }, (_, i) => {
  const x = Array.from({ length: 30 }, (__, j) => Math.sin((i + 1) * (j + 2) * 1.7));
  return [...x, 2 * x[0] - x[4] + 0.1 * Math.sin(i)];
});
file(
  'wide.csv',
  `${wide[0].map((_, j) => (j < 30 ? `x${j}` : 'y')).join()}\n${wide.map((r) => r.join()).join('\n')}\n`,
);

const { told, said } = answering(here, 'fit');
const predicted = async (...args: string[]) => JSON.parse((await here(['predict', ...args, '--json'])).out);
const y = ['rows.csv', '--target', 'y', '--drop', 'two,three,time,seen'];

test('--relax in folds: the gammas, the choice, and a saved model that predicts the same', async () => {
  const common = [...y, '--relax', '--cv', '3', '--n-alphas', '8', '--standardize'];
  const fit = await told(...common, '--rule', '1se', '--save', at('model.json'));
  const { crossValidation: cv, model, path } = fit;
  expect(cv.gammas.map(({ gamma }: { gamma: number }) => gamma)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  const chosen = cv.gammas.find(({ gamma }: { gamma: number }) => gamma === cv.oneStandardError.gamma);
  expect([model.alpha, model.gamma]).toEqual([cv.oneStandardError.alpha, cv.oneStandardError.gamma]);
  expect(cv.mean).toEqual(chosen.mean);
  expect(cv.oneStandardError.score).toBe(chosen.mean[cv.oneStandardError.index]);
  expect(path.notRelaxed).toBe(0);
  const means = cv.gammas.flatMap(({ mean }: { mean: number[] }) => mean);
  expect(cv.min.score).toBe(Math.min(...means));
  const b = coefficients(fit);
  const { columns } = await predicted('model.json', 'rows.csv');
  columns.prediction.forEach((value: number, i: number) => {
    const [a, bb, c] = rows[i] as number[];
    expect(value).toBeCloseTo(model.intercept + (b.a ?? 0) * a + (b.b ?? 0) * bb + (b.c ?? 0) * c, 10);
  });
  // Another alpha of the path is at the gamma that was kept.
  const other = await predicted('model.json', 'rows.csv', '--alpha', String(path.alphas[5]));
  const asked = ['--relax', '--alpha', String(path.alphas[5]), '--gammas', String(model.gamma), '--standardize'];
  await told(...y, ...asked, '--save', at('one.json'));
  const one = await predicted('one.json', 'rows.csv');
  expect(other.columns.prediction).toEqual(one.columns.prediction.map((v: number) => expect.closeTo(v, 5)));
  const threads = await told(...common, '--rule', '1se', '--threads', '2');
  expect(threads.crossValidation).toEqual(cv);
  const shown = await here(['fit', ...common, '--report', at('page.html')]);
  expect(shown.out).toMatch(/at alpha = \S+,\s+gamma = /);
  expect(shown.out).toMatch(/rule +alpha +gamma/);
  expect(readFileSync(at('page.html'), 'utf8')).toMatch(/best score, gamma /);
});

test('--adaptive: a pilot, its power and alpha; together with --relax, more features than rows and held out rows', async () => {
  const fit = await told(...y, '--adaptive', '--adaptive-alpha', '0.1', '--alpha', '0.3', '--standardize');
  expect(fit.fit.message).toMatch(
    /Penalty factors are in proportion to 1\/\|b\| of a ridge of alpha 0\.1; 1 of 4 columns are kept out/,
  );
  expect(await told(...y, '--adaptive', 'ridge', '--adaptive-alpha', '0.1', '--alpha', '0.3', '--standardize')).toEqual(
    {
      ...fit,
      command: expect.any(String),
      seconds: expect.any(Number),
      fit: { ...fit.fit, seconds: expect.any(Number) },
    },
  );
  const squared = await told(...y, '--adaptive', 'unpenalised', '--adaptive-gamma', '2', '--alpha', '0.05', '--relax');
  expect(squared.fit.message).toMatch(/1\/\|b\|\^2 of an unpenalised fit.* Relaxed by the unpenalised fit of/);
  const both = ['wide.csv', '--target', 'y', '--adaptive', '--relax', '--cv', '3', '--n-alphas', '10', '--standardize'];
  const held = await told(...both, '--holdout', '0.2', '--coefficients', at('all.csv'));
  expect([held.status, held.holdout.rows, held.model.active > 0]).toEqual(['converged', 3, true]);
  expect(readFileSync(at('all.csv'), 'utf8').split('\n')).toHaveLength(33);
});

test('fits without an unpenalised fellow are told', async () => {
  const two = ['rows.csv', '--target', 'two', '--drop', 'y,three,time,seen', '--relax', '--n-alphas', '10'];
  const { out } = await here(['fit', ...two, '--cv', '3']);
  expect(out.replaceAll(/\s+/g, ' ')).toMatch(/ of 10 alphas keep the penalised fit, as their features have no/);
  const one = await told(...two.slice(0, 6), '--alpha', '0.01');
  expect([one.model.gamma, one.status]).toEqual([1, 'converged']);
  expect(one.fit.message).toMatch(/Not relaxed: an unpenalised fit of \d columns does not exist, since the loss falls/);
  const five = await told('five.csv', '--target', 'y', '--relax', '--cv', '3');
  expect(five.status).toBe('converged');
  expect((await told('five.csv', '--target', 'y', '--adaptive', '--path')).status).toBe('converged');
});

test('a relaxed Cox model predicts survival by its own hazard', async () => {
  const cox = ['rows.csv', '--model', 'cox', '--time', 'time', '--event', 'seen', '--features', 'a,b,c'];
  await told(...cox, '--relax', '--alpha', '0.1', '--save', at('cox.json'), '--tol', '1e-12');
  const { columns } = await predicted('cox.json', 'rows.csv', '--times', '12');
  const { baselineHazard, relaxed, values } = JSON.parse(readFileSync(at('cox.json'), 'utf8'));
  expect([relaxed.gamma, relaxed.unpenalised.values]).toEqual([0, values]);
  const [hazard] = baselineHazard;
  const at12 = hazard.logCumulative[hazard.times.filter((t: number) => t <= 12).length - 1];
  const own = Object.values<number[]>(columns).at(-1)!;
  expect(own[0]).toBeCloseTo(Math.exp(-Math.exp(at12) * columns.prediction[0]), 12);
});

test.each([
  [['--model', 'mcp', '--relax'], /--relax does not go with --model mcp, but with lasso, elastic-net, logistic,/],
  [['--model', 'ridge', '--adaptive', 'ridge'], /--adaptive does not go with --model ridge, but with lasso,/],
  [['--relax', '--gammas', '0,1', '--path'], /Several --gammas are for cross-validation .* with --alpha or --path\./],
  [['--relax', '--gammas', '2'], /--gammas must be a list of numbers from 0 to 1, not \[2\]\./],
  [['--gammas', '0.5'], /--gammas goes with --relax alone, which is not given\./],
  [['--adaptive-gamma', '2'], /--adaptive-gamma goes with --adaptive alone/],
  [['--adaptive', 'unpenalised', '--adaptive-alpha', '1'], /--adaptive-alpha does not go with --adaptive unpenalised/],
  [['--adaptive', 'rigde'], /--adaptive knows no 'rigde'; did you mean 'ridge'\?/],
] as const)('refused: %s', async (asked, sentence) => {
  expect(await said(...y, ...asked)).toMatch(sentence);
});

test('a file after --adaptive, and a path by BIC', async () => {
  const { code, err } = await here(['fit', '--target', 'y', '--adaptive', 'rows.csv']);
  expect([code, err]).toEqual([
    2,
    expect.stringMatching(/one of ridge, lasso, unpenalised; write DATA before --adaptive/),
  ]);
  const path = await told(...y, '--relax', '--path', '--n-alphas', '5');
  expect([path.model.gamma, path.advice]).toEqual([
    0,
    [expect.stringMatching(/^BIC counts the features of relaxed fits/)],
  ]);
});

test('what a target makes of them', async () => {
  const three = ['rows.csv', '--target', 'three', '--drop', 'two,time,seen'];
  expect(await said(...three, '--relax')).toMatch(
    /--relax does not go with multinomial, the model for this target, but/,
  );
  expect(await said('wide.csv', '--target', 'y', '--adaptive', 'unpenalised')).toMatch(
    /There is no unpenalised pilot: 30 columns are too many for an unpenalised fit of 15 rows, which takes up to 12;/,
  );
});
