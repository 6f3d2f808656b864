import { DenseMatrix } from '@southwell/numerics/arrays';
import { decodeCheckpoint, encodeCheckpoint, Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import {
  groupLasso,
  lasso,
  loadAnyModel,
  logisticRegression,
  mcpRegression,
  multinomialRegression,
  type PathState,
  saveModel,
  slope,
} from './index.ts';
import type { CrossValidationState } from './selection/crossValidation.ts';

/** Paths and cross-validations that are cut off go on with the bits of those that are not. */

const [n, p] = [60, 40];
const random = new Random(5);
const X = DenseMatrix.fromColumnMajor(
  Float64Array.from({ length: n * p }, () => random.normal()),
  n,
  p,
);
const eta = Float64Array.from({ length: n }, (_, i) => X.get(i, 0) - 2 * X.get(i, 3) + 0.5 * random.normal());
const signs = Array.from(eta, (v) => (v > 0 ? 'yes' : 'no'));
const classes = Array.from(eta, (v) => (v > 1 ? 'a' : v < -1 ? 'b' : 'c'));

interface Estimator {
  // biome-ignore lint/suspicious/noExplicitAny: estimators of all targets and models in one list
  path(X: DenseMatrix, y: any, options?: any): { models: readonly unknown[]; bic: Float64Array; status: string };
  // biome-ignore lint/suspicious/noExplicitAny: the same
  crossValidate(X: DenseMatrix, y: any, options?: any): Promise<any>;
}

const cases: ReadonlyArray<readonly [string, Estimator, unknown]> = [
  ['lasso', lasso({ standardize: true }) as Estimator, eta],
  ['logistic', logisticRegression() as Estimator, signs],
  ['mcp', mcpRegression() as Estimator, eta],
  ['group lasso', groupLasso({ groups: 4 }) as Estimator, eta],
  ['slope', slope() as Estimator, eta],
  ['multinomial', multinomialRegression() as Estimator, classes],
];

/** A model without what a clock measures. */
const bare = (model: unknown): string => {
  const text = JSON.parse(saveModel(model as never));
  delete text.report.seconds;
  return JSON.stringify(text);
};
const through = <S>(state: unknown): S =>
  decodeCheckpoint<S>(encodeCheckpoint({ method: 'm', problem: 'p', iteration: 0, state })).state;

describe.each(cases)('%s', (name, estimator, y) => {
  test('a path goes on from every checkpoint with the same bits', () => {
    const states: unknown[] = [];
    const options = { nAlphas: 35, checkpoint: { save: (state: unknown) => void states.push(state) } };
    const whole = estimator.path(X, y, options);
    expect(states).toHaveLength(3);
    for (const state of states) {
      const rest = estimator.path(X, y, { ...options, resume: through<PathState>(state) });
      expect(rest.models.map(bare)).toEqual(whole.models.map(bare));
      expect(rest.bic).toEqual(whole.bic);
      expect(rest.status).toBe(whole.status);
    }
  });

  test('so does a cross-validation, in the path and between folds, in one thread or two', async () => {
    const states: unknown[] = [];
    const options = {
      nAlphas: 25,
      folds: 4,
      seed: 2,
      checkpoint: { save: (state: unknown) => void states.push(state) },
    };
    const whole = await estimator.crossValidate(X, y, options);
    // Twice in the path, once a fold.
    expect(states).toHaveLength(6);
    for (const at of [1, 4]) {
      const resume = through<CrossValidationState>(states[at]);
      const rest = await estimator.crossValidate(X, y, { ...options, resume });
      expect(rest.mean).toEqual(whole.mean);
      expect(rest.standardError).toEqual(whole.standardError);
      expect(rest.path.models.map(bare)).toEqual(whole.path.models.map(bare));
    }
    // Folds of the others in threads: structured.test.ts.
    if (!['lasso', 'logistic'].includes(name)) return;
    const first = through<CrossValidationState>(states[2]);
    const threads = await estimator.crossValidate(X, y, { ...options, resume: first, threads: 2 });
    expect(threads.mean).toEqual(whole.mean);
  });
});

test('a fit starts where it is told to, and ends at the same optimum', () => {
  const tight = lasso({ alpha: 0.05, tol: 1e-12 });
  const model = tight.fit(X, eta);
  const again = tight.fit(X, eta, { from: { coef: model.coef, intercept: model.intercept } });
  expect(again.report.iterations).toBeLessThan(model.report.iterations);
  for (let j = 0; j < p; j++) expect(again.coef[j]).toBeCloseTo(model.coef[j], 9);
  const prepared = tight.prepare(X, eta);
  const far = prepared.model(0.05, { from: { coef: new Float64Array(p).fill(3), intercept: -5 } });
  expect(far.status).toBe('converged');
  for (let j = 0; j < p; j++) expect(far.coef[j]).toBeCloseTo(model.coef[j], 9);
  prepared.release();
  const { model: loaded } = loadAnyModel(saveModel(model));
  expect(bare(loaded)).toBe(bare(model));
});

test.each([
  [{ coef: new Float64Array(3), intercept: 0 }, /has 3 values where 40 are needed/],
  [{ coef: new Float64Array(p).fill(Number.NaN), intercept: 0 }, /point to start from holds NaN/],
  [{ coef: new Float64Array(p), intercept: Number.POSITIVE_INFINITY }, /holds Infinity/],
])('a point that cannot be a start is refused: %#', (from, message) => {
  expect(() => lasso().fit(X, eta, { from })).toThrow(message);
});
