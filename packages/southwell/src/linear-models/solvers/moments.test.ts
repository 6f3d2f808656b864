/** Products of all columns in place of the data: the same answers, and their own from rows held out, against plain loops. */

import { CscMatrix, DenseMatrix, type Matrix } from '@southwell/numerics/arrays';
import { inOnePlace, Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { squared } from '../../losses/index.ts';
import type { PenaltySpec } from '../../penalties/index.ts';
import { Design } from '../design/design.ts';
import { Products } from '../design/products.ts';
import { type FitOptions, LinearProblem } from '../fit.ts';
import { lasso, ridge } from '../index.ts';
import type { LinearOptions } from '../records.ts';
import { Moments } from './moments.ts';

const [n, p] = [80, 12];

/** Columns with means of up to 30, of which some are alike. */
function data(seed: number) {
  const random = new Random(seed);
  const X = DenseMatrix.create(n, p);
  for (let j = 0; j < p; j++)
    for (let i = 0; i < n; i++)
      X.data[j * n + i] = 30 * Math.cos(j) + random.normal() + (j % 3 === 1 ? 2 * X.data[(j - 1) * n + i] : 0);
  const y = Float64Array.from({ length: n }, (_, i) => 3 * X.get(i, 0) - 2 * X.get(i, 5) + random.normal());
  return { X, y };
}

const random = new Random(1);
const weights = Float64Array.from({ length: n }, () => (random.uniform() < 0.2 ? 0 : random.uniform()));
const offset = Float64Array.from({ length: n }, () => random.normal());

describe.each<[string, PenaltySpec, LinearOptions, FitOptions]>([
  ['lasso', { type: 'elastic-net' }, {}, {}],
  ['lasso without intercept', { type: 'elastic-net' }, { fitIntercept: false }, {}],
  ['elastic net, weights, offset', { type: 'elastic-net', l1Ratio: 0.3 }, {}, { sampleWeight: weights, offset }],
  ['standardised', { type: 'elastic-net' }, { standardize: true }, { sampleWeight: weights }],
  ['bounds', { type: 'elastic-net' }, { lower: 0 }, {}],
  ['MCP', { type: 'mcp' }, {}, {}],
  ['SCAD', { type: 'scad' }, { standardize: true }, {}],
])('%s', (_, penalty, options, fit) => {
  test.each(['dense', 'csc'])('a path over products is that over %s data', (kind) => {
    const { X: dense, y } = data(3);
    const X: Matrix = kind === 'dense' ? dense : CscMatrix.fromDense(dense);
    const tight = { ...options, tol: 1e-11 };
    const plain = new LinearProblem(X, y, squared(), penalty, tight, fit);
    const planned = new LinearProblem(X, y, squared(), penalty, tight, fit);
    planned.plan(1000);
    expect(planned.state.moments).toBeDefined();
    for (const share of [0.5, 0.1, 0.01, 1e-3]) {
      const alpha = plain.alphaMax * share;
      const [a, b] = [plain.solve(alpha), planned.solve(alpha)];
      expect(planned.state.moments).toBeDefined();
      expect([a.status, b.status]).toEqual(['converged', 'converged']);
      expect(b.objective / a.objective).toBeCloseTo(1, 9);
      a.point.coef.forEach((v, j) => {
        expect(b.point.coef[j]).toBeCloseTo(v, 5);
      });
      expect(b.point.intercept).toBeCloseTo(a.point.intercept, 4);
      expect(planned.lossValue).toBeCloseTo(plain.lossValue, 8);
      const [etaA, etaB] = [plain.linearPredictor(), planned.linearPredictor()];
      etaA.forEach((v, i) => {
        expect(etaB[i]).toBeCloseTo(v, 5);
      });
      const some = [3, 17, 41];
      planned.linearPredictor(some).forEach((v, t) => {
        expect(v).toBeCloseTo(etaB[some[t]], 9);
      });
    }
    plain.release();
    planned.release();
  });
});

test.each([false, true])('entries and means of a few columns are those that the data give (centred: %s)', (centred) => {
  const { X } = data(5);
  const design = new Design(X, inOnePlace(X.rows));
  const d = X.arena.f64Block(n);
  d.view.set(weights.map((w) => w / weights.reduce((a, b) => a + b, 0)));
  const list = X.arena.i32Block(4);
  list.view.set([7, 2, 11, 0]);
  const [means, G] = [X.arena.f64Block(4), X.arena.f64Block(20)];
  design.gram(list, 4, 0, d, centred, means, G, 5);
  const moments = Moments.of(design, d, centred);
  const [ofAll, entries] = [X.arena.f64Block(4), X.arena.f64Block(20)];
  // In two parts, as members come.
  moments.gather(list, 2, 0, ofAll, entries, 5);
  moments.gather(list, 4, 2, ofAll, entries, 5);
  for (let t = 0; t < 4; t++) {
    expect(ofAll.view[t]).toBeCloseTo(means.view[t], 12);
    for (let r = 0; r < 4; r++) expect(entries.view[t * 5 + r]).toBeCloseTo(G.view[t * 5 + r], 9);
  }
  moments.release();
});

test('the gap that is reported is that of the point, by sums over the data', () => {
  const { X, y } = data(7);
  const problem = new LinearProblem(X, y, squared(), { type: 'elastic-net' }, { tol: 1e-9, fitIntercept: false });
  problem.plan(1000);
  for (const share of [0.3, 0.03, 0.003]) {
    const alpha = problem.alphaMax * share;
    const { point, certificate, objective } = problem.solve(alpha);
    const r = y.map((v, i) => v - point.coef.reduce((sum, b, j) => sum + b * X.get(i, j), 0));
    const primal =
      r.reduce((sum, v) => sum + v * v, 0) / (2 * n) + alpha * point.coef.reduce((s, b) => s + Math.abs(b), 0);
    let most = 0;
    for (let j = 0; j < p; j++) most = Math.max(most, Math.abs(r.reduce((sum, v, i) => sum + v * X.get(i, j), 0)) / n);
    const s = Math.min(1, alpha / most);
    const dual = r.reduce((sum, v, i) => sum + s * v * y[i] - 0.5 * s * s * v * v, 0) / n;
    expect(objective).toBeCloseTo(primal, 10);
    const scale = y.reduce((sum, v) => sum + v * v, 0) / (2 * n);
    expect((primal - dual) / scale).toBeLessThan(1e-9);
    expect(certificate!.value).toBeGreaterThan(primal - dual - 1e-12 * scale);
  }
  problem.release();
});

test('where rounding of the products would show, the data are read again', () => {
  const { X, y } = data(9);
  // Almost the column before: coefficients of 1e9 that cancel.
  for (let i = 0; i < n; i++) X.data[n + i] = X.data[i] + 1e-9 * offset[i];
  const target = y.map((_, i) => 1e9 * (X.get(i, 1) - X.get(i, 0)));
  const problem = new LinearProblem(X, target, squared(), { type: 'elastic-net', l1Ratio: 0 }, { tol: 1e-9 });
  problem.plan(1000);
  const { certificate, status } = problem.solve(1e-22);
  expect(problem.state.moments).toBeUndefined();
  expect(status === 'converged').toBe(certificate!.relative <= 1e-9);
  problem.release();
});

describe('products of a fold are those of its rows', () => {
  const bound = (X: Matrix, w: Float64Array, centred: boolean, products?: Products, scale?: Float64Array) => {
    const design = new Design(X, inOnePlace(X.rows), scale);
    const d = X.arena.f64Block(n);
    d.view.set(w);
    const moments = products ? products.of(design, d, centred) : Moments.of(design, d, centred);
    return { moments, G: moments.G.view.slice(), means: moments.means.view.slice(0, p) };
  };
  const normalised = (w: Float64Array) => w.map((v) => v / w.reduce((a, b) => a + b, 0));

  test.each([false, true])('for any rows, weights and scales (folds known before: %s)', (known) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.boolean(), fc.boolean(), (seed, centred, scaled) => {
        const { X } = data(seed);
        const random = new Random(seed);
        const all = normalised(Float64Array.from({ length: n }, () => 0.1 + random.uniform()));
        const scale = scaled ? Float64Array.from({ length: p }, () => 0.5 + random.uniform()) : undefined;
        const products = new Products();
        const foldOf = Int32Array.from({ length: n }, () => Math.floor(4 * random.uniform()));
        if (known) products.holdOut({ foldOf, count: 4 });
        const whole = bound(X, all, centred, products);
        expect(products.share()!.parts.length).toBe(known ? 4 : 0);
        const anew = bound(X, all, centred);
        whole.G.forEach((value, k) => {
          const size = Math.sqrt(anew.G[(k % p) * (p + 1)] * anew.G[Math.floor(k / p) * (p + 1)]);
          expect(Math.abs(value - anew.G[k])).toBeLessThan(1e-12 * size);
        });
        const training = normalised(all.map((w, i) => (foldOf[i] === 1 ? 0 : w)));
        const fold = bound(X, training, centred, products, scale);
        const direct = bound(X, training, centred, undefined, scale);
        for (let k = 0; k < p * p; k++) {
          const size = Math.sqrt(direct.G[(k % p) * (p + 1)] * direct.G[Math.floor(k / p) * (p + 1)]);
          expect(Math.abs(fold.G[k] - direct.G[k])).toBeLessThan(1e-11 * size);
        }
        direct.means.forEach((mean, j) => {
          expect(Math.abs(fold.means[j] - mean)).toBeLessThan(1e-12 * (1 + Math.abs(mean)));
        });
        products.release();
      }),
      { numRuns: 20 },
    );
  });

  test('also where a column is almost all in the rows held out, and where it is constant', () => {
    const { X } = data(2);
    for (let i = 0; i < n; i++) {
      X.data[i] = i === 5 ? 1e9 : offset[i];
      X.data[n + i] = i === 5 ? 1 : 0;
      X.data[2 * n + i] = 4;
    }
    const uniform = new Float64Array(n).fill(1 / n);
    const products = new Products();
    bound(X, uniform, true, products);
    const training = normalised(uniform.map((w, i) => (i % 10 === 5 ? 0 : w)));
    const fold = bound(X, training, true, products);
    const direct = bound(X, training, true);
    expect(fold.G).toEqual(direct.G);
    products.release();
  });
});

test('cross-validation has the scores of fits on the training rows alone', async () => {
  const { X, y } = data(11);
  const foldOf = Int32Array.from({ length: n }, (_, i) => i % 5);
  for (const model of [lasso, ridge]) {
    const alphas = [1, 0.3, 0.1, 0.01];
    const cv = await model({ tol: 1e-11, standardize: true }).crossValidate(X, y, { foldOf, alphas });
    for (let fold = 0; fold < 5; fold++) {
      const rows = [...foldOf.keys()].filter((i) => foldOf[i] !== fold);
      const held = [...foldOf.keys()].filter((i) => foldOf[i] === fold);
      const of = (list: number[]) =>
        DenseMatrix.fromRows(list.map((i) => Array.from({ length: p }, (_, j) => X.get(i, j))));
      alphas.forEach((alpha, k) => {
        const fitted = model({ tol: 1e-12, standardize: true, alpha }).fit(
          of(rows),
          rows.map((i) => y[i]),
        );
        const predicted = fitted.predict(of(held)) as Float64Array;
        const mse = held.reduce((sum, i, t) => sum + (y[i] - predicted[t]) ** 2, 0) / held.length;
        expect(cv.folds[fold][k] / mse).toBeCloseTo(1, 5);
      });
    }
  }
});

test.each([true, false])(
  'means of a milliard leave a path that of data about zero (standardised: %s)',
  (standardize) => {
    // Entries of 12 bits after the point, so that the shifts are exact.
    const random = new Random(6);
    const [rows, X, far] = [300, DenseMatrix.create(300, p), DenseMatrix.create(300, p)];
    for (let k = 0; k < rows * p; k++) X.data[k] = Math.round(random.normal() * 4096) / 4096;
    const y = Float64Array.from({ length: rows }, (_, i) => 3 * X.get(i, 0) - 2 * X.get(i, 5) + random.normal());
    const near = lasso({ tol: 1e-10, standardize }).path(X, y, { nAlphas: 20 });
    for (const shift of [2 ** 20, 2 ** 30]) {
      for (let k = 0; k < rows * p; k++) far.data[k] = X.data[k] + shift * (1 + Math.floor(k / rows));
      const path = lasso({ tol: 1e-10, standardize }).path(far, y, { alphas: near.alphas });
      for (const [k, { coef, report }] of path.models.entries()) {
        expect(report.status).toBe('converged');
        const wanted = near.models[k].coef;
        for (let j = 0; j < p; j++) expect(coef[j]).toBeCloseTo(wanted[j], 8);
      }
    }
  },
);

describe('products that come with the first pass over the data', () => {
  const open = (X: DenseMatrix, y: Float64Array, options: LinearOptions, fit: FitOptions, products?: Products) =>
    new LinearProblem(X, y, squared(), { type: 'elastic-net' }, { tol: 1e-11, ...options }, { ...fit, products });

  test.each<[string, LinearOptions, FitOptions]>([
    ['about means', {}, {}],
    ['without intercept', { fitIntercept: false }, {}],
    ['standardised, with an offset', { standardize: true }, { offset }],
  ])('are those of a pass for each: %s', (_, options, fit) => {
    const { X, y } = data(11);
    const products = new Products();
    products.expect(1000);
    const passes = vi.spyOn(Design.prototype, 'gradient');
    const problem = open(X, y, options, fit, products);
    expect(passes).not.toHaveBeenCalled();
    const gram = vi.spyOn(Design.prototype, 'gram');
    problem.plan(1000);
    expect(gram).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    const plain = open(X, y, options, fit);
    plain.plan(1000);
    const [a, b] = [problem.state, plain.state];
    b.nullGradient.forEach((v, j) => {
      expect(Math.abs(a.nullGradient[j] - v)).toBeLessThan(1e-13 * b.design.norms[j]);
      expect(a.design.norms[j] / b.design.norms[j]).toBeCloseTo(1, 12);
    });
    expect(a.moments!.G.view).toEqual(b.moments!.G.view);
    const alpha = 0.01 * plain.alphaMax;
    const [of, by] = [problem.solve(alpha).point.coef, plain.solve(alpha).point.coef];
    of.forEach((v, j) => {
      expect(v).toBeCloseTo(by[j], 7);
    });
    problem.release();
    // Bound again, as paths do that keep checkpoints: the same bits, and no pass.
    const again = open(X, y, options, fit, products);
    expect(again.state.nullGradient).toEqual(a.nullGradient);
    again.release();
    plain.release();
    products.release();
  });

  test('are not taken where rows weigh differently, of sparse data, and where few alphas are to come', () => {
    const { X, y } = data(12);
    const passes = vi.spyOn(Design.prototype, 'gradient');
    const cases: Array<[Matrix, FitOptions, number]> = [
      [X, { sampleWeight: weights }, 1000],
      [CscMatrix.fromDense(X), {}, 1000],
      [X, {}, 0],
    ];
    for (const [matrix, fit, points] of cases) {
      const products = new Products();
      products.expect(points);
      passes.mockClear();
      open(matrix as DenseMatrix, y, {}, fit, products).release();
      expect(passes).toHaveBeenCalledTimes(1);
      products.release();
    }
    vi.restoreAllMocks();
  });

  test('keep their digits far from zero: against sums of whole numbers', () => {
    const far = 2 ** 40;
    const X = DenseMatrix.create(n, p);
    const random = new Random(13);
    const y = Float64Array.from({ length: n }, () => Math.round(8 * random.normal()));
    for (let t = 0; t < n * p; t++) X.data[t] = far + Math.round(64 * random.normal());
    const products = new Products();
    products.expect(1000);
    const problem = open(X, y, {}, {}, products);
    const total = (of: (i: number) => number) => Array.from(y, (_, i) => BigInt(of(i))).reduce((s, v) => s + v, 0n);
    for (let j = 0; j < p; j++) {
      const x = (i: number) => X.data[j * n + i] - far;
      // n²·cov, exactly.
      const exact = BigInt(n) * total((i) => x(i) * y[i]) - total(x) * total((i) => y[i]);
      const size = BigInt(n) * total((i) => x(i) * x(i)) - total(x) ** 2n;
      const bound = 1e-13 * Math.sqrt(Number(size) * n);
      expect(Math.abs(problem.state.nullGradient[j] * n * n - Number(exact))).toBeLessThan(bound * n);
    }
    problem.release();
    products.release();
  });

  test('paths over data of extreme sizes, and with what is not finite, end as they did', () => {
    const { X, y } = data(14);
    const options = { nAlphas: 100, eps: 1e-2 };
    const path = lasso().path(X, y, options);
    const huge = DenseMatrix.create(n, p);
    const factor = 2 ** 600;
    for (let t = 0; t < n * p; t++) huge.data[t] = X.data[t] * factor;
    const scaled = lasso().path(huge, y, options);
    expect(scaled.status).toBe('converged');
    path.models.at(-1)!.coef.forEach((v, j) => {
      expect(scaled.models.at(-1)!.coef[j] * factor).toBeCloseTo(v, 4);
    });
    huge.data[17] = Number.NaN;
    expect(() => lasso().path(huge, y, options)).toThrow(/row 18, column 1/);
  });
});
