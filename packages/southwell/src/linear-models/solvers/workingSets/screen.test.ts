import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { logistic, squared } from '../../../losses/index.ts';
import { LinearProblem } from '../../fit.ts';

const [n, p] = [400, 3000];

/** Wide and correlated: working sets of 219 entering features and more, which descent on the columns screens. */
function data() {
  const random = new Random(21);
  const X = DenseMatrix.create(n, p);
  const y = new Float64Array(n);
  for (let j = 0; j < p; j++) {
    const column = X.column(j);
    const last = j > 0 ? X.column(j - 1) : undefined;
    for (let i = 0; i < n; i++) {
      column[i] = (last ? 0.5 * last[i] : 0) + random.normal();
      if (j % 60 === 0) y[i] += (j % 120 === 0 ? 1 : -1) * column[i];
    }
  }
  for (let i = 0; i < n; i++) y[i] += random.normal();
  return { X, y };
}

describe.each(['squared', 'logistic'] as const)(
  '%s: many entering features are screened by descent on the columns',
  (name) => {
    test('and the solution is optimal by definition', () => {
      const { X, y } = data();
      const target = name === 'squared' ? y : y.map((v) => (v > 0 ? 1 : -1));
      const loss = name === 'squared' ? squared() : logistic();
      const options = { fitIntercept: false, tol: 1e-9 };
      const problem = new LinearProblem(X, target, loss, { type: 'elastic-net' }, options);
      const alpha = problem.alphaMax / 50;
      const { status, point, iterations } = problem.solve(alpha);
      expect(status).toBe('converged');
      const { epochs, newtonSteps } = problem.state.counts;
      problem.release();
      // Of descent on columns: what is tested here took place. A wrong step of it, or a wrong choice after it, is made good
      // by the Newton steps, so only counts of work show it: as it should be 8 working sets and 7 Newton steps, of the logistic
      // loss 12 and 13, on one Gram matrix.
      expect(epochs).toBeGreaterThan(0);
      expect(iterations).toBeLessThan(13);
      expect(newtonSteps).toBeLessThan(name === 'squared' ? 10 : 16);

      // Plain loops: |x_jᵀ∇| ≤ alpha, and = alpha·sign(b_j) where b_j ≠ 0.
      const eta = new Float64Array(n);
      point.coef.forEach((b, j) => {
        if (b !== 0) for (let i = 0; i < n; i++) eta[i] += b * X.get(i, j);
      });
      const theta = eta.map(
        (e, i) => (name === 'squared' ? target[i] - e : target[i] / (1 + Math.exp(target[i] * e))) / n,
      );
      let support = 0;
      for (let j = 0; j < p; j++) {
        const column = X.column(j);
        let g = 0;
        for (let i = 0; i < n; i++) g += column[i] * theta[i];
        const b = point.coef[j];
        if (b !== 0) support++;
        const excess = b === 0 ? Math.max(0, Math.abs(g) - alpha) : Math.abs(g - alpha * Math.sign(b));
        expect(excess / alpha).toBeLessThan(2e-3);
      }
      expect(support).toBeGreaterThan(100);
      X.free();
    });
  },
);
