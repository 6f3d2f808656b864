import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, run } from '@southwell/numerics/core';
import { jacobiSvd } from '@southwell/numerics/linalg';
import { describe, expect, test } from 'vitest';
import { logisticRegression } from '../../linear-models/index.ts';
import { liftedIterates, supervisedData, supervisedDictionary, supervisedIterates, youdenThreshold } from '../index.ts';
import { fitSoftmax, softmaxLoss } from './softmax.ts';
import { planted, supervised } from './testing.ts';

describe('softmax', () => {
  test.each([2, 4])('%i classes: the gradient, by differences', (classes) => {
    const random = new Random(classes);
    const labels = Int32Array.from({ length: 6 }, () => random.integer(classes));
    const a = Float64Array.from({ length: 6 * (classes - 1) }, () => 3 * random.normal());
    const gradient = a.slice();
    softmaxLoss(gradient, labels);
    a.forEach((v, k) => {
      const [up, down] = [a.slice(), a.slice()];
      up[k] = v + 1e-5;
      down[k] = v - 1e-5;
      expect(gradient[k]).toBeCloseTo((softmaxLoss(up, labels) - softmaxLoss(down, labels)) / 2e-5, 8);
    });
  });

  test('activations of a thousand', () => {
    expect(softmaxLoss(Float64Array.of(1000, -1000), Int32Array.of(0, 1))).toBe(2000);
    expect(softmaxLoss(Float64Array.of(1000, -1000), Int32Array.of(1, 0))).toBe(0);
  });

  test('Newton finds the logistic regression of the linear models', () => {
    const { rows, y } = planted(80, 4, 2, 1);
    const Phi = DenseMatrix.fromRows(rows.map((row) => [...row, 1]));
    const C = new Float64Array(5);
    fitSoftmax(Phi, Int32Array.from(y), C, Float64Array.of(2, 2, 2, 2, 0));
    const model = logisticRegression({ alpha: 2 / 80, l1Ratio: 0, tol: 1e-13 }).fit(rows, y);
    for (let k = 0; k < 4; k++) expect(C[k]).toBeCloseTo(model.coef[k], 5);
    expect(C[4]).toBeCloseTo(model.intercept, 5);
  });
});

supervised({ trials: 5, maxIter: 20 });

test('a large weight on reconstruction: the best approximation of the rank, by singular values', () => {
  for (const [n, p] of [
    [30, 40],
    [60, 110], // more columns than are diagonalised
  ]) {
    const random = new Random(n);
    const rows = Array.from({ length: n }, () =>
      Array.from({ length: p }, (_, i) => random.normal() * 0.8 ** i + (i < 2 ? 3 * random.normal() : 0)),
    );
    const { sizes } = jacobiSvd(rows.flat(), n, p);
    const total = sizes.reduce((sum, s) => sum + s * s, 0);
    const least = sizes.slice(3).reduce((sum, s) => sum + s * s, 0) / total;
    for (const model of ['filter', 'feature'] as const) {
      const y = rows.map((_, s) => s % 2);
      const fit = supervisedDictionary({ rank: 3, xi: 1e6, algorithm: 'lifted', model, maxIter: 20 }).fit(rows, y);
      expect(fit.reconstructionError / least - 1).toBeLessThan(1e-6);
      expect(fit.reconstructionError / least - 1).toBeGreaterThan(-1e-9);
      const signed = supervisedDictionary({
        rank: 3,
        xi: 1e6,
        model,
        nonNegative: { dictionary: false, code: false },
        tol: 1e-12,
        maxIter: 2000,
      }).fit(rows, y);
      expect(signed.reconstructionError / least - 1).toBeLessThan(1e-4);
    }
  }
});

test('full rank, lifted: X itself and the ridge logistic regression, from any start', () => {
  const { rows, y } = planted(60, 5, 2, 11);
  const model = logisticRegression({ alpha: 0.5 / 60, l1Ratio: 0, fitIntercept: false, tol: 1e-14 }).fit(
    rows.map((row) => [...row, 1]),
    y,
  );
  for (const seed of [1, 2]) {
    const fit = supervisedDictionary({ rank: 5, algorithm: 'lifted', l2: 0.5, seed, tol: 1e-12, maxIter: 20000 }).fit(
      rows,
      y,
    );
    expect(fit.reconstructionError).toBeLessThan(1e-20);
    for (let i = 0; i < 5; i++) {
      let a = 0;
      for (let k = 0; k < 5; k++) a += fit.dictionary.get(i, k) * fit.coefficients.get(k, 0);
      expect(a).toBeCloseTo(model.coef[i], 5);
    }
    expect(fit.auxiliary.get(0, 0)).toBeCloseTo(model.coef[5], 5);
  }
});

test('no weight on reconstruction and full rank: the probabilities of logistic regression', () => {
  const { rows, y } = planted(60, 4, 2, 12);
  const fit = supervisedDictionary({
    rank: 4,
    xi: 0,
    l2: 1e-4,
    nonNegative: { dictionary: false, code: false },
    tol: 1e-9,
    maxIter: 400,
  }).fit(rows, y);
  const P = fit.predictProba(rows);
  const expected = logisticRegression({ alpha: 1e-6, l1Ratio: 0, tol: 1e-10 }).fit(rows, y).predictProba(rows);
  for (let s = 0; s < 60; s++) expect(Math.abs(P.get(s, 1) - expected[s])).toBeLessThan(0.01);
});

test('changes of the lifted point shrink, and its factors are those of the iterate', () => {
  const { rows, y } = planted(50, 6, 2, 13);
  const data = supervisedData(rows, y);
  const changes: number[] = [];
  run(liftedIterates(data, { rank: 2, xi: 1, model: 'filter', l2: 1, seed: 0 }), {
    maxIter: 400,
    onIterate: (it) => changes.push((it as unknown as { change: number }).change),
  });
  expect(changes[0]).toBe(Number.POSITIVE_INFINITY);
  expect(changes[changes.length - 1]).toBeLessThan(1e-3 * changes[2]);
  data.free();
});

test('a search radius keeps blocks near and the objective falling', () => {
  const { rows, y } = planted(40, 6, 2, 14);
  const data = supervisedData(rows, y);
  const trace: number[] = [];
  let before: Float64Array | undefined;
  run(supervisedIterates(data, { rank: 2, searchRadius: 0.5 }), {
    maxIter: 20,
    onIterate: (it) => {
      trace.push(it.objective);
      const { dictionary } = it.snapshot();
      if (before) {
        const moved = Math.hypot(...dictionary.map((v, k) => v - before![k]));
        expect(moved).toBeLessThanOrEqual(0.5 / (it.iteration * Math.log(it.iteration + 1)) + 1e-12);
      }
      before = dictionary;
    },
  });
  for (let t = 1; t < trace.length; t++) expect(trace[t]).toBeLessThanOrEqual(trace[t - 1] + 1e-10);
  data.free();
});

test('codes of new samples satisfy the conditions of non-negative least squares', () => {
  const { rows, y } = planted(60, 8, 2, 15);
  const fit = supervisedDictionary({ rank: 3 }).fit(rows, y);
  const fresh = planted(20, 8, 2, 16).rows.map((row) => row.map((v, i) => v - 0.4 * i * 0.3));
  const H = fit.transform(fresh);
  let zeros = 0;
  fresh.forEach((x, s) => {
    const r = x.map((v, i) => v - [0, 1, 2].reduce((sum, k) => sum + H.get(s, k) * fit.dictionary.get(i, k), 0));
    for (let k = 0; k < 3; k++) {
      const g = r.reduce((sum, v, i) => sum + v * fit.dictionary.get(i, k), 0);
      if (H.get(s, k) > 0) expect(Math.abs(g)).toBeLessThan(1e-9);
      else {
        zeros++;
        expect(g).toBeLessThan(1e-9);
      }
    }
  });
  expect(zeros).toBeGreaterThan(0);
});

test('Youden: the best of all thresholds, ties kept together', () => {
  const random = new Random(17);
  const labels = Array.from({ length: 60 }, () => random.integer(2));
  const scores = labels.map((v) => Math.round(4 * (v + 1.5 * random.normal())) / 4);
  const j = (t: number) => {
    const rate = (label: number) => {
      const of = scores.filter((_, k) => labels[k] === label);
      return of.filter((v) => v >= t).length / of.length;
    };
    return rate(1) - rate(0);
  };
  const best = Math.max(...scores.map(j));
  expect(j(youdenThreshold(labels, scores)!)).toBeCloseTo(best, 12);
  expect(youdenThreshold([1, 1], [0.2, 0.3])).toBeUndefined();
  expect(youdenThreshold([1, 0], [0.3, 0.3])).toBe(0.5);
  expect(youdenThreshold([1, 0], [0.75, 0.25])).toBe(0.5);
});

test('one class, one sample, zeros, negative values, and what is refused', () => {
  const { rows, y } = planted(20, 4, 2, 18);
  const estimator = supervisedDictionary({ rank: 2, maxIter: 20 });
  expect(() =>
    estimator.fit(
      rows,
      rows.map(() => 1),
    ),
  ).toThrow('only one class');
  const single = estimator.fit(
    rows,
    rows.map(() => 1),
    { classes: [0, 1] },
  );
  expect(single.threshold).toBe(0.5);
  expect(single.notes.join()).toContain('one class');
  expect(single.predict(rows)).toEqual(rows.map(() => 1));
  const negative = estimator.fit(
    rows.map((row) => row.map((v) => v - 1)),
    y,
  );
  expect(negative.notes.join()).toContain('negative values');
  for (const algorithm of ['bcd', 'lifted'] as const) {
    for (const model of ['filter', 'feature'] as const) {
      const tiny = supervisedDictionary({ rank: 1, algorithm, model, maxIter: 20 });
      for (const one of [
        tiny.fit([[1, 2]], ['a'], { classes: ['a', 'b'] }),
        tiny.fit(
          [
            [0, 0],
            [0, 0],
          ],
          [0, 1],
        ),
      ]) {
        expect(one.predictProba([[1, 1]]).data.every(Number.isFinite)).toBe(true);
        expect(one.dictionary.data.every(Number.isFinite)).toBe(true);
      }
    }
  }
  expect(() => supervisedDictionary({ rank: 5 }).fit(rows, y)).toThrow('rank must be at most 4');
  expect(() => supervisedDictionary({ rank: 0 })).toThrow('rank must');
  expect(() => supervisedDictionary({ rank: 1, xi: -1 })).toThrow('xi must');
  expect(() => supervisedDictionary({ rank: 1, xi: 0, algorithm: 'lifted' })).toThrow('xi may be 0 only');
  expect(() => supervisedDictionary({ rank: 1, algorithm: 'lifted', l1: 1 })).toThrow('neither non-negativity nor l1');
  expect(() => supervisedDictionary({ rank: 1, model: 'x' as never })).toThrow('filter, feature');
  expect(() => supervisedDictionary({ rank: 1, algorithm: 'x' as never })).toThrow('bcd, lifted');
  expect(() => supervisedDictionary({ rank: 1, searchRadius: 0 })).toThrow('searchRadius');
  expect(() => estimator.fit([], [])).toThrow('no rows');
  expect(() => estimator.fit(rows, [1])).toThrow('1 values');
  expect(() => estimator.fit([[Number.NaN]], [1])).toThrow('NaN');
  expect(() => estimator.fit([[1e80], [1]], [0, 1])).toThrow('scale the samples');
  expect(() => estimator.fit(rows, y, { covariates: [[1]] })).toThrow('covariates have 1');
  expect(() =>
    estimator.fit(
      rows,
      rows.map((_, s) => s),
    ),
  ).toThrow('looks like numbers');
  const fit = estimator.fit(rows, y);
  expect(() => fit.predict([[1, 2]])).toThrow('2 columns');
  const stopped = estimator.fit(rows, y, { signal: AbortSignal.abort() });
  expect(stopped.solution.status).toBe('aborted');
});
