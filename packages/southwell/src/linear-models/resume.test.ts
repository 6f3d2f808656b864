import { describe, expect, test } from 'vitest';
import { lasso, loadAnyModel, type PathState, saveModel } from './index.ts';
import { bare, cases, eta, p, resumesFolds, through, X } from './resuming/testing.ts';

/** Paths and cross-validations that are cut off go on with the bits of those that are not. */

// Folds of the others in threads: resume.long.test.ts.
resumesFolds({ at: [1, 4], threads: ['lasso', 'logistic'] });

describe.each(cases)('%s', (_, estimator, y) => {
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
  [{ coef: new Float64Array(3), intercept: 0 }, /has 3 values, but must have 40/],
  [{ coef: new Float64Array(p).fill(Number.NaN), intercept: 0 }, /initial point is NaN/],
  [{ coef: new Float64Array(p), intercept: Number.POSITIVE_INFINITY }, /initial point is Infinity/],
])('a point that cannot be a start is refused: %#', (from, message) => {
  expect(() => lasso().fit(X, eta, { from })).toThrow(message);
});
