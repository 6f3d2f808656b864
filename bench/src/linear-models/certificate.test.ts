import { CscMatrix, DenseMatrix, Random } from 'southwell';
import { expect, test } from 'vitest';
import { alphaMax, certify, type Model, objectiveAtZero } from './certificate.ts';

const lasso: Model = { loss: 'squared', groupSize: 1 };
const pairs: Model = { loss: 'squared', groupSize: 2 };
const logistic: Model = { loss: 'logistic', groupSize: 1 };

/** Columns √n e_j: XᵀX = n I, so every problem falls apart into scalar ones (or groups) with known answers. */
const n = 4;
const X = DenseMatrix.create(n, n);
for (let j = 0; j < n; j++) X.set(j, j, Math.sqrt(n));
const y = Float64Array.of(3, -1, 0.5, -2);
const z = y.map((v) => v / Math.sqrt(n)); // the least squares solution

test('lasso on an orthogonal design: soft thresholding has no gap, for dense and sparse alike', () => {
  const alpha = 0.4;
  const b = z.map((v) => Math.sign(v) * Math.max(Math.abs(v) - alpha, 0));
  for (const M of [X, CscMatrix.fromDense(X)]) {
    expect(alphaMax(lasso, M, y)).toBeCloseTo(1.5, 14);
    expect(Math.abs(certify(lasso, M, y, alpha, b).relativeGap)).toBeLessThan(1e-15);
  }
});

test('group lasso on an orthogonal design: block soft thresholding has no gap', () => {
  const alpha = 0.6;
  const b = new Float64Array(n);
  for (const g of [0, 2]) {
    const norm = Math.hypot(z[g], z[g + 1]);
    for (const j of [g, g + 1]) b[j] = z[j] * Math.max(0, 1 - alpha / norm);
  }
  expect(alphaMax(pairs, X, y)).toBeCloseTo(Math.hypot(1.5, 0.5), 14);
  expect(Math.abs(certify(pairs, X, y, alpha, b).relativeGap)).toBeLessThan(1e-15);
});

test('lasso away from the solution: the gap by hand', () => {
  // One row, X = 1, y = 2, alpha = 1, b = 0: P = 2; r = 2 is scaled by min(alpha / 2, 1) = ½: D = ½·4 − ½·½²·4 = 1.5.
  const { primal, dual, relativeGap } = certify(
    lasso,
    DenseMatrix.fromRows([[1]]),
    Float64Array.of(2),
    1,
    Float64Array.of(0),
  );
  expect([primal, dual, relativeGap]).toEqual([2, 1.5, 0.25]);
});

test('logistic regression with one feature: x = 1, as many labels +1 as the odds of b', () => {
  // Three of four labels are +1: stationarity is ¾ − σ(b) = alpha for b > 0, so b = log((¾ − alpha) / (¼ + alpha)).
  const ones = DenseMatrix.fromRows([[1], [1], [1], [1]]);
  const labels = Float64Array.of(1, 1, 1, -1);
  expect(alphaMax(logistic, ones, labels)).toBeCloseTo(0.25, 15);
  expect(objectiveAtZero(logistic, labels)).toBeCloseTo(Math.log(2), 15);
  const alpha = 0.1;
  const b = Math.log((0.75 - alpha) / (0.25 + alpha));
  expect(Math.abs(certify(logistic, ones, labels, alpha, Float64Array.of(b)).relativeGap)).toBeLessThan(1e-15);
  expect(certify(logistic, ones, labels, alpha, Float64Array.of(b + 0.1)).relativeGap).toBeGreaterThan(1e-4);
  expect(Math.abs(certify(logistic, ones, labels, 0.3, Float64Array.of(0)).relativeGap)).toBeLessThan(1e-15);
});

test('weak duality: the gap is never negative, whatever the coefficients', () => {
  const random = new Random(5);
  for (let k = 0; k < 200; k++) {
    const A = DenseMatrix.create(6, 8);
    for (let i = 0; i < 48; i++) A.data[i] = random.normal();
    const model = [lasso, pairs, logistic][k % 3];
    const target = Float64Array.from({ length: 6 }, () => Math.sign(random.normal()));
    const b = Float64Array.from({ length: 8 }, () => 3 * random.normal());
    expect(certify(model, A, target, random.uniform(), b).relativeGap).toBeGreaterThan(-1e-14);
  }
});
