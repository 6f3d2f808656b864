import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { expect, test } from 'vitest';
import { elasticNet, lasso, logisticRegression, poissonRegression, ridge } from '../index.ts';

const n = 30;
const rows = Array.from({ length: n }, (_, i) => i);
const X = rows.map((i) => [Math.sin(i), 3 * Math.cos(2 * i), ((i * 7) % 11) - 5, Math.sin(i * i), ((i * i) % 7) / 2]);
const y = rows.map((i) => X[i][0] - 0.4 * X[i][1] + 0.15 * X[i][2] + Math.cos(5 * i));
const classes = rows.map((i) => (y[i] + 1.5 * Math.cos(3 * i) > 0 ? 1 : 0));
/** The largest pilot coefficient of each, to its power: what glmnet's factors are divided by here. */
const LARGEST = { ridge: 0.740431396173, glm: 0.862621379932 ** 2, lasso: 0.491323500744 };
const foldOf = rows.map((i) => i % 5);
const tol = 1e-12;
const close = (values: ArrayLike<number>, digits: number) =>
  Array.from(values, (v) => expect.closeTo(v, digits) as number);

// glmnet 4.1-8 of R with penalty.factor = pf = 1/|pilot|^gamma and lambda = alphas·sum(pf)/p, which undoes its rescaling;
// thresh = 1e-16. Pilots: solve(crossprod(xs)/n + 0.1·diag(p), crossprod(xs, y − mean(y))/n) with xs scaled by sd(·)·√((n − 1)/n);
// coef(glm(z ~ x, binomial)); glmnet(x, y, lambda = 0.3) times these sd, columns without a coefficient left out.
test.each([
  [
    'a ridge of scaled columns',
    lasso({ adaptive: 'ridge', adaptiveAlpha: 0.1, standardize: true, tol }),
    y,
    [0.05, 0.01, 0.002].map((a) => a / LARGEST.ridge),
    [
      [0.03015879983, 0.70665334681, -0.34512928191, 0.12574771008, 0, 0],
      [0.02651582906, 0.80573183647, -0.37237681517, 0.15347167924, 0, 0],
      [0.08978431619, 0.80313174301, -0.37925631225, 0.15801845212, -0.01356633025, -0.06854755544],
    ],
  ],
  [
    'an unpenalised fit, squared, of columns as they are',
    logisticRegression({ adaptive: 'unpenalised', adaptiveGamma: 2, tol }),
    classes,
    [0.02, 0.005, 0.001].map((a) => a / LARGEST.glm),
    [
      [0.48964539075, 0.49252175427, 0, 0, 0.46755595089, 0],
      [0.5626177382, 0.7213109463, 0, 0.060280758, 0.74478715136, 0],
      [0.66565845179, 0.79129056668, -0.06031189253, 0.14053150084, 0.85938969415, -0.04246923254],
    ],
  ],
  [
    'a lasso, which keeps columns out',
    lasso({ adaptive: 'lasso', adaptiveAlpha: 0.3, standardize: true, tol }),
    y,
    [0.05, 0.01].map((a) => a / LARGEST.lasso),
    [
      [0.03404945509, 0.64020297465, -0.3245235586, 0.08237164208, 0, 0],
      [0.02729396012, 0.79244176202, -0.36825567051, 0.14479646564, 0, 0],
    ],
  ],
] as const)('pilot %s: paths are those of glmnet with these factors', (_, estimator, target, alphas, expected) => {
  const path = estimator.path(X, target as never, { alphas });
  expect(path.models.map(({ intercept, coef }) => [intercept, ...coef])).toEqual(expected.map((row) => close(row, 6)));
});

/** Factors by a pilot's coefficients. */
const factorsOf = (b: ArrayLike<number>) => {
  const sizes = Array.from(b, Math.abs);
  return sizes.map((size) => Math.max(...sizes) / size);
};

test.each([
  { adaptive: 'ridge', standardize: true },
  { adaptive: 'lasso', adaptiveAlpha: 0.1, standardize: true },
  { adaptive: 'unpenalised' },
  { adaptive: 'ridge', adaptiveAlpha: 0.1 },
] as const)('in folds the pilot sees the rows of the fit alone: %o', async (pilot) => {
  const alphas = [0.3, 0.05];
  const estimator = lasso({ ...pilot, tol });
  const cv = await estimator.crossValidate(X, y, { alphas, foldOf });
  const known = lasso({ penaltyFactor: factorsOf(ridge({ alpha: 0.1, tol }).fit(X, y).coef), tol });
  const scores = (e: typeof estimator) =>
    [0, 1, 2, 3, 4].map((fold) => {
      const [inside, held] = [rows.filter((i) => foldOf[i] !== fold), rows.filter((i) => foldOf[i] === fold)];
      const [Z, z] = [inside.map((i) => X[i]), inside.map((i) => y[i])];
      const at = held.map((i) => X[i]);
      return e
        .path(Z, z, { alphas })
        .models.map((m) => m.predict(at).reduce((sum, v, k) => sum + (v - y[held[k]]) ** 2 / held.length, 0));
    });
  // A cross-validated pilot draws folds of its own: the rows that are left are dealt alike.
  expect(cv.folds.map((f) => [...f])).toEqual(scores(estimator).map((f) => close(f, 8)));
  // What a pilot of all rows would make of them.
  if (pilot.adaptive === 'ridge' && 'adaptiveAlpha' in pilot) {
    expect(cv.folds.map((f) => [...f])).not.toEqual(scores(known).map((f) => close(f, 3)));
    expect((await known.crossValidate(X, y, { alphas, foldOf })).path.models.map((m) => [...m.coef])).toEqual(
      cv.path.models.map((m) => close(m.coef, 8)),
    );
  }
});

test('with standardize, another unit of a column changes nothing but its coefficient', () => {
  const units = [1, 1000, 0.01, 1, 1];
  const scaled = X.map((x) => x.map((v, j) => v * units[j]));
  for (const adaptive of ['ridge', 'lasso', 'unpenalised'] as const) {
    const estimator = elasticNet({ adaptive, standardize: true, l1Ratio: 0.8, tol });
    const [one, other] = [X, scaled].map((data) => estimator.path(data, y, { nAlphas: 8 }));
    expect([...other.alphas]).toEqual(close(one.alphas, 9));
    other.models.forEach((m, k) => {
      expect(Array.from(m.coef, (b, j) => b * units[j])).toEqual(close(one.models[k].coef, 6));
    });
  }
});

test('factors that are given multiply; 0 stays unpenalised, and what the pilot has not is kept out', () => {
  const constant = X.map((x) => [...x, 4]);
  const factor = [0, 2, 1, 1, 1, 1];
  const pilot = { adaptive: 'ridge', adaptiveAlpha: 0.1, penaltyFactor: factor } as const;
  const fit = lasso({ ...pilot, alpha: 0.3, tol }).fit(constant, y);
  const b = ridge({ alpha: 0.1, penaltyFactor: factor, tol }).fit(constant, y).coef;
  const weights = [0, ...factorsOf(b.subarray(1))];
  const byHand = lasso({ alpha: 0.3, penaltyFactor: weights.map((w, j) => (j === 0 ? 0 : factor[j] * w)), tol });
  expect([...fit.coef]).toEqual(close(byHand.fit(constant, y).coef, 9));
  expect(fit.coef[0]).not.toBe(0);
  expect(fit.report.message).toMatch(
    /Penalty factors are proportional to 1\/\|b\| of a ridge of alpha 0\.1; 1 of 6 columns are kept out, as it is zero there\.$/,
  );
});

test('more columns than rows, weights of zero, sparse data and no relation', async () => {
  const wide = Array.from({ length: 12 }, (_, i) => Array.from({ length: 40 }, (_, j) => Math.sin(i * (j + 1) + j)));
  const target = wide.map((x) => 2 * x[3] - x[7]);
  const cv = await lasso({ adaptive: 'ridge', standardize: true }).crossValidate(wide, target, { folds: 4 });
  expect([cv.status, cv.best.activeCount > 0]).toEqual(['converged', true]);
  const estimator = poissonRegression({ adaptive: 'ridge', adaptiveAlpha: 0.5, alpha: 0.01, tol });
  const counts = rows.map((i) => i % 4);
  const half = rows.map((i) => i % 2);
  const even = (values: readonly number[][]) => values.filter((_, i) => i % 2 === 1);
  const weighted = estimator.fit(CscMatrix.fromDense(DenseMatrix.fromRows(X)), counts, { sampleWeight: half });
  const alone = estimator.fit(
    even(X),
    counts.filter((_, i) => i % 2 === 1),
  ); // prettier-ignore
  expect([...weighted.coef]).toEqual(close(alone.coef, 7));
  const none = lasso({ adaptive: 'ridge', alpha: 0.1 }).fit(
    X,
    rows.map(() => 3),
  ); // prettier-ignore
  expect([none.activeCount, none.intercept]).toEqual([0, 3]);
});

test('pilots that do not exist, and what there is not, are refused', () => {
  const adaptive = 'unpenalised';
  expect(() => lasso({ adaptive }).fit(X.slice(0, 7), y.slice(0, 7))).toThrow(
    /no unpenalised pilot: 5 columns are too many/,
  );
  expect(() =>
    logisticRegression({ adaptive }).fit(
      X,
      rows.map((i) => X[i][1] > 0),
    ),
  ).toThrow(/keeps decreasing/); // prettier-ignore
  const levels = rows.map((i) => [Math.sin(i), Number(i % 3 === 0), Number(i % 3 === 1), Number(i % 3 === 2)]);
  expect(() => lasso({ adaptive }).fit(levels, y)).toThrow(
    /no unique unpenalised pilot, as columns are linearly dependent/,
  );
  expect(lasso({ adaptive, fitIntercept: false, alpha: 0.01 }).fit(levels, y).status).toBe('converged');
  expect(() => lasso({ adaptive: 'rigde' as never })).toThrow('There is no pilot rigde; did you mean ridge?');
  expect(() => lasso({ adaptiveGamma: 2 })).toThrow('adaptiveGamma requires the option adaptive');
  expect(() => lasso({ adaptive: 'ridge', adaptiveGamma: 0 })).toThrow('adaptiveGamma must be finite and above 0');
  expect(() => lasso({ adaptive: 'ridge' }).fit([[1], [2]], [1, 2])).not.toThrow();
  expect(() => logisticRegression({ adaptive: 'ridge' }).fit([[1], [2]], [0, 1])).toThrow(
    /too few rows to choose the alpha of the ridge/,
  );
});
