import { expect, test } from 'vitest';
import { quantileRegression } from './index.ts';

/** Numbers that any language makes alike; with 40 rows, every row twice and two equal columns. */
function data(n: number, p: number) {
  const X = Array.from({ length: n }, (_, i) =>
    Array.from({ length: p }, (_, j) => ((i * 37 + j * 91 + i * j * 13) % 101) / 50 - 1),
  );
  const y = X.map((x, i) => 2 * x[0] - x[1] + ((i * 29) % 17) / 8 - 1);
  if (n !== 40) return { X, y };
  for (let i = 20; i < 40; i++) [X[i], y[i]] = [X[i - 20].slice(), y[i - 20]];
  for (const x of X) x[3] = x[0];
  return { X, y };
}

/** n, p, tau, alpha, intercept, and the optimum of the linear program by HiGHS (scipy.optimize.linprog). */
const programs: ReadonlyArray<readonly [number, number, number, number, boolean, number]> = [
  [90, 5, 0.5, 0, true, 0.2622878086419752],
  [90, 5, 0.9, 0.01, true, 0.12102284447194715],
  [90, 5, 0.1, 0.05, false, 0.39829922139993823],
  [30, 60, 0.5, 0.02, true, 0.1442453856496761],
  [30, 60, 0.25, 0.02, false, 0.14512487357665182],
  [40, 4, 0.75, 0.01, true, 0.19790865384615386],
];

test.each(programs)('%i rows, %i columns, quantile %d, alpha %d, intercept %s: the linear program', (...program) => {
  const [n, p, tau, alpha, fitIntercept, optimum] = program;
  const { X, y } = data(n, p);
  for (const tol of [1e-4, 1e-8]) {
    const model = quantileRegression({ tau, alpha, fitIntercept, tol, maxIter: 500 }).fit(X, y);
    const { status, objective, certificate } = model.report;
    expect(status).toBe('converged');
    expect(certificate!.relative).toBeLessThanOrEqual(tol);
    const eta = model.decisionFunction(X);
    let value = alpha * model.coef.reduce((sum, b) => sum + Math.abs(b), 0);
    y.forEach((v, i) => {
      value += Math.max(tau * (v - eta[i]), (tau - 1) * (v - eta[i])) / n;
    });
    expect(objective).toBeCloseTo(value, 12);
    expect(value).toBeGreaterThanOrEqual(optimum - 1e-12);
    // The gap is of the pinball loss itself, at every tolerance.
    expect(value - optimum).toBeLessThanOrEqual(certificate!.value + 1e-12);
  }
});

test('a constant target, one row, a path and a smoothing that is asked for', () => {
  const { X, y } = data(90, 5);
  expect(
    quantileRegression({ tau: 0.3 }).fit(
      X,
      y.map(() => 4),
    ).intercept,
  ).toBeCloseTo(4, 12);
  expect(quantileRegression({ tau: 0.3 }).fit([[1, 2]], [7]).intercept).toBeCloseTo(7, 12);
  expect(quantileRegression({ tau: 0.8, tol: 1e-8 }).path(X, y, { nAlphas: 12 }).status).toBe('converged');
  const smooth = quantileRegression({ alpha: 0.01, smoothing: 0.5 }).fit(X, y);
  const exact = quantileRegression({ alpha: 0.01 }).fit(X, y);
  // The envelope lies below the loss.
  expect(smooth.report.objective).toBeLessThan(exact.report.objective);
});
