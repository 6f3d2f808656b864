/** What `fit` can be asked for beside its models, against R and scikit-learn, of rows made by arithmetic alone. */
import { expect, test } from 'vitest';
import { workshop } from './testing.ts';

const { file, here } = workshop();
const n = 60;
const rows = Array.from({ length: n }, (_, i) => {
  const [a, b, c] = [((i * 37) % 23) / 10, ((i * 17) % 29) / 10, ((i * 11) % 13) / 10];
  return { a, b, c, noise: ((i * 7) % 5) / 10, seen: Number(i % 3 > 0), site: ['north', 'south', 'west'][i % 3] };
});
// Times that R's `floor(1+10*exp(-0.4*a+0.3*b-0.2*c+noise))` gives, many of them tied.
const times = rows.map(({ a, b, c, noise }) => Math.floor(1 + 10 * Math.exp(-0.4 * a + 0.3 * b - 0.2 * c + noise)));
file('trial.csv', `a,b,c,time,seen\n${rows.map((r, i) => [r.a, r.b, r.c, times[i], r.seen].join()).join('\n')}\n`);
const plain = rows.map((r, i) => [r.a, r.b, r.c, r.a - 2 * r.b + r.noise, r.site, i % 4].join());
file('sites.csv', `a,b,c,y,site,part\n${plain.join('\n')}\n`);
file('five.csv', `id,a,y,g\nu,1,2,p\nv,2,4.5,q\nw,3,6,p\nx,5,9,q\nz,4,8.1,p\n`);

const told = async (...args: string[]) => {
  const { code, out, err } = await here(['fit', ...args, '--json']);
  expect([err, code]).toEqual(['', 0]);
  return JSON.parse(out);
};
const said = async (...args: string[]): Promise<string> => {
  const { code, err } = await here(['fit', ...args]);
  expect(code).toBe(2);
  return err.replaceAll(/\s+/g, ' ');
};
const coefficients = ({ model }: { model: { coefficients: { name: string; value: number }[] } }) =>
  Object.fromEntries(model.coefficients.map(({ name, value }) => [name, value]));
const close = (values: Record<string, number>, digits: number) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, expect.closeTo(value, digits)]));

// coef(survival::coxph(Surv(time, seen) ~ a + b + c, ties = "breslow" or "efron")), survival 3.8 of R 4.5.
test.each([
  ['breslow', { a: 2.12022474832, b: -2.03123772265, c: 1.39273835388 }],
  ['efron', { a: 2.29359701676, b: -2.18325507795, c: 1.51547050796 }],
])('--ties %s is that of coxph', async (ties, expected) => {
  const common = ['trial.csv', '--model', 'cox', '--time', 'time', '--event', 'seen', '--alpha', '0', '--tol', '1e-12'];
  expect(coefficients(await told(...common, '--ties', ties))).toEqual(close(expected, 6));
  if (ties === 'breslow') expect(coefficients(await told(...common))).toEqual(close(expected, 6));
});

// glmnet(X, Surv(time, seen), family = "cox", lambda = c(0.1, 0.02), standardize = FALSE, thresh = 1e-14), glmnet 4.1-8.
test('--alphas are those of the path, sorted and once each', async () => {
  const common = ['trial.csv', '--model', 'cox', '--time', 'time', '--event', 'seen', '--path', '--tol', '1e-12'];
  const both = await told(...common, '--alphas', '0.02,0.1,0.02');
  expect(both.path.alphas).toEqual([0.1, 0.02]);
  expect(coefficients(both)).toEqual(close({ a: 1.74449214152, b: -1.747904195, c: 1.02097574061 }, 5));
  expect(coefficients(await told(...common, '--alphas', '0.1'))).toEqual(close({ a: 0.75671972, b: -0.990202894 }, 5));
  const ridge = await told('sites.csv', '--target', 'y', '--model', 'ridge', '--cv', '3', '--alphas', '1,0.01,0');
  expect(ridge.crossValidation.alphas).toEqual([1, 0.01, 0]);
  const unfinished = await told(
    'sites.csv',
    '--target',
    'y',
    '--model',
    'lasso',
    '--drop',
    'site',
    '--alphas',
    '0.3,1',
  );
  expect(unfinished.advice).toEqual([
    'The best alpha is the smallest of the path, so still smaller ones may be better: list some with --alphas.',
  ]);
});

test('--alphas that say nothing', async () => {
  const common = ['sites.csv', '--target', 'y'];
  expect(await said(...common, '--alphas', '3,-1')).toMatch(/--alphas must be a list of numbers of at least 0/);
  expect(await said(...common, '--alphas', '3,x')).toMatch(/--alphas must be a list of numbers of at least 0/);
  for (const other of [
    ['--alpha', '1'],
    ['--n-alphas', '3'],
    ['--eps', '0.1'],
  ]) {
    expect(await said(...common, '--alphas', '3', ...other)).toMatch(`--alphas does not go with ${other[0]}`);
  }
});

test('--fold-column: a fold for every value, of words as of numbers', async () => {
  const common = ['sites.csv', '--target', 'y', '--model', 'lasso', '--alphas', '0.1', '--scoring', 'mse'];
  const words = await told(...common, '--features', 'a,b', '--fold-column', 'site', '--tol', '1e-12');
  expect(words.crossValidation).toMatchObject({ folds: 3, foldColumn: 'site' });
  expect((await told(...common, '--fold-column', 'part')).crossValidation.folds).toBe(4);
  expect((await told(...common, '--fold-column', 'part')).data.features).toBe(6);
  // cross_val_score(Lasso(0.1, tol=1e-14), X, y, groups=site, cv=LeaveOneGroupOut()), scikit-learn 1.4.2.
  expect(words.crossValidation.mean[0]).toBeCloseTo(0.053539492683755845, 8);
  const five = await told('five.csv', '--target', 'y', '--fold-column', 'g', '--alphas', '0.1,0.01');
  expect(five.crossValidation.folds).toBe(2);
});

test('--fold-column that leaves the folds unknown', async () => {
  file('gap.csv', 'a,y,g,one\n1,2,p,k\n2,4,,k\n3,7,q,k\n4,8,p,k\n');
  file('m.mtx', '%%MatrixMarket matrix coordinate real general\n3 2 2\n1 1 2\n2 2 3\n');
  const common = ['gap.csv', '--target', 'y', '--alphas', '0.1'];
  expect(await said(...common, '--fold-column', 'g')).toMatch(
    /gap\.csv: column 'g' has no value in row 2, which --fold-column needs to know its fold/,
  );
  expect(await said(...common, '--drop', 'g', '--fold-column', 'one')).toMatch(
    /column 'one' has one value in 4 rows, and --fold-column/,
  );
  expect(await said(...common, '--fold-column', 'ons')).toMatch(/no column 'ons' for the folds; did you mean 'one'\?/);
  expect(await said(...common, '--fold-column', 'y')).toMatch(/'y' cannot be both the target and/);
  expect(await said(...common, '--fold-column', 'g', '--features', 'a,g')).toMatch(/'g' cannot also be a feature/);
  expect(await said(...common, '--fold-column', 'g', '--cv', '3')).toMatch(/--cv does not go with --fold-column/);
  expect(await said(...common, '--fold-column', 'g', '--seed', '3')).toMatch(/--seed does not go with --fold-column/);
  expect(await said('gap.csv', '--target', 'y', '--fold-column', 'g', '--path')).toMatch(
    /--fold-column does not go with/,
  );
});
