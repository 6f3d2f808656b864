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
    expect(await said(...common, '--alphas', '3', ...other)).toMatch(`--alphas cannot be combined with ${other[0]}`);
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
  expect(await said(...common, '--fold-column', 'y')).toMatch(
    /'y' cannot be both --fold-column and --target|'y' cannot be both --target and --fold-column/,
  );
  expect(await said(...common, '--fold-column', 'g', '--features', 'a,g')).toMatch(
    /'g' cannot be both --fold-column and one of --features/,
  );
  expect(await said(...common, '--fold-column', 'g', '--cv', '3')).toMatch(
    /--cv cannot be combined with --fold-column/,
  );
  expect(await said(...common, '--fold-column', 'g', '--seed', '3')).toMatch(
    /--seed cannot be combined with --fold-column/,
  );
  expect(await said('gap.csv', '--target', 'y', '--fold-column', 'g', '--path')).toMatch(
    /--fold-column cannot be combined with/,
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
  expect(await said('classes.csv', '--target', 'a', '--class-weight', 'balanced')).toMatch(
    /cannot be combined with lasso/,
  );
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
  expect(await said(...common, '--lower', 'b=-1', '--positive')).toMatch(/--lower cannot be combined with --positive/);
  for (const model of ['slope', 'mcp']) {
    expect(await said(...common, '--model', model, '--upper', 'b=1')).toMatch(
      `cannot be combined with --model ${model}`,
    );
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

/** Relaxed fits and factors by a pilot; their numbers are held to R's in the library's tests. */
const selectRows = Array.from({ length: n }, (_, i) => {
  const [a, b, c] = [((i * 37) % 23) / 10, ((i * 17) % 29) / 10, ((i * 11) % 13) / 10];
  const y = a - 2 * b + ((i * 7) % 5) / 10;
  const time = Math.floor(1 + 10 * Math.exp(-0.4 * a + 0.3 * b + ((i * 7) % 5) / 10));
  return [a, b, c, y, a + b > 2.4 ? 'yes' : 'no', ['n', 's', 'w'][i % 3], time, Number(i % 3 > 0), 7];
});
file('select.csv', `a,b,c,y,two,three,time,seen,same\n${selectRows.map((r) => r.join()).join('\n')}\n`);
file('tiny.csv', 'id,a,b,y\nu,1,0,2\nv,2,1,4.5\nw,3,5,6\nx,5,2,9\nz,4,4,8.1\n');
const wide = Array.from({ length: 15 }, (_, i) => {
  const x = Array.from({ length: 30 }, (__, j) => Math.sin((i + 1) * (j + 2) * 1.7));
  return [...x, 2 * x[0] - x[4] + 0.1 * Math.sin(i)];
});
file(
  'wide.csv',
  `${wide[0].map((_, j) => (j < 30 ? `x${j}` : 'y')).join()}\n${wide.map((r) => r.join()).join('\n')}\n`,
);

const predicted = async (...args: string[]) => JSON.parse((await here(['predict', ...args, '--json'])).out);
const selecting = ['select.csv', '--target', 'y', '--drop', 'two,three,time,seen'];

test('--relax in folds: the gammas, the choice, and a saved model that predicts the same', async () => {
  const common = [...selecting, '--relax', '--cv', '3', '--n-alphas', '8', '--standardize'];
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
  const { columns } = await predicted('model.json', 'select.csv');
  columns.prediction.forEach((value: number, i: number) => {
    const [a, bb, c] = selectRows[i] as number[];
    expect(value).toBeCloseTo(model.intercept + (b.a ?? 0) * a + (b.b ?? 0) * bb + (b.c ?? 0) * c, 10);
  });
  // Another alpha of the path is at the gamma that was kept.
  const other = await predicted('model.json', 'select.csv', '--alpha', String(path.alphas[5]));
  const asked = ['--relax', '--alpha', String(path.alphas[5]), '--gammas', String(model.gamma), '--standardize'];
  await told(...selecting, ...asked, '--save', at('one.json'));
  const one = await predicted('one.json', 'select.csv');
  expect(other.columns.prediction).toEqual(one.columns.prediction.map((v: number) => expect.closeTo(v, 5)));
  const threads = await told(...common, '--rule', '1se', '--threads', '2');
  expect(threads.crossValidation).toEqual(cv);
  const shown = await here(['fit', ...common, '--report', at('page.html')]);
  expect(shown.out).toMatch(/at alpha = \S+,\s+gamma = /);
  expect(shown.out).toMatch(/rule +alpha +gamma/);
  expect(readFileSync(at('page.html'), 'utf8')).toMatch(/best score, gamma /);
});

test('--adaptive: a pilot, its power and alpha; together with --relax, more features than rows and held out rows', async () => {
  const fit = await told(...selecting, '--adaptive', '--adaptive-alpha', '0.1', '--alpha', '0.3', '--standardize');
  expect(fit.fit.message).toMatch(
    /Penalty factors are proportional to 1\/\|b\| of a ridge of alpha 0\.1; 1 of 4 columns are kept out/,
  );
  expect(
    await told(...selecting, '--adaptive', 'ridge', '--adaptive-alpha', '0.1', '--alpha', '0.3', '--standardize'),
  ).toEqual({
    ...fit,
    command: expect.any(String),
    seconds: expect.any(Number),
    fit: { ...fit.fit, seconds: expect.any(Number) },
  });
  const squared = await told(
    ...selecting,
    '--adaptive',
    'unpenalised',
    '--adaptive-gamma',
    '2',
    '--alpha',
    '0.05',
    '--relax',
  );
  expect(squared.fit.message).toMatch(/1\/\|b\|\^2 of an unpenalised fit.* Relaxed by the unpenalised fit of/);
  const both = ['wide.csv', '--target', 'y', '--adaptive', 'lasso', '--relax', '--cv', '3', '--n-alphas', '8'];
  const held = await told(...both, '--holdout', '0.2', '--coefficients', at('all.csv'));
  expect([held.status, held.holdout.rows, held.model.active > 0]).toEqual(['converged', 3, true]);
  expect(readFileSync(at('all.csv'), 'utf8').split('\n')).toHaveLength(33);
});

test('fits without an unpenalised fellow are told', async () => {
  const two = ['select.csv', '--target', 'two', '--drop', 'y,three,time,seen', '--relax', '--n-alphas', '10'];
  const { out } = await here(['fit', ...two, '--cv', '3']);
  expect(out.replaceAll(/\s+/g, ' ')).toMatch(/ of 10 alphas keep the penalised fit, as their features have no/);
  const one = await told(...two.slice(0, 6), '--alpha', '0.01');
  expect([one.model.gamma, one.status]).toEqual([1, 'converged']);
  expect(one.fit.message).toMatch(
    /Not relaxed: an unpenalised fit of \d columns does not exist, since the loss keeps decreasing/,
  );
  const five = await told('tiny.csv', '--target', 'y', '--relax', '--cv', '3');
  expect(five.status).toBe('converged');
  expect((await told('tiny.csv', '--target', 'y', '--adaptive', '--path')).status).toBe('converged');
});

test('a relaxed Cox model predicts survival by its own hazard', async () => {
  const cox = ['select.csv', '--model', 'cox', '--time', 'time', '--event', 'seen', '--features', 'a,b,c'];
  await told(...cox, '--relax', '--alpha', '0.1', '--save', at('cox.json'), '--tol', '1e-12');
  const { columns } = await predicted('cox.json', 'select.csv', '--times', '12');
  const { baselineHazard, relaxed, values } = JSON.parse(readFileSync(at('cox.json'), 'utf8'));
  expect([relaxed.gamma, relaxed.unpenalised.values]).toEqual([0, values]);
  const [hazard] = baselineHazard;
  const at12 = hazard.logCumulative[hazard.times.filter((t: number) => t <= 12).length - 1];
  const own = Object.values<number[]>(columns).at(-1)!;
  expect(own[0]).toBeCloseTo(Math.exp(-Math.exp(at12) * columns.prediction[0]), 12);
});

test.each([
  [
    ['--model', 'mcp', '--relax'],
    /--relax cannot be combined with --model mcp, only with lasso, elastic-net, logistic,/,
  ],
  [['--model', 'ridge', '--adaptive', 'ridge'], /--adaptive cannot be combined with --model ridge, only with lasso,/],
  [['--relax', '--gammas', '0,1', '--path'], /Several --gammas require cross-validation: .* with --alpha or --path\./],
  [['--relax', '--gammas', '2'], /--gammas must be a list of numbers from 0 to 1, not \[2\]\./],
  [['--gammas', '0.5'], /--gammas requires --relax\./],
  [['--adaptive-gamma', '2'], /--adaptive-gamma requires --adaptive/],
  [
    ['--adaptive', 'unpenalised', '--adaptive-alpha', '1'],
    /--adaptive-alpha cannot be combined with --adaptive unpenalised/,
  ],
  [['--model', 'private'], /--model knows no 'private': use privatise to make .*, and fit-private to fit/],
  [['--adaptive', 'rigde'], /--adaptive knows no 'rigde'; did you mean 'ridge'\?/],
] as const)('refused: %s', async (asked, sentence) => {
  expect(await said(...selecting, ...asked)).toMatch(sentence);
});

test('a file after --adaptive, and a path by BIC', async () => {
  const { code, err } = await here(['fit', '--target', 'y', '--adaptive', 'select.csv']);
  expect([code, err]).toEqual([
    2,
    expect.stringMatching(/one of ridge, lasso, unpenalised; write DATA before --adaptive/),
  ]);
  const path = await told(...selecting, '--relax', '--path', '--n-alphas', '5');
  expect([path.model.gamma, path.advice]).toEqual([
    0,
    [expect.stringMatching(/^BIC counts the features of relaxed fits/)],
  ]);
});

test('what a target makes of them', async () => {
  const three = ['select.csv', '--target', 'three', '--drop', 'two,time,seen'];
  expect(await said(...three, '--relax')).toMatch(
    /--relax cannot be combined with multinomial, the model for this target, only/,
  );
  expect(await said('wide.csv', '--target', 'y', '--adaptive', 'unpenalised')).toMatch(
    /There is no unpenalised pilot: 30 columns are too many for an unpenalised fit of 15 rows, which takes up to 12;/,
  );
});

test('--smoothing: over a width beyond the range of the target the median becomes the mean', async () => {
  file('three.csv', 'a,y\n1,0\n0,1\n1,10\n');
  const of = async (...more: string[]) =>
    (await told('three.csv', '--target', 'y', '--model', 'quantile', '--alpha', '1e3', '--tol', '1e-12', ...more))
      .model;
  expect((await of()).intercept).toBeCloseTo(1, 6);
  expect((await of('--smoothing', '100')).intercept).toBeCloseTo(11 / 3, 6);
  expect(await said('three.csv', '--target', 'y', '--model', 'quantile', '--smoothing', '0')).toMatch(
    /--smoothing must be a number above 0/,
  );
  expect(await said('three.csv', '--target', 'y', '--smoothing', '1')).toMatch(/--smoothing requires --model quantile/);
});

test('--time-limit ends cross-validation as a whole, with what was found by then', async () => {
  const words = ['fit', 'bundled:spambase', '--model', 'logistic', '--cv', '30', '--tol', '1e-12', '--json'];
  const { code, out, err } = await here([...words, '--time-limit', '0.8']);
  expect(code).toBe(3);
  // Nothing, if the machine is so slow that the path has no point.
  if (out === '') expect(err).toMatch(/The time limit of 0\.8 s was reached before there was a first result/);
  else expect(JSON.parse(out)).toMatchObject({ status: 'time-limit' });
  const early = await here([...words, '--time-limit', '1e-3']);
  expect([early.code, early.out]).toEqual([3, '']);
  expect(early.err).toMatch(/The time limit of 0\.001 s was reached before there was a first result: allow more time/);
});
