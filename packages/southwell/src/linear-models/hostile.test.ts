import { existsSync } from 'node:fs';
import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { Random, SouthwellError } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bridgeRegression,
  elasticNet,
  groupLasso,
  huberRegression,
  lasso,
  loadModel,
  logisticRegression,
  mcpRegression,
  nnls,
  quantileRegression,
  ridge,
  saveModel,
  scadRegression,
} from './index.ts';

function regression(n: number, p: number, seed: number) {
  const random = new Random(seed);
  const X = DenseMatrix.create(n, p);
  for (let k = 0; k < n * p; k++) X.data[k] = random.normal();
  const b = Float64Array.from({ length: p }, (_, j) => (j % 4 === 0 ? random.normal() : 0));
  const y = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    y[i] = 0.5 * random.normal() + 1;
    for (let j = 0; j < p; j++) y[i] += X.get(i, j) * b[j];
  }
  return { X, y, signs: Array.from(y, (v) => (v > 1 ? 'yes' : 'no')) };
}

describe('certificates', () => {
  test.each([
    ['n > p', 80, 12],
    ['n < p', 20, 60],
    ['n = p', 25, 25],
  ])('every convex fit reports a gap that bounds its distance to a tight solution (%s)', (_, n, p) => {
    const { X, y, signs } = regression(n, p, 5);
    const fits = [
      (tol: number, f: number) => {
        const est = lasso({ tol, alpha: f });
        return est.fit(X, y);
      },
      (tol: number, f: number) => elasticNet({ tol, alpha: f, l1Ratio: 0.5 }).fit(X, y),
      (tol: number, f: number) => ridge({ tol, alpha: f }).fit(X, y),
      (tol: number, f: number) => logisticRegression({ tol, alpha: f / 4 }).fit(X, signs),
      (tol: number, f: number) => huberRegression({ tol, alpha: f, delta: 0.7 }).fit(X, y),
      (tol: number, f: number) => quantileRegression({ tol, alpha: f / 4, smoothing: 0.5 }).fit(X, y),
    ];
    for (const fit of fits) {
      for (const f of [0.3, 0.05]) {
        const loose = fit(1e-3, f);
        const tight = fit(1e-11, f);
        expect(loose.status).toBe('converged');
        expect(loose.report.objective - tight.report.objective).toBeLessThanOrEqual(
          loose.report.certificate!.value + 1e-12,
        );
        expect(loose.report.objective).toBeGreaterThanOrEqual(tight.report.objective - 1e-10);
        expect(tight.report.certificate!.relative).toBeLessThan(1e-9);
      }
    }
  });

  test('concave penalties end at stationary points', () => {
    const { X, y } = regression(100, 30, 3);
    for (const est of [
      mcpRegression({ alpha: 0.2 }),
      scadRegression({ alpha: 0.2 }),
      bridgeRegression({ alpha: 0.2 }),
    ]) {
      const model = est.fit(X, y);
      expect(model.status).toBe('converged');
      expect(model.report.certificate?.kind).toBe('kktResidual');
    }
  });

  test('screening never loses a feature: the path equals independent cold fits', () => {
    const { X, y } = regression(30, 200, 9);
    const path = lasso({ tol: 1e-10 }).path(X, y, { nAlphas: 12, eps: 0.02 });
    path.models.forEach((model) => {
      const cold = lasso({ alpha: model.alpha, tol: 1e-10 }).fit(X, y);
      expect(Math.abs(cold.report.objective - model.report.objective)).toBeLessThan(
        1e-9 * path.models[0].report.objective,
      );
    });
    expect(path.models[0].activeCount).toBe(0);
    expect(path.status).toBe('converged');
  });
});

describe('scales', () => {
  test('a target of any size: ridge and bounds keep their meaning', () => {
    const { X, y } = regression(40, 6, 7);
    const at = (s: number) => {
      const target = y.map((v) => v * s);
      return [
        ridge({ alpha: 0.7, tol: 1e-10 }),
        lasso({ alpha: 0.05 * s, upper: 0.1 * s, lower: -0.2 * s, tol: 1e-10 }),
      ].map((estimator) => {
        const model = estimator.fit(X, target);
        expect(model.status).toBe('converged');
        return model;
      });
    };
    const [plain, within] = at(1);
    for (const s of [1e40, 1e-40, 2 ** 300]) {
      const [squares, bounded] = at(s);
      squares.coef.forEach((b, j) => {
        expect(b / s).toBeCloseTo(plain.coef[j], 8);
      });
      expect(Math.max(...bounded.coef) / s).toBeLessThanOrEqual(0.1 + 1e-12);
      expect(Math.min(...bounded.coef) / s).toBeGreaterThanOrEqual(-0.2 - 1e-12);
      bounded.coef.forEach((b, j) => {
        expect(b / s).toBeCloseTo(within.coef[j], 8);
      });
    }
  });

  test.each([1e-150, 1e-60, 1, 1e60, 1e150])('features times %d give coefficients divided by it', (s) => {
    const { X, y } = regression(40, 8, 2);
    const scaled = DenseMatrix.fromColumnMajor(
      X.data.map((v) => v * s),
      40,
      8,
    );
    // A tolerance alpha that scales with the features keeps the problem the same.
    const plain = lasso({ alpha: 0.1, tol: 1e-12 }).fit(X, y);
    const model = lasso({ alpha: 0.1 * s, tol: 1e-12 }).fit(scaled, y);
    const sparse = lasso({ alpha: 0.1 * s, tol: 1e-12 }).fit(CscMatrix.fromDense(scaled), y);
    for (let j = 0; j < 8; j++) {
      expect(Math.abs(model.coef[j] * s - plain.coef[j])).toBeLessThan(1e-8);
      expect(Math.abs(sparse.coef[j] * s - plain.coef[j])).toBeLessThan(1e-8);
    }
  });

  test.each([1e-150, 1e150])('targets times %d give coefficients times it', (s) => {
    const { X, y } = regression(40, 8, 2);
    const plain = lasso({ alpha: 0.1, tol: 1e-12 }).fit(X, y);
    const model = lasso({ alpha: 0.1 * s, tol: 1e-12 }).fit(
      X,
      y.map((v) => v * s),
    );
    for (let j = 0; j < 8; j++) expect(Math.abs(model.coef[j] / s - plain.coef[j])).toBeLessThan(1e-8);
  });

  test('large means beside small deviations do not hurt dense fits', () => {
    const { X, y } = regression(40, 8, 2);
    const shifted = DenseMatrix.fromColumnMajor(
      X.data.map((v) => v + 1e7),
      40,
      8,
    );
    const plain = lasso({ alpha: 0.1, tol: 1e-10 }).fit(X, y);
    const model = lasso({ alpha: 0.1, tol: 1e-10 }).fit(shifted, y);
    for (let j = 0; j < 8; j++) expect(Math.abs(model.coef[j] - plain.coef[j])).toBeLessThan(1e-6);
  });
});

describe('degenerate data', () => {
  test('constant, zero and duplicate columns', () => {
    const { X, y } = regression(30, 4, 8);
    const wide = DenseMatrix.create(30, 7);
    wide.data.set(X.data);
    wide.column(4).fill(3.7); // constant
    wide.column(6).set(X.column(0)); // duplicate; column 5 stays zero
    for (const M of [wide, CscMatrix.fromDense(wide)]) {
      for (const est of [
        lasso({ alpha: 0.05, tol: 1e-10 }),
        elasticNet({ alpha: 0.05, tol: 1e-10 }),
        lasso({ alpha: 0.05, standardize: true, tol: 1e-10 }),
      ]) {
        const model = est.fit(M, y);
        expect(model.status).toBe('converged');
        expect(model.coef[4]).toBe(0);
        expect(model.coef[5]).toBe(0);
      }
      const alone = lasso({ alpha: 0.05, tol: 1e-10 }).fit(X, y);
      const model = lasso({ alpha: 0.05, tol: 1e-10 }).fit(M, y);
      expect(model.coef[0] + model.coef[6]).toBeCloseTo(alone.coef[0], 6);
    }
  });

  test('constant target, one row, alpha of 0 and above alphaMax', () => {
    const { X, y } = regression(30, 4, 8);
    const flat = lasso({ alpha: 0.1 }).fit(X, new Float64Array(30).fill(2));
    expect(flat.activeCount).toBe(0);
    expect(flat.intercept).toBeCloseTo(2, 12);
    expect(flat.status).toBe('converged');
    const one = lasso({ alpha: 0.1 }).fit([[1, 2]], [3]);
    expect([one.activeCount, one.intercept]).toEqual([0, 3]);
    const none = lasso({ alpha: 0, tol: 1e-12 }).fit(X, y);
    expect(none.status).toBe('converged');
    // The normal equations hold.
    const residual = y.map((v, i) => v - none.predict(X)[i]);
    for (let j = 0; j < 4; j++)
      expect(Math.abs(X.column(j).reduce((s, x, i) => s + x * residual[i], 0))).toBeLessThan(1e-9);
    expect(lasso({ alpha: 1e9 }).fit(X, y).activeCount).toBe(0);
    expect(
      nnls()
        .fit(X, y)
        .coef.every((b) => b >= 0),
    ).toBe(true);
  });

  test('what cannot be fitted is said in a sentence', () => {
    const { X, y } = regression(10, 3, 1);
    const thrown = (f: () => unknown): SouthwellError => {
      try {
        f();
      } catch (error) {
        expect(error).toBeInstanceOf(SouthwellError);
        return error as SouthwellError;
      }
      throw new Error('nothing was thrown');
    };
    const withNaN = DenseMatrix.fromColumnMajor(X.data, 10, 3);
    withNaN.set(4, 2, Number.NaN);
    expect(thrown(() => lasso().fit(withNaN, y)).message).toMatch(/row 5, column 3/);
    withNaN.set(4, 2, Number.NEGATIVE_INFINITY);
    expect(thrown(() => lasso().fit(withNaN, y)).message).toMatch(/-Infinity in row 5/);
    expect(thrown(() => lasso().fit(X, y.slice(1))).code).toBe('INVALID_SHAPE');
    expect(thrown(() => lasso({ alpha: -1 })).message).toMatch(/alpha must be/);
    expect(thrown(() => lasso().fit([], [])).code).toBe('EMPTY');
    expect(thrown(() => lasso().fit([[], []], [1, 2])).message).toMatch(/no columns/);
    expect(thrown(() => lasso().fit([[1, 2], [3]], [1, 2])).message).toMatch(/Row 2 has 1/);
    expect(thrown(() => logisticRegression().fit(X, new Array(10).fill('a'))).message).toMatch(/only one class/);
    expect(
      thrown(() =>
        logisticRegression().fit(
          X,
          Array.from({ length: 10 }, (_, i) => i % 3),
        ),
      ).message,
    ).toMatch(/multinomial/);
    expect(thrown(() => elasticNet({ l1Ratio: 2 }).fit(X, y)).message).toMatch(/l1Ratio/);
    expect(thrown(() => lasso({ lower: 1 }).fit(X, y)).message).toMatch(/contain 0/);
    expect(thrown(() => lasso().fit(X, y, { sampleWeight: new Array(10).fill(0) })).message).toMatch(/weights are 0/);
    expect(
      thrown(() =>
        lasso()
          .fit(X, y)
          .predict([[1]]),
      ).message,
    ).toMatch(/fitted on 3 columns/);
  });
});

describe('cross-validation and models', () => {
  test('held-out scores equal fits on the rows that remain', async () => {
    const { X, y } = regression(24, 6, 4);
    const foldOf = Array.from({ length: 24 }, (_, i) => i % 3);
    const alphas = [0.5, 0.1, 0.02];
    const cv = await lasso({ tol: 1e-12 }).crossValidate(X, y, { foldOf, alphas });
    for (let fold = 0; fold < 3; fold++) {
      const rows = foldOf.flatMap((f, i) => (f === fold ? [] : [i]));
      const train = DenseMatrix.fromRows(rows.map((i) => Array.from({ length: 6 }, (_, j) => X.get(i, j))));
      alphas.forEach((alpha, k) => {
        const model = lasso({ alpha, tol: 1e-12 }).fit(
          train,
          rows.map((i) => y[i]),
        );
        const prediction = model.predict(X);
        const errors = foldOf.flatMap((f, i) => (f === fold ? [(y[i] - prediction[i]) ** 2] : []));
        expect(cv.folds[fold][k]).toBeCloseTo(errors.reduce((a, b) => a + b) / errors.length, 8);
      });
    }
    expect(cv.oneStandardErrorIndex).toBeLessThanOrEqual(cv.bestIndex);
    await expect(lasso().crossValidate(X, y, { folds: 25 })).rejects.toThrow(/between 2 and the 24 rows/);
    await expect(lasso().crossValidate(X, y, { folds: 1.5 })).rejects.toThrow(
      /folds must be a whole number of at least 2/,
    );
    await expect(lasso().crossValidate(X, y, { threads: 0 })).rejects.toThrow(/threads must be at least 1, but is 0/);
    expect(() => lasso().path(X, y, { nAlphas: 0 })).toThrow(
      /nAlphas must be a whole number from 1 to 100000, but is 0/,
    );
    expect(() => lasso().path(X, y, { eps: 1 })).toThrow(/eps must be above 0 and below 1, but is 1/);
    await expect(lasso().crossValidate(X, y, { scoring: 'msee' as never })).rejects.toThrow(/did you mean mse/);
  });

  test('an abort keeps the path so far', () => {
    const { X, y } = regression(24, 6, 4);
    const controller = new AbortController();
    const path = lasso().path(X, y, { signal: controller.signal, onPoint: (_, k) => k === 9 && controller.abort() });
    expect(path.models.length).toBe(11);
    expect(path.models[10].status).not.toBe('diverged');
  });

  test('a saved model predicts the same bits; broken files are refused', () => {
    const { X, signs } = regression(40, 5, 6);
    const model = logisticRegression({ alpha: 0.01 }).fit(X, signs, { featureNames: ['a', 'b', 'c', 'd', 'e'] });
    const text = saveModel(model, { note: 1 });
    const { model: back, extra } = loadModel(text);
    expect(back.predictProba(X)).toEqual(model.predictProba(X));
    expect(back.predictClass(X)).toEqual(model.predictClass(X));
    expect(extra).toEqual({ note: 1 });
    fc.assert(
      fc.property(fc.nat(text.length - 3), (cut) => {
        expect(() => loadModel(text.slice(0, cut))).toThrow(SouthwellError);
      }),
    );
    expect(() => loadModel(text.replace('"version": 1', '"version": 2'))).toThrow(/update southwell/);
    expect(() => loadModel(text.replace('"alpha": 0.01', '"alpha": -0.01'))).toThrow(
      'its alpha must be finite and at least 0, but is -0.01.',
    );
    expect(() => loadModel(text.replace('"alpha": 0.01', '"alpha": null'))).toThrow('alpha is missing');
  });
});

describe.skipIf(!existsSync(new URL('../../dist/linear-models/selection/foldWorker.js', import.meta.url)))(
  'folds in threads (skipped without a build)',
  () => {
    test('give the scores of one thread bit for bit, dense and sparse, and give memory back', async () => {
      const { X, signs } = regression(60, 12, 4);
      for (const M of [X, CscMatrix.fromDense(X)]) {
        const options = { folds: 5, nAlphas: 8, eps: 0.05 };
        const one = await logisticRegression({ standardize: true }).crossValidate(M, signs, options);
        const two = await logisticRegression({ standardize: true }).crossValidate(M, signs, { ...options, threads: 2 });
        expect(two.folds).toEqual(one.folds);
        expect(two.mean).toEqual(one.mean);
      }
    });

    test('report what goes wrong in a worker as a sentence', async () => {
      const { X, y } = regression(20, 3, 4);
      const foldOf = Array.from({ length: 20 }, (_, i) => (i < 18 ? 0 : 2)); // fold 1 is empty
      await expect(lasso().crossValidate(X, y, { foldOf, threads: 2 })).rejects.toThrow(/Fold 1 has no rows/);
    });
  },
);

describe('sparse columns that are far from zero', () => {
  const [n, p] = [60, 3];
  const random = new Random(8);
  /** The first column full, about `mean`, others with zeros. */
  const sparse = (mean: number, deviation = 1) => {
    const triplets: Array<[number, number, number]> = [];
    for (let i = 0; i < n; i++) {
      triplets.push([i, 0, mean + deviation * random.normal()]);
      triplets.push([i, 1 + (i % 2), random.normal() + 1]);
    }
    return CscMatrix.fromTriplets(
      n,
      p,
      triplets.map(([i]) => i),
      triplets.map(([, j]) => j),
      triplets.map(([, , v]) => v),
    );
  };
  const y = Float64Array.from({ length: n }, () => random.normal());

  test('are refused, with what to subtract', () => {
    const far = sparse(2 ** 30);
    const said =
      /Column (1|a) of sparse data has no zeros and a mean of [0-9.e+]+ standard deviations.*subtract a constant.*1073740000/;
    for (const standardize of [false, true]) {
      expect(() => lasso({ standardize, alpha: 0.1 }).fit(far, y)).toThrow(said);
      expect(() => lasso({ standardize }).path(far, y, { featureNames: ['a', 'b', 'c'] })).toThrow(said);
    }
    expect(() => groupLasso({ groups: [0, 0, 1], alpha: 0.1 }).fit(far, y)).toThrow(said);
  });

  test('are refused where all zeros are in rows without weight, and are not where one has weight', () => {
    const rows = Int32Array.from({ length: n - 6 }, (_, i) => i);
    const X = CscMatrix.fromTriplets(
      n,
      1,
      rows,
      rows.map(() => 0),
      Float64Array.from(rows, () => 2 ** 30 + random.normal()),
    );
    const held = Float64Array.from({ length: n }, (_, i) => (i < n - 6 ? 1 : 0));
    expect(() => lasso({ alpha: 0.1 }).fit(X, y, { sampleWeight: held })).toThrow(/subtract a constant/);
    expect(lasso({ alpha: 0.1 }).fit(X, y).report.status).toBe('converged');
  });

  test('serve without an intercept, within four digits of their deviation, and where they are constant', () => {
    for (const X of [sparse(1000), sparse(7, 0)])
      expect(lasso({ alpha: 0.1 }).fit(X, y).report.status).toBe('converged');
    const X = sparse(2 ** 30);
    expect(() => lasso({ alpha: 0.1, fitIntercept: false, maxIter: 20 }).fit(X, y)).not.toThrow();
  });
});
