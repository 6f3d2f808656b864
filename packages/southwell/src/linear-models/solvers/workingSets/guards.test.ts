/** Properties of the working-set solver that its speed puts at risk, each against sums written out here. */

import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { elasticNet, lasso, mcpRegression } from '../../index.ts';

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** y − Xb − b0, by sums. */
function residual(X: DenseMatrix, y: Float64Array, coef: ArrayLike<number>, intercept: number): Float64Array {
  return y.map((value, i) => {
    let sum = intercept;
    for (let j = 0; j < X.cols; j++) sum += X.get(i, j) * coef[j];
    return value - sum;
  });
}

describe('the intercept moves with the step', () => {
  // Columns with means of up to 50: a step without its shift leaves the predictor off by as much.
  const [n, p] = [50, 12];
  const random = new Random(5);
  const X = DenseMatrix.create(n, p);
  for (let j = 0; j < p; j++) for (let i = 0; i < n; i++) X.data[j * n + i] = 50 * Math.cos(j) + random.normal();
  const y = Float64Array.from({ length: n }, (_, i) => 3 * X.get(i, 0) - X.get(i, 3) + random.normal());

  test.each([
    ['lasso', lasso({ alpha: 0.1, tol: 1e-12 })],
    ['elastic net', elasticNet({ alpha: 0.1, l1Ratio: 0.4, tol: 1e-12 })],
    ['MCP', mcpRegression({ alpha: 0.1, tol: 1e-12 })],
  ])('%s: the intercept is mean(y) − mean(x)ᵀb, and the predictor is Xb + b0', (_, estimator) => {
    const prepared = estimator.prepare(X, y);
    const model = prepared.model(0.1);
    expect(model.activeCount).toBeGreaterThan(1);
    const r = residual(X, y, model.coef, model.intercept);
    // In units of the terms that cancel.
    expect(Math.abs(r.reduce((a, b) => a + b, 0) / n) / 50).toBeLessThan(1e-11);
    prepared.problem.linearPredictor().forEach((eta, i) => {
      expect(Math.abs(y[i] - eta - r[i]) / 50).toBeLessThan(1e-11);
    });
    prepared.problem.release();
  });

  test('along a path, each from the solution before it', () => {
    for (const model of lasso({ tol: 1e-12 }).path(X, y, { nAlphas: 15 }).models) {
      const r = residual(X, y, model.coef, model.intercept);
      expect(Math.abs(r.reduce((a, b) => a + b, 0) / n) / 50).toBeLessThan(1e-11);
    }
  });
});

describe('what is not read again is not lost', () => {
  // A suppressor: column 1 is orthogonal to y, and yet y = column 0 − 3 × column 1. Its gradient is zero until column 0
  // has entered, then grows by nearly all that the bound allows (it points along column 0), and some 400 columns of noise
  // are more promising at the start.
  const [n, p] = [400, 400];
  const random = new Random(9);
  const normal = () => Float64Array.from({ length: n }, () => random.normal());
  const y = normal();
  const hidden = normal();
  for (const against of [new Float64Array(n).fill(1), y]) {
    const share = dot(hidden, against) / dot(against, against);
    for (let i = 0; i < n; i++) hidden[i] -= share * against[i];
  }
  const X = DenseMatrix.create(n, p);
  for (let k = 0; k < n * p; k++) X.data[k] = random.normal();
  X.column(0).set(y.map((v, i) => v + 3 * hidden[i]));
  X.column(1).set(hidden);

  test.each([0.2, 0.12])(
    'a feature without pull at the start enters, and all keep to the bound (alpha %d)',
    (alpha) => {
      const options = { alpha, fitIntercept: false, tol: 1e-12 };
      expect(Math.abs(dot(X.column(1), y)) / n).toBeLessThan(1e-12);
      const model = lasso(options).fit(X, y);
      expect(model.status).toBe('converged');
      expect(model.coef[0]).toBeGreaterThan(0);
      expect(model.coef[1]).toBeLessThan(0);
      // Optimality of every feature, read or not: |xᵀr|/n ≤ alpha, with equality on the support.
      const r = residual(X, y, model.coef, 0);
      for (let j = 0; j < p; j++) {
        const pull = dot(X.column(j), r) / n;
        if (model.coef[j] === 0) expect(Math.abs(pull), `feature ${j}`).toBeLessThanOrEqual(alpha * (1 + 1e-6));
        else expect(pull, `feature ${j}`).toBeCloseTo(alpha * Math.sign(model.coef[j]), 6);
      }
    },
  );
});
