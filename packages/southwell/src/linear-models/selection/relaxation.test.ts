import { expect, test } from 'vitest';
import {
  coxRegression,
  elasticNet,
  lasso,
  loadModel,
  logisticRegression,
  poissonRegression,
  saveModel,
} from '../index.ts';

const n = 30;
const rows = Array.from({ length: n }, (_, i) => i);
const X = rows.map((i) => [Math.sin(i), 3 * Math.cos(2 * i), ((i * 7) % 11) - 5, Math.sin(i * i), ((i * i) % 7) / 2]);
const y = rows.map((i) => X[i][0] - 0.4 * X[i][1] + 0.15 * X[i][2] + Math.cos(5 * i));
const classes = rows.map((i) => (y[i] + 1.5 * Math.cos(3 * i) > 0 ? 'yes' : 'no'));
const counts = rows.map((i) => Math.floor(Math.exp(0.5 * X[i][0] + 0.1 * X[i][2] + 0.3 + 0.5 * Math.cos(5 * i))));
const survival = {
  time: Float64Array.from(rows, (i) => ((i * 13) % 17) + 1),
  event: rows.map((i) => (i % 4 !== 0 ? 1 : 0)),
};
const offset = rows.map((i) => 0.3 * Math.cos(i));
const foldOf = rows.map((i) => i % 5);
const relax = true as const;
const tol = 1e-12;
const close = (values: ArrayLike<number>, digits: number) =>
  Array.from(values, (v) => expect.closeTo(v, digits) as number);

/** What glmnet's predict makes of gamma 0 (`epsilon` of its blend.relaxed). */
const GLMNET_ZERO = 1e-5;

// glmnet 4.1-8 of R: f <- glmnet(x, y, lambda = alphas, relax = TRUE, thresh = 1e-16, …), coef(f, s = alphas, gamma = g) of the
// data above; a row an alpha: the constant, then the coefficients.
test.each([
  [
    'gaussian with weights',
    (gammas: number[]) => lasso({ relax, gammas, tol, standardize: true }),
    y,
    { sampleWeight: rows.map((i) => 1 + (i % 3)) },
    [0.5, 0.1, 0.02],
    [
      [0.0353219798, 0.8339764222, -0.3830704621, 0.1758044169, 0, 0],
      [0.1320660009, 0.8060130177, -0.383742372, 0.1724651211, 0, -0.0959127123],
      [0.1294950512, 0.8012809706, -0.3940646257, 0.170695034, -0.0773416745, -0.1049407276],
    ],
    [
      [0.0604673041, 0.6906671017, -0.3250442011, 0.1398642222, 0, 0],
      [0.1146051596, 0.7838527672, -0.3719813551, 0.1660536231, 0, -0.0736162444],
      [0.1263880961, 0.7975578897, -0.39016620005, 0.1696779249, -0.0657558539, -0.0991291398],
    ],
  ],
  [
    'binomial with an offset',
    (gammas: number[]) => logisticRegression({ relax, gammas, tol, standardize: true }),
    classes,
    { offset },
    [0.12, 0.05, 0.02],
    [
      [0.4113173264, 0.8008061926, 0, 0, 0, 0],
      [0.6569097271, 0.8453785274, -0.1346387002, 0.1720154382, 0.8620726893, 0],
      [0.9084333398, 0.7932515611, -0.1444666134, 0.1733537148, 0.8743500849, -0.2452405914],
    ],
    [
      [0.4117398881, 0.61292421, 0, 0, 0, 0],
      [0.6155002759, 0.7450608589, -0.1076857056, 0.1459793653, 0.7518764256, 0],
      [0.8504173085, 0.7526834042, -0.1307838288, 0.161352875, 0.8187633703, -0.2106217395],
    ],
  ],
  [
    'poisson with bounds',
    (gammas: number[]) => poissonRegression({ relax, gammas, tol, lower: -0.05, upper: 0.12 }),
    counts,
    {},
    [0.3, 0.1, 0.02],
    [
      [0.0919572967, 0.12, 0, 0.12, 0, 0],
      [0.1388008014, 0.12, -0.0471012933, 0.12, 0, -0.05],
      [0.1309425514, 0.12, -0.05, 0.12, -0.05, -0.05],
    ],
    [
      [0.0919572967, 0.12, 0, 0.12, 0, 0],
      [0.138862054, 0.12, -0.0424382699, 0.12, 0, -0.05],
      [0.1313500453, 0.12, -0.0496443739, 0.12, -0.0476010614, -0.05],
    ],
  ],
  [
    'cox',
    (gammas: number[]) => coxRegression({ relax, gammas, tol }),
    survival,
    {},
    [0.12, 0.06, 0.02],
    [
      [0, 0, -0.0701318309, 0.0592709579, 0, 0],
      [0, -0.632705104, -0.025852663, 0.099822622, 0.383242915, -0.448152432],
      [0, -0.632707799, -0.025852633, 0.099822861, 0.383244427, -0.448154317],
    ],
    [
      [0, 0, -0.058905748, 0.054265347, 0, 0],
      [0, -0.526053711, -0.027365907, 0.090470724, 0.324232983, -0.37239608],
      [0, -0.593425744, -0.026627026, 0.096449365, 0.362031051, -0.41952944],
    ],
  ],
] as const)('%s: relaxed paths are those of glmnet', (_, make, target, fit, alphas, at0, at25) => {
  for (const [gamma, expected] of [
    [GLMNET_ZERO, at0],
    [0.25, at25],
  ] as const) {
    // prettier-ignore
    const path = make([gamma]).path(X, target as never, { ...fit, alphas });
    expect(path.status).toBe('converged');
    expect(path.models.map(({ intercept, coef }) => [intercept, ...coef])).toEqual(
      expected.map((row) => close(row, 5)),
    );
  }
});

// cv.glmnet(x, y, relax = TRUE, foldid, gamma, lambda, type.measure = 'mse' and 'deviance', thresh = 1e-16): statlist[[g]]$cvm
// and $cvsd, lambda.min, gamma.min, lambda.1se, gamma.1se. Its deviance is twice ours.
test('cross-validation chooses alpha and gamma as cv.glmnet', async () => {
  const alphas = [0.6, 0.3, 0.1, 0.03];
  const cv = await lasso({ relax, gammas: [1, GLMNET_ZERO, 0.5], standardize: true, tol }).crossValidate(X, y, {
    alphas,
    foldOf,
  });
  expect(cv.relaxed!.gammas).toEqual([GLMNET_ZERO, 0.5, 1]);
  expect(cv.relaxed!.mean.map((m) => [...m])).toEqual([
    close([1.22541352144, 0.785392606318, 0.787471329844, 0.831270439095], 7),
    close([1.309834171913, 0.845215409251, 0.789514567235, 0.819886621571], 7),
    close([1.668078421294, 1.062474627956, 0.808955949645, 0.811393468477], 7),
  ]);
  expect([...cv.relaxed!.standardError[1]]).toEqual(
    close([0.214952779991, 0.22483995727, 0.238955499247, 0.257333754379], 7),
  );
  const { min, oneStandardError } = cv.relaxed!;
  expect([cv.alphas[cv.bestIndex], min.gamma]).toEqual([0.3, GLMNET_ZERO]);
  expect([cv.alphas[cv.oneStandardErrorIndex], oneStandardError.gamma]).toEqual([0.3, 0.5]);
  expect([cv.best.relaxed!.gamma, cv.oneStandardError.relaxed!.gamma]).toEqual([GLMNET_ZERO, 0.5]);
  expect(cv.best).toBe(cv.path.models[1]);
  expect([...cv.mean]).toEqual([...cv.relaxed!.mean[0]]);
  const alone = lasso({ relax, gammas: [0.5], standardize: true, tol, alpha: 0.3 }).fit(X, y);
  expect([...cv.oneStandardError.coef]).toEqual(close(alone.coef, 9));

  const binomial = await logisticRegression({ relax, standardize: true, tol }).crossValidate(X, classes, {
    alphas: [0.12, 0.06, 0.03],
    foldOf,
  });
  const { gammas, mean } = binomial.relaxed!;
  expect(gammas).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(Array.from(mean[1], (v) => 2 * v)).toEqual(close([1.77241470399, 1.88442443779, 1.98890805831], 6));
  expect(Array.from(mean[4], (v) => 2 * v)).toEqual(close([1.51676706105, 1.62545973203, 1.73429632253], 6));
  expect(binomial.relaxed!.min.gamma).toBe(1);
});

test('on orthogonal columns a blend is soft thresholds and correlations; gamma 1 has the bits of a plain path', () => {
  const orthogonal = [
    [1, 1, 1],
    [1, -1, -1],
    [-1, 1, -1],
    [-1, -1, 1],
    [1, 1, 1],
    [1, -1, -1],
    [-1, 1, -1],
    [-1, -1, 1],
  ]; // prettier-ignore
  const b = [2, -0.7, 0.2];
  const target = orthogonal.map((x, i) => 3 + x.reduce((sum, v, j) => sum + v * b[j], 0) + (i < 4 ? 0.1 : -0.1));
  const fit = lasso({ relax, gammas: [0.25], alpha: 0.5, tol }).fit(orthogonal, target);
  expect([...fit.coef, fit.intercept]).toEqual(close([2 - 0.25 * 0.5, -0.7 + 0.25 * 0.5, 0, 3], 9));
  expect([...fit.relaxed!.unpenalised!.coef.dense]).toEqual(close([2, -0.7, 0], 9));
  const plain = elasticNet({ l1Ratio: 0.5 }).path(X, y, { nAlphas: 20 });
  const relaxed = elasticNet({ l1Ratio: 0.5, relax, gammas: [1] }).path(X, y, { nAlphas: 20 });
  expect(relaxed.models.map((m) => m.coef)).toEqual(plain.models.map((m) => m.coef));
  expect([...relaxed.bic]).toEqual(close(plain.bic, 8));
});

test.each([
  [
    'too many columns',
    lasso,
    [
      [1, 2, 0],
      [2, 1, 1],
      [0, 1, 3],
      [3, 3, 1],
      [1, 0, 1],
    ],
    [1, 3, 0, 5, 2],
    0.01,
    '3 columns are too many for an unpenalised fit of 5 rows, which takes up to 2',
  ], // prettier-ignore
  [
    'separable classes',
    logisticRegression,
    rows.map((i) => [i, Math.sin(i)]),
    rows.map((i) => i > 12),
    0.05,
    'the loss keeps decreasing',
  ], // prettier-ignore
  [
    'a level of one class',
    logisticRegression,
    rows.map((i) => [Math.sin(i), i < 9 ? 1 : 0]),
    rows.map((i) => i < 9 || i % 2 === 0),
    0.02,
    'the loss keeps decreasing',
  ], // prettier-ignore
  [
    'a level without counts',
    poissonRegression,
    rows.map((i) => [Math.sin(i), i < 9 ? 1 : 0]),
    rows.map((i) => (i < 9 ? 0 : i % 3)),
    0.02,
    'the loss keeps decreasing',
  ], // prettier-ignore
  [
    'events in the order of a column',
    coxRegression,
    rows.map((i) => [i, Math.sin(i)]),
    { time: rows, event: rows.map(() => 1) },
    0.05,
    'the loss keeps decreasing',
  ], // prettier-ignore
] as const)(
  '%s: no unpenalised fit, which is told, and the penalised one',
  async (_, method, data, target, alpha, why) => {
    const make = method as (options: object) => ReturnType<typeof lasso>;
    const fit = make({ relax, alpha }).fit(data as never, target as never);
    const plain = make({ alpha }).fit(data as never, target as never);
    expect([...fit.coef]).toEqual([...plain.coef]);
    expect(fit.relaxed).toMatchObject({ gamma: 1 });
    expect(fit.relaxed).not.toHaveProperty('unpenalised');
    expect(fit.report.message).toContain(`Not relaxed: `);
    expect(fit.report.message).toContain(why);
  },
);

test('classes that one row keeps from being separable have an unpenalised fit', () => {
  const data = rows.map((i) => [i, Math.sin(i)]);
  const target = rows.map((i) => i > 12 !== (i === 15));
  const fit = logisticRegression({ relax, alpha: 0.05, tol: 1e-6 }).fit(data, target);
  expect(fit.relaxed!.gamma).toBe(0);
  const exact = logisticRegression({ alpha: 0, tol: 1e-12 }).fit(data, target);
  const alone = logisticRegression({ alpha: 0, tol: 1e-12, penaltyFactor: [0, Number.POSITIVE_INFINITY] });
  const expected = fit.activeCount === 2 ? exact : alone.fit(data, target);
  expect([...fit.coef]).toEqual(close(expected.coef, 5));
});

test('files keep both parts; paths and folds go on where they were cut', async () => {
  const estimator = coxRegression({ relax, gammas: [0, 0.5] });
  const states: unknown[] = [];
  const checkpoint = { save: (state: unknown) => void states.push(structuredClone(state)) };
  const whole = await estimator.crossValidate(X, survival, { nAlphas: 25, foldOf, checkpoint });
  const resumed = await estimator.crossValidate(X, survival, {
    nAlphas: 25,
    foldOf,
    checkpoint,
    resume: states[1] as never,
  });
  expect(resumed.folds).toEqual(whole.folds);
  expect(resumed.best.coef).toEqual(whole.best.coef);
  const { model } = loadModel(saveModel(whole.best));
  expect(model.coef).toEqual(whole.best.coef);
  expect(saveModel(model)).toBe(saveModel(whole.best));
  expect(model.baselineHazard).toEqual(whole.best.baselineHazard);
});

test('the baseline hazard of a blend is that of its own predictor', () => {
  const alpha = 0.05;
  const fit = coxRegression({ relax, gammas: [0.5], alpha, tol }).fit(X, survival);
  // All of the predictor as an offset leaves the null model with the same hazard.
  const same = coxRegression({ alpha: 10 }).fit(X, survival, { offset: fit.decisionFunction(X) });
  expect(same.activeCount).toBe(0);
  expect([...fit.baselineHazard![0].logCumulative]).toEqual(close(same.baselineHazard![0].logCumulative, 9));
});

test('gammas are checked', () => {
  expect(() => lasso({ gammas: [0.5] })).toThrow('gammas requires the option relax.');
  expect(() => lasso({ relax, gammas: [1.5] })).toThrow('gammas must lie between 0 (no penalty) and 1');
  expect(() => lasso({ relax, gammas: [] })).toThrow('gammas is empty');
});
