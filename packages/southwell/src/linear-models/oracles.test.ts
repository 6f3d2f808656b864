import { readFileSync } from 'node:fs';
import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { expect, test } from 'vitest';
import {
  coxRegression,
  type Estimator,
  elasticNet,
  type FitOptions,
  gammaRegression,
  lasso,
  linearSvc,
  logisticRegression,
  poissonRegression,
  ridge,
  tweedieRegression,
} from './index.ts';

interface Oracles {
  data: Record<string, number[]> & { X: number[][] };
  sklearn: Record<string, { coef: number[]; intercept: number }>;
  glmnet: Record<string, number[]>;
}
const { data, sklearn, glmnet } = JSON.parse(
  readFileSync(new URL('./oracles.json', import.meta.url), 'utf8'),
) as Oracles;
const { y, c, count, pos, w, offset, time, event } = data;
const survival = { time: Float64Array.from(time), event };
const tol = 1e-13;
const infinity = Number.POSITIVE_INFINITY;

type Any = Estimator<never>;
const cases: Array<[string, 'sklearn' | 'glmnet', unknown, unknown, FitOptions?]> = [
  ['lasso', 'sklearn', lasso({ alpha: 0.1, tol }), y],
  ['lassoNoIntercept', 'sklearn', lasso({ alpha: 0.1, fitIntercept: false, tol }), y],
  ['lassoPositive', 'sklearn', lasso({ alpha: 0.1, positive: true, tol }), y],
  ['lassoWeights', 'sklearn', lasso({ alpha: 0.1, tol }), y, { sampleWeight: w }],
  ['elasticNet', 'sklearn', elasticNet({ alpha: 0.2, l1Ratio: 0.3, tol }), y],
  ['ridge', 'sklearn', ridge({ alpha: 0.5, tol }), y],
  ['logisticL1', 'sklearn', logisticRegression({ alpha: 0.03, fitIntercept: false, tol }), c],
  ['logisticL2', 'sklearn', logisticRegression({ alpha: 0.1, l1Ratio: 0, tol }), c],
  ['logisticElasticNet', 'sklearn', logisticRegression({ alpha: 0.05, l1Ratio: 0.5, tol }), c],
  ['poissonL2', 'sklearn', poissonRegression({ alpha: 0.1, l1Ratio: 0, tol }), count],
  // TweedieRegressor(power=1.5, alpha=0.1, link='log', solver='newton-cholesky', tol=1e-14)
  ['tweedieL2', 'sklearn', tweedieRegression({ alpha: 0.1, l1Ratio: 0, power: 1.5, tol }), count],
  ['gammaL2', 'sklearn', gammaRegression({ alpha: 0.1, l1Ratio: 0, tol }), pos],
  ['lassoStandardized', 'glmnet', lasso({ alpha: 0.15, standardize: true, tol }), y],
  [
    'lassoFactor',
    'glmnet',
    lasso({ alpha: 0.2 * glmnet.factorScale[0], penaltyFactor: [0, 1, 1, 2, 1, 1, 1, 1, 0], tol }),
    y,
  ],
  [
    'logisticWeightsOffset',
    'glmnet',
    logisticRegression({ alpha: 0.05, l1Ratio: 0.7, tol }),
    c,
    { sampleWeight: w, offset },
  ],
  ['poissonL1', 'glmnet', poissonRegression({ alpha: 0.1, tol }), count],
  ['logisticBounds', 'glmnet', logisticRegression({ alpha: 0.02, lower: -0.1, upper: 0.2, tol }), c],
  ['coxL1', 'glmnet', coxRegression({ alpha: 0.05, tol }), survival],
];

test.each(cases)('%s agrees with %s to 1e-6, dense and sparse', (name, peer, estimator, target, options) => {
  const expected = peer === 'sklearn' ? [sklearn[name].intercept, ...sklearn[name].coef] : glmnet[name];
  const dense = DenseMatrix.fromRows(data.X);
  for (const X of [dense, CscMatrix.fromDense(dense)]) {
    const model = (estimator as Any).fit(X, target as never, options);
    expect(['converged', 'stalled']).toContain(model.status);
    expect(model.report.certificate?.relative).toBeLessThan(1e-10);
    expect(model.intercept).toBeCloseTo(expected[0], 6);
    for (let j = 0; j < model.coef.length; j++) expect(Math.abs(model.coef[j] - expected[j + 1])).toBeLessThan(1e-6);
  }
});

test('the squared-hinge classifier is no worse than liblinear, which stops early', () => {
  const model = linearSvc({ alpha: 0.1, fitIntercept: false, tol }).fit(data.X, c);
  const objective = (b: ArrayLike<number>) => {
    let sum = 0;
    data.X.forEach((row, i) => {
      const eta = row.reduce((s, x, j) => s + x * b[j], 0);
      sum += Math.max(0, 1 - (c[i] > 0 ? 1 : -1) * eta) ** 2 / c.length;
    });
    return sum + 0.1 * Array.from(b).reduce((s, v) => s + Math.abs(v), 0);
  };
  expect(objective(model.coef)).toBeLessThanOrEqual(objective(sklearn.svcL1.coef));
  expect(objective(model.coef)).toBeCloseTo(objective(sklearn.svcL1.coef), 5);
  expect(model.report.certificate?.relative).toBeLessThan(1e-10);
});

test('the oracle would see a wrong scaling', () => {
  const model = lasso({ alpha: 0.1001, tol }).fit(data.X, y);
  expect(Math.max(...sklearn.lasso.coef.map((b, j) => Math.abs(b - model.coef[j])))).toBeGreaterThan(1e-6);
});

test('an infinite penalty factor keeps a feature out', () => {
  const factor = [infinity, 1, 1, 1, 1, 1, 1, 1, 1];
  const model = lasso({ alpha: 0.01, penaltyFactor: factor }).fit(data.X, y);
  expect(model.coef[0]).toBe(0);
  expect(model.activeCount).toBeGreaterThan(3);
});
