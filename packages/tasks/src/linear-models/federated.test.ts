import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { consensusAdmm, federatedWls, type LocalLoss, lossProx } from 'southwell/distributed-methods';
import { elasticNet, logisticRegression, poissonRegression } from 'southwell/linear-models';
import { expect, test } from 'vitest';

/** Rows of six clients, all of them as a matrix, and targets of the loss; the first two logistic clients have one class each. */
function drawn(loss: LocalLoss, L = 6) {
  const random = new Random(5);
  const clients = Array.from({ length: 6 }, (_, k) => {
    const X = Array.from({ length: 20 + 5 * k }, () =>
      Float64Array.from({ length: L + 1 }, (_, j) => (j === L ? 1 : (0.5 + 0.2 * j) * random.normal() + 0.1 * k)),
    );
    const y = X.map(([a, b, c]) => {
      const eta = 0.6 * a - 0.5 * b + 0.2 * c;
      if (loss === 'squared') return eta + random.normal();
      if (loss === 'poisson') return Math.floor(2 * Math.exp(eta) * random.uniform() + 0.5);
      return k < 2 ? 2 * k - 1 : random.uniform() < 1 / (1 + Math.exp(-eta)) ? 1 : -1;
    });
    return { X, y };
  });
  const rows = clients.flatMap(({ X }) => X);
  const A = DenseMatrix.create(rows.length, L);
  rows.forEach((x, i) => {
    for (let j = 0; j < L; j++) A.data[j * rows.length + i] = x[j];
  });
  return { clients, A, y: clients.flatMap((client) => client.y), L };
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.hypot(...Array.from(a, (v, i) => v - b[i])) / Math.hypot(...Array.from(b));

const estimators = { squared: elasticNet, logistic: logisticRegression, poisson: poissonRegression };

// The estimators stop by a duality gap, which is of second order in the coefficients: for the logistic loss its rounding leaves some 1e-8.
const bars = { squared: 1e-8, poisson: 1e-8, logistic: 1e-7 };

for (const loss of ['squared', 'logistic', 'poisson'] as const) {
  test(`${loss}: clients that keep their rows find the fit of all rows`, () => {
    const { clients, A, y, L } = drawn(loss);
    const weight = 1 / y.length;
    const proxes = clients.map((client) => lossProx(loss, { ...client, weights: client.y.map(() => weight) }));
    for (const [alpha, l1Ratio] of [
      [0.1, 0],
      [0.05, 1],
      [0.05, 0.5],
    ]) {
      const model = estimators[loss]({ alpha, l1Ratio, tol: 0, standardize: false }).fit(A, y as never);
      const penalty = { l1: alpha * l1Ratio, ridge: alpha * (1 - l1Ratio), free: [L] };
      const { w } = consensusAdmm(proxes, { ...penalty, tol: 1e-12, rounds: 2000 });
      expect(distance(w, [...model.coef, model.intercept])).toBeLessThan(bars[loss]);
    }
  });
}

test('the noise-robust form finds the least squares of all rows', () => {
  const { clients, A, y } = drawn('squared');
  const model = elasticNet({ alpha: 0, tol: 0, standardize: false }).fit(A, y);
  const { w } = federatedWls(clients, { perRound: 3, rounds: 5000, tol: 1e-13 });
  expect(distance(w, [...model.coef, model.intercept])).toBeLessThan(1e-8);
});
