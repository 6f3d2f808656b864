/** What products know of folds, against plain loops over their rows: mean squares, null models, and where they must not be trusted. */
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { squared } from '../../losses/index.ts';
import { type FitOptions, LinearProblem } from '../fit.ts';
import { lasso } from '../index.ts';
import type { LinearOptions } from '../records.ts';
import { Products } from './products.ts';

const [n, p, count] = [300, 12, 5];
const foldOf = Int32Array.from({ length: n }, (_, i) => (7 * i) % count);
const random = new Random(4);
const weights = Float64Array.from({ length: n }, () => (random.uniform() < 0.2 ? 0 : random.uniform()));
const offset = Float64Array.from({ length: n }, () => random.normal());

/** Entries of 12 bits after the point, so that shifts by powers of two are exact. */
function data({ noise = 1, shift = 0, scaleX = 1, scaleY = 1 } = {}) {
  const random = new Random(6);
  const short = (v: number) => Math.round(v * 4096) / 4096;
  const X = DenseMatrix.create(n, p);
  for (let k = 0; k < n * p; k++) X.data[k] = short(random.normal());
  const y = Float64Array.from(
    { length: n },
    (_, i) => (short(3 * X.get(i, 0) - 2 * X.get(i, 5) + noise * random.normal()) + shift) * scaleY,
  );
  for (let k = 0; k < n * p; k++) X.data[k] = (X.data[k] + shift) * scaleX;
  return { X, y };
}

/** The largest relative distance. */
const apart = (a: Float64Array, b: Float64Array) => a.reduce((most, v, k) => Math.max(most, Math.abs(v / b[k] - 1)), 0);

/** A fit of all rows but a fold's over products that know the folds, and the weights of the rows held out. */
function foldFit(
  { X, y }: ReturnType<typeof data>,
  options: LinearOptions,
  fit: FitOptions,
  fold: number,
  products = new Products(),
) {
  products.holdOut({ foldOf, count });
  const open = (sampleWeight: Float64Array | undefined, given?: Products) =>
    new LinearProblem(X, y, squared(), { type: 'elastic-net' }, options, { ...fit, sampleWeight, products: given });
  const w = Float64Array.from(fit.sampleWeight ?? new Float64Array(n).fill(1));
  const whole = open(w, products);
  whole.plan(1000);
  whole.release();
  const training = w.map((v, i) => (foldOf[i] === fold ? 0 : v));
  const only = w.map((v, i) => (foldOf[i] === fold ? v : 0));
  const total = only.reduce((a, b) => a + b);
  const held = only.map((v) => v / total);
  const problem = open(training, products);
  problem.plan(1000);
  return { problem, direct: () => open(training), held, products };
}

const meanSquare = ({ X, y }: ReturnType<typeof data>, held: Float64Array, coef: Float64Array, intercept: number) => {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    if (held[i] === 0) continue;
    let eta = intercept;
    for (let j = 0; j < p; j++) eta += X.get(i, j) * coef[j];
    sum += held[i] * (y[i] - eta) ** 2;
  }
  return sum;
};

const cases: Array<[string, LinearOptions, FitOptions, Parameters<typeof data>[0]]> = [
  ['centred', {}, {}, {}],
  ['standardised', { standardize: true }, {}, {}],
  ['weights', {}, { sampleWeight: weights }, {}],
  ['weights and an offset', { standardize: true }, { sampleWeight: weights, offset }, {}],
  ['no intercept', { fitIntercept: false }, {}, {}],
  ['means of a thousand', {}, {}, { shift: 1024 }],
  ['large units', {}, {}, { scaleX: 1e80, scaleY: 1e90 }],
  ['small units', {}, {}, { scaleX: 1e-90, scaleY: 1e-80 }],
];

describe.each(cases)('%s', (_, options, fit, of) => {
  const given = data(of);
  const ownOffset = fit.offset ?? new Float64Array(n);
  const target = { X: given.X, y: given.y.map((v, i) => v - ownOffset[i]) };

  test('the mean squares of held-out rows are those of predictions', () => {
    for (const fold of [0, 3]) {
      const { problem, held, products } = foldFit(given, options, fit, fold);
      for (const share of [2, 0.5, 0.1, 1e-3]) {
        const { point } = problem.solve(problem.alphaMax * share);
        const known = problem.meanSquareOn(held)!;
        expect(Math.abs(known / meanSquare(target, held, point.coef, point.intercept) - 1)).toBeLessThan(1e-11);
      }
      problem.release();
      products.release();
    }
  });

  test('the null model of a fold is that of a pass over its rows', () => {
    const { problem, direct, products } = foldFit(given, options, fit, 2);
    const plain = direct();
    const [a, b] = [problem.state, plain.state];
    // The two differ by what rounding of means does to a sum over the rows, in units of the columns.
    const worst = (of: Float64Array, other: Float64Array, unit: (j: number) => number) =>
      of.reduce((most, v, j) => Math.max(most, Math.abs(v - other[j]) / unit(j)), 0);
    const size = Math.sqrt(2 * b.nullValue);
    expect(worst(a.nullGradient, b.nullGradient, (j) => b.design.norms[j] * size)).toBeLessThan(1e-11);
    expect(worst(a.design.norms, b.design.norms, (j) => b.design.norms[j])).toBeLessThan(1e-14);
    plain.release();
    problem.release();
    products.release();
  });
});

test('where terms cancel, and rounding is a part of what is left, products do not say', () => {
  const given = data({ noise: 0 });
  // To the last bit, not to twelve after the point.
  given.y.forEach((_, i) => {
    given.y[i] = 3 * given.X.get(i, 0) - 2 * given.X.get(i, 5);
  });
  const { problem, held, products } = foldFit(given, { tol: 1e-11 }, {}, 1);
  let [told, silent] = [0, 0];
  for (let alpha = problem.alphaMax; alpha > 1e-9 * problem.alphaMax; alpha /= 4) {
    const { point } = problem.solve(alpha);
    const known = problem.meanSquareOn(held);
    expect(problem.state.moments).toBeDefined();
    const direct = meanSquare(given, held, point.coef, point.intercept);
    if (known === undefined) silent++;
    else {
      told++;
      expect(Math.abs(known / direct - 1)).toBeLessThan(1e-10);
    }
    if (direct < 1e-8) expect(known).toBeUndefined();
  }
  expect(told).toBeGreaterThan(3);
  expect(silent).toBeGreaterThan(3);
  problem.release();
  products.release();
});

test('nor where means are so large that the intercept has no digits left', () => {
  const { problem, held, products } = foldFit(data({ shift: 2 ** 32 }), {}, {}, 1);
  problem.solve(problem.alphaMax / 10);
  expect(problem.state.moments).toBeDefined();
  expect(problem.meanSquareOn(held)).toBeUndefined();
  problem.release();
  products.release();
});

test('nothing is known of other rows, other weights, another target', () => {
  const given = data();
  const { problem, held, products } = foldFit(given, {}, {}, 1);
  problem.solve(problem.alphaMax / 10);
  expect(problem.meanSquareOn(held)).toBeGreaterThan(0);
  const uneven = held.map((w, i) => w * (1 + (i % 2)));
  const total = uneven.reduce((a, b) => a + b);
  expect(problem.meanSquareOn(uneven.map((w) => w / total))).toBeUndefined();
  const across = held.map((_, i) => (i < 60 ? 1 / 60 : 0));
  expect(problem.meanSquareOn(across)).toBeUndefined();
  problem.release();
  const other = foldFit({ X: given.X, y: given.y.map((v) => v + 1) }, {}, {}, 1, products);
  other.problem.solve(other.problem.alphaMax / 10);
  expect(other.problem.state.moments).toBeDefined();
  expect(other.problem.meanSquareOn(other.held)).toBeUndefined();
  other.problem.release();
  products.release();
});

describe('cross-validation', () => {
  afterEach(() => void vi.restoreAllMocks());
  const given = { foldOf, alphas: [1, 0.3, 0.1, 0.03, 0.01] };

  test.each(['mse', 'deviance'] as const)('%s: predicts no rows, and scores as if it had', async (scoring) => {
    const { X, y } = data();
    const predictions = vi.spyOn(LinearProblem.prototype, 'linearPredictor');
    const known = await lasso().crossValidate(X, y, { ...given, scoring });
    expect(predictions).not.toHaveBeenCalled();
    vi.spyOn(LinearProblem.prototype, 'meanSquareOn').mockReturnValue(undefined);
    const predicted = await lasso().crossValidate(X, y, { ...given, scoring });
    expect(predictions).toHaveBeenCalledTimes(count * given.alphas.length);
    const pairs = [...known.folds, known.mean, known.standardError].map(
      (values, k) => [values, [...predicted.folds, predicted.mean, predicted.standardError][k]] as const,
    );
    for (const [a, b] of pairs) expect(apart(a, b)).toBeLessThan(1e-11);
    expect([known.bestIndex, known.oneStandardErrorIndex]).toEqual([
      predicted.bestIndex,
      predicted.oneStandardErrorIndex,
    ]);
  });

  test('relaxed fits are scored by predictions but for the penalised part', async () => {
    const { X, y } = data();
    const options = { ...given, scoring: 'mse' as const };
    const known = await lasso({ relax: true }).crossValidate(X, y, options);
    vi.spyOn(LinearProblem.prototype, 'meanSquareOn').mockReturnValue(undefined);
    const predicted = await lasso({ relax: true }).crossValidate(X, y, options);
    known.folds.forEach((scores, fold) => {
      expect(apart(scores, predicted.folds[fold])).toBeLessThan(1e-11);
    });
  });

  test('means of a million leave the scores those of data about zero', async () => {
    const [a, b] = [data(), data({ shift: 2 ** 20 })];
    const near = await lasso({ tol: 1e-10 }).crossValidate(a.X, a.y, given);
    const far = await lasso({ tol: 1e-10 }).crossValidate(b.X, b.y, given);
    expect(apart(far.mean, near.mean)).toBeLessThan(1e-8);
  });

  test('products that were made for other folds serve, too', async () => {
    const { X, y } = data();
    const products = new Products();
    await lasso().crossValidate(X, y, { folds: 5, seed: 1, alphas: given.alphas, products });
    for (const folds of [5, 4]) {
      const options = { folds, seed: 2, alphas: given.alphas };
      const shared = await lasso().crossValidate(X, y, { ...options, products });
      const own = await lasso().crossValidate(X, y, options);
      shared.folds.forEach((scores, fold) => {
        expect(apart(scores, own.folds[fold])).toBeLessThan(1e-10);
      });
    }
    products.release();
  });
});
