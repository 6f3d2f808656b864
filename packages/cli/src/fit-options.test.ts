/** What `fit` can be asked for beside its models, against R and scikit-learn, of rows made by arithmetic alone. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answering, closeTo, coefficients, workshop } from './testing.ts';

const { file, at, here } = workshop();
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

const classed = rows.map((r, i) => {
  const two = r.a - r.b + r.noise > 0.8 ? 'yes' : 'no';
  return [r.a, r.b, r.c, two, two === 'no' && r.c > 0.6 ? 'may' : two, 1 + (i % 4)].join();
});
file('classes.csv', `a,b,c,two,three,w\n${classed.join('\n')}\n`);
const summed = rows.map((r, i) => {
  const y = r.a - 2 * r.b + r.noise + 0.3 * r.c;
  return [r.a, r.b, r.c, r.site[0], y, y + [0.5, -1, 0.2][i % 3]].join();
});
file('sums.csv', `a,b,c,site,y,z\n${summed.join('\n')}\n`);

const { told, said } = answering(here, 'fit');

// coef(survival::coxph(Surv(time, seen) ~ a + b + c, ties = "breslow" or "efron")), survival 3.8 of R 4.5.
test.each([
  ['breslow', { a: 2.12022474832, b: -2.03123772265, c: 1.39273835388 }],
  ['efron', { a: 2.29359701676, b: -2.18325507795, c: 1.51547050796 }],
])('--ties %s is that of coxph', async (ties, expected) => {
  const common = ['trial.csv', '--model', 'cox', '--time', 'time', '--event', 'seen', '--alpha', '0', '--tol', '1e-12'];
  expect(coefficients(await told(...common, '--ties', ties))).toEqual(closeTo(expected, 6));
  if (ties === 'breslow') expect(coefficients(await told(...common))).toEqual(closeTo(expected, 6));
});

// glmnet(X, Surv(time, seen), family = "cox", lambda = c(0.1, 0.02), standardize = FALSE, thresh = 1e-14), glmnet 4.1-8.
test('--alphas are those of the path, sorted and once each', async () => {
  const common = ['trial.csv', '--model', 'cox', '--time', 'time', '--event', 'seen', '--path', '--tol', '1e-12'];
  const both = await told(...common, '--alphas', '0.02,0.1,0.02');
  expect(both.path.alphas).toEqual([0.1, 0.02]);
  expect(coefficients(both)).toEqual(closeTo({ a: 1.74449214152, b: -1.747904195, c: 1.02097574061 }, 5));
  expect(coefficients(await told(...common, '--alphas', '0.1'))).toEqual(
    closeTo({ a: 0.75671972, b: -0.990202894 }, 5),
  );
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

// LogisticRegression(penalty="l1" by saga or "l2", C=1/(sum of weights·alpha), class_weight=…) and LinearSVC(fit_intercept=False),
// scikit-learn 1.4.2, to a tolerance of 1e-12 and 1e-14.
test.each([
  [['--class-weight', 'balanced'], { a: 1.2909555111348106, b: -1.9588365434981043 }],
  [['--class-weight', 'balanced', '--weights', 'w'], { a: 1.3306620393276125, b: -1.9476752116027316 }],
  [
    ['--class-weight', 'yes=5,no=1', '--weights', 'w', '--l1-ratio', '0'],
    { a: 1.0990946957327, b: -1.50536328041937, c: -0.26788364865 },
  ],
  [
    ['--class-weight', 'yes=5', '--model', 'svc', '--l1-ratio', '0', '--no-intercept', '--drop', 'w'],
    { a: 0.9402005598359282, b: -1.2330796973622875, c: -0.1534469734412723 },
  ],
])('%s as class_weight of scikit-learn', async (asked, expected) => {
  const drop = asked.includes('w') ? 'three' : 'three,w';
  const common = ['classes.csv', '--target', 'two', '--drop', drop, '--alpha', '0.05', '--tol', '1e-13'];
  expect(coefficients(await told(...common, ...asked))).toEqual(closeTo(expected, 6));
});

test('--class-weight of three classes, and what says nothing', async () => {
  const common = ['classes.csv', '--target', 'three', '--drop', 'two,w', '--alpha', '0.02', '--tol', '1e-12'];
  const fit = await told(...common, '--class-weight', 'balanced');
  expect(fit.data.notes).toEqual(['Rows count by their class: no 0.8000, may 0.8333, yes 1.818.']);
  const of = (name: string, response: string) =>
    fit.model.coefficients.find((c: { name: string; response: string }) => c.name === name && c.response === response);
  expect(of('b', 'yes').value).toBeCloseTo(-3.031466848, 6);
  expect(of('c', 'may').value).toBeCloseTo(3.24575658, 6);
  expect(of('a', 'no').value).toBeCloseTo(-0.24218122862, 6);
  const two = ['classes.csv', '--target', 'two', '--alpha', '1', '--class-weight'];
  expect(await said(...two, 'yess=3')).toMatch(/--class-weight: the target has no class 'yess'; did you mean 'yes'\?/);
  for (const wrong of ['yes=0', 'balanced,yes=2', 'yes', 'yes=inf', '=2']) {
    expect(await said(...two, wrong)).toMatch(
      /--class-weight takes names and values, .* above 0 \(or balanced alone\), not '/,
    );
  }
  expect(await said(...two, 'yes=2,yes=3')).toMatch(/--class-weight names 'yes' twice/);
  expect(await said('classes.csv', '--target', 'a', '--class-weight', 'balanced')).toMatch(/does not go with lasso/);
  file('bits.csv', `a,k\n${rows.map((r, i) => `${r.a},${i % 2}`).join('\n')}\n`);
  expect((await told('bits.csv', '--target', 'k', '--alpha', '1', '--class-weight', '1.0=3')).data.notes[0]).toMatch(
    /1 3/,
  );
});

// glmnet(X, y, lambda = …, penalty.factor = …, lower.limits = …, upper.limits = …, standardize = FALSE, thresh = 1e-20),
// glmnet 4.1-8; the factors add up to p, as glmnet makes them.
test.each([
  [
    ['--target', 'y', '--drop', 'site,z', '--alpha', '0.2', '--penalty-factor', 'a=0,b=2'],
    { a: 1.104708809352, b: -1.414418722506 },
  ],
  [
    ['--target', 'y', '--drop', 'site,z', '--alpha', '0.05', '--lower', 'b=-1.5', '--upper', 'a=0.8'],
    { a: 0.8, b: -1.5 },
  ],
  [
    [
      '--target',
      'z',
      '--drop',
      'y',
      '--alpha',
      '0.1',
      '--penalty-factor',
      'c=1.5,site=w=1.5,site=0.5',
      '--lower',
      'site=0',
    ],
    { a: 0.86431643227, b: -1.8642657834, 'site=n': 0.75914203165, 'site=w': 0.17614304 },
  ],
])('by column as in glmnet: %s', async (asked, expected) => {
  const fit = await told('sums.csv', '--model', 'lasso', '--tol', '1e-14', ...asked);
  expect(coefficients(fit)).toEqual(closeTo(expected, 7));
});

test('a factor of inf keeps a feature out, also in folds; names and numbers that say nothing', async () => {
  const common = ['sums.csv', '--target', 'y', '--drop', 'site,z'];
  const out = await told(...common, '--penalty-factor', 'b=inf', '--cv', '3', '--n-alphas', '5');
  expect(Object.keys(coefficients(out))).not.toContain('b');
  expect(await said(...common, '--penalty-factor', 'bb=2')).toMatch(
    /--penalty-factor: sums\.csv has no feature 'bb'; did you mean 'b'\?/,
  );
  expect(await said(...common, '--penalty-factor', 'b=-1')).toMatch(
    /each value a number of at least 0, or inf, not 'b=-1'/,
  );
  expect(await said(...common, '--lower', 'b=1')).toMatch(/--lower takes names and values, .* at most 0, not 'b=1'/);
  expect(await said(...common, '--upper', 'b=-1')).toMatch(/--upper takes names and values, .* at least 0, not 'b=-1'/);
  expect(await said(...common, '--lower', 'b=-1', '--positive')).toMatch(/--lower does not go with --positive/);
  for (const model of ['slope', 'mcp']) {
    expect(await said(...common, '--model', model, '--upper', 'b=1')).toMatch(`does not go with --model ${model}`);
  }
});

test('--coefficients: the constant, then every feature, by class where there are several', async () => {
  const path = at('all.csv');
  const one = ['sums.csv', '--target', 'y', '--drop', 'site,z', '--alpha', '0.2', '--coefficients', path];
  const fit = await told(...one);
  expect([fit.coefficients, fit.model.coefficients.length]).toEqual([path, 2]);
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  expect(lines[0]).toBe('feature,coefficient,per standard deviation');
  expect(lines[1]).toBe(`(intercept),${fit.model.intercept},`);
  expect(lines.slice(2).map((line) => line.split(',')[0])).toEqual(['a', 'b', 'c']);
  expect(lines[4]).toBe('c,0,0');
  await told('classes.csv', '--target', 'three', '--drop', 'two,w', '--alpha', '0.1', '--coefficients', path);
  const several = readFileSync(path, 'utf8').trim().split('\n');
  expect(several[0]).toBe('feature,response,coefficient,per standard deviation');
  expect(several.slice(1).map((line) => line.split(',').slice(0, 2).join())).toEqual(
    ['(intercept)', 'a', 'b', 'c'].flatMap((name) => ['may', 'no', 'yes'].map((k) => `${name},${k}`)),
  );
});
