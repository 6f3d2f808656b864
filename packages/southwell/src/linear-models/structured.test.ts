import { existsSync, readFileSync } from 'node:fs';
import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { inOnePlace, Random, run, SouthwellError } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Design } from './design/design.ts';
import {
  groupLasso,
  lasso,
  loadModel,
  loadMultiResponseModel,
  logisticRegression,
  MultiResponseModel,
  multinomialRegression,
  multitaskLasso,
  saveModel,
  slope,
} from './index.ts';
import { multinomialLoss } from './solvers/groups/channels.ts';
import { GroupWorkingSetSolver } from './solvers/groups/index.ts';
import { groupColumns } from './structured/groups.ts';

const n = 48;
const p = 8;
const random = new Random(12);
const rows = Array.from({ length: n }, () =>
  Array.from({ length: p }, (_, j) => (random.uniform() < 0.4 ? 0 : (1 + j) * (random.normal() + 0.3))),
);
const y = rows.map((x) => x[0] - 0.5 * x[1] + 0.2 * x[4] + 0.5 * random.normal());
const classes = y.map((v) => (v < -0.5 ? 'low' : v < 0.7 ? 'mid' : 'top'));
const labels = y.map((v) => (v > 0 ? 'yes' : 'no'));
const Y = y.map((v, i) => [v, 2 * v + random.normal(), rows[i][3] + random.normal()]);
const dense = DenseMatrix.fromRows(rows);
const both = [dense, CscMatrix.fromDense(dense)];
const groups = [0, 0, 0, 1, 1, 2, 2, 2];

/** Every structured model with a target it takes, at one alpha. */
const kinds = {
  'group lasso': [(o: object) => groupLasso({ groups, alpha: 0.1, tol: 1e-12, ...o }), y],
  'group lasso, logistic': [
    (o: object) => groupLasso({ groups, loss: 'logistic', l1Ratio: 0.3, alpha: 0.02, tol: 1e-12, ...o }),
    labels,
  ],
  multinomial: [(o: object) => multinomialRegression({ alpha: 0.02, tol: 1e-12, ...o }), classes],
  'multinomial, grouped': [
    (o: object) => multinomialRegression({ grouped: true, alpha: 0.02, tol: 1e-12, ...o }),
    classes,
  ],
  multitask: [(o: object) => multitaskLasso({ alpha: 0.1, tol: 1e-12, ...o }), Y],
  slope: [(o: object) => slope({ alpha: 0.05, tol: 1e-11, ...o }), y],
  'slope, logistic': [(o: object) => slope({ loss: 'logistic', alpha: 0.01, tol: 1e-11, ...o }), labels],
} as const;
type Make = (options: object) => ReturnType<typeof groupLasso>;
const each = Object.entries(kinds).map(([name, [make, target]]): [string, Make, number[]] => [
  name,
  make as unknown as Make,
  target as unknown as number[],
]);

/** Coefficients of all channels, and intercepts. */
function numbers(model: unknown): number[] {
  if (model instanceof MultiResponseModel) return [...model.coef.flatMap((b) => [...b]), ...model.intercepts];
  const { coef, intercept } = model as { coef: Float64Array; intercept: number };
  return [...coef, intercept];
}

const close = (a: number[], b: number[], digits: number) => {
  expect(a.length).toBe(b.length);
  a.forEach((x, i) => {
    expect(x).toBeCloseTo(b[i], digits);
  });
};

describe.each(each)('%s', (name, make, target) => {
  test('standardize is a fit on columns divided by their deviation, dense and sparse', () => {
    const sd = Array.from({ length: p }, (_, j) => {
      const column = rows.map((x) => x[j]);
      const mean = column.reduce((a, c) => a + c, 0) / n;
      return Math.sqrt(column.reduce((a, c) => a + (c - mean) ** 2, 0) / n);
    });
    const scaled = make({}).fit(
      rows.map((x) => x.map((v, j) => v / sd[j])),
      target,
    );
    const expected = numbers(scaled).map((b, e, all) => {
      const K = scaled instanceof MultiResponseModel ? scaled.coef.length : 1;
      return e < all.length - K ? b / sd[e % p] : b;
    });
    for (const X of both) close(numbers(make({ standardize: true }).fit(X, target)), expected, 5);
  });

  test('onIterate sees every iterate, the last at the solution', () => {
    const seen: number[][] = [];
    const model = make({}).fit(dense, target, {
      onIterate: ({ snapshot }) => {
        const point = snapshot() as { coef: Float64Array };
        seen.push([...point.coef]);
      },
    });
    expect(seen.length).toBe(model.report.iterations + 1);
    const K = seen[0].length / p;
    const last = seen[seen.length - 1];
    const coef = numbers(model).slice(0, p * K);
    close(
      coef,
      coef.map((_, e) => last[(e % p) * K + Math.floor(e / p)]),
      12,
    );
  });

  test('a path from warm starts is the fits one by one, and loosens', () => {
    const alphaMax = make({}).prepare(dense, target).alphaMax;
    const path = make({}).path(dense, target, { nAlphas: 5, eps: 0.05 });
    expect(path.status).toBe('converged');
    expect(path.alphas[0]).toBeCloseTo(alphaMax, 12);
    expect(path.models[0].activeCount).toBe(0);
    for (let k = 1; k < 5; k++) {
      close(numbers(path.models[k]), numbers(make({ alpha: path.alphas[k] }).fit(dense, target)), 4);
      expect(path.devianceRatio[k]).toBeGreaterThan(path.devianceRatio[k - 1]);
    }
    expect(path.models).toContain(path.best('bic'));
  });

  test('cross-validation scores held-out rows by fits on the others', async () => {
    const foldOf = rows.map((_, i) => i % 3);
    const estimator = make({});
    const cv = await estimator.crossValidate(dense, target, { foldOf, nAlphas: 4, eps: 0.05 });
    const kept = foldOf.flatMap((f, i) => (f === 1 ? [] : [i]));
    const held = foldOf.flatMap((f, i) => (f === 1 ? [i] : []));
    const pick = <T>(list: T[], at: number[]) => at.map((i) => list[i]);
    cv.alphas.forEach((alpha, k) => {
      const model = make({ alpha }).fit(pick(rows, kept), pick(target, kept)) as unknown;
      const test_ = pick(rows, held);
      const truth = pick(target as unknown[], held);
      const means = truth.map((t, i) => {
        if (model instanceof MultiResponseModel) {
          if (model.classes) return -Math.log(model.predictProba(test_).get(i, model.classes.indexOf(t as string)));
          const e = (t as number[]).map((v, task) => (v - model.predict(test_).get(i, task)) ** 2);
          return e.reduce((a, c) => a + c, 0) / e.length;
        }
        const single = model as ReturnType<ReturnType<typeof lasso>['fit']>;
        if (single.classes) {
          const q = single.predictProba(test_)[i];
          return -Math.log(t === 'yes' ? q : 1 - q);
        }
        return ((t as number) - single.predict(test_)[i]) ** 2;
      });
      expect(cv.folds[1][k]).toBeCloseTo(means.reduce((a, c) => a + c, 0) / means.length, 4);
    });
    expect(cv.best).toBe(cv.path.models[cv.bestIndex]);
    await expect(estimator.crossValidate(dense, target, { scoring: 'mea' as never })).rejects.toThrow(/did you mean/);
  });

  test('feature names must match the columns', () => {
    expect(() => make({}).fit(dense, target, { featureNames: ['a'] })).toThrow(
      /8 columns but there are 1 feature names/,
    );
  });

  // Of each family one is sent to threads.
  const sent = ['group lasso, logistic', 'multinomial, grouped', 'multitask', 'slope'].includes(name);
  test.skipIf(!sent || !existsSync(new URL('../../dist/linear-models/selection/foldWorker.js', import.meta.url)))(
    'folds in threads give the same scores (skipped without a build)',
    async () => {
      const options = { folds: 3, nAlphas: 3, eps: 0.1 };
      const one = await make({ tol: 1e-6 }).crossValidate(dense, target, options);
      const two = await make({ tol: 1e-6 }).crossValidate(dense, target, { ...options, threads: 2 });
      expect(two.folds).toEqual(one.folds);
    },
  );
});

test('scorings of several classes and tasks; what does not go with them is said', async () => {
  const options = { folds: 3, nAlphas: 3, eps: 0.1 };
  const multinomial = multinomialRegression();
  const error = await multinomial.crossValidate(dense, classes, { ...options, scoring: 'error' });
  const accuracy = await multinomial.crossValidate(dense, classes, { ...options, scoring: 'accuracy' });
  close(
    [...error.mean],
    [...accuracy.mean].map((x) => 1 - x),
    12,
  );
  const mse = await multitaskLasso().crossValidate(dense, Y, options);
  const deviance = await multitaskLasso().crossValidate(dense, Y, { ...options, scoring: 'deviance' });
  close(
    [...deviance.mean],
    [...mse.mean].map((x) => (x * 3) / 2),
    10,
  );
  await expect(multinomial.crossValidate(dense, classes, { ...options, scoring: 'rocAuc' })).rejects.toThrow(
    /rocAuc is not available for multinomial/,
  );
});

test('SLOPE with constant lambdas and the logistic loss is logistic regression', () => {
  for (const X of both) {
    const lambdas = new Array(p).fill(1);
    const model = slope({ loss: 'logistic', lambdas, alpha: 0.02, tol: 1e-12 }).fit(X, labels);
    close(numbers(model), numbers(logisticRegression({ alpha: 0.02, tol: 1e-13 }).fit(X, labels)), 5);
    expect(model.predictClass(X)[0]).toMatch(/yes|no/);
    expect(loadModel(saveModel(model)).model.predictProba(X)).toEqual(model.predictProba(X));
  }
});

describe('saved models of several classes and tasks', () => {
  const multinomial = multinomialRegression({ alpha: 0.02 }).fit(dense, classes, { featureNames: [...'abcdefgh'] });
  const multitask = multitaskLasso({ alpha: 0.1 }).fit(dense, Y);

  test('predict the same bits', () => {
    const { model, extra } = loadMultiResponseModel(saveModel(multinomial, { note: 1 }));
    expect(model.predictProba(dense).data).toEqual(multinomial.predictProba(dense).data);
    expect(model.predictClass(dense)).toEqual(multinomial.predictClass(dense));
    expect([model.featureNames, model.report.message, extra]).toEqual([
      multinomial.featureNames,
      multinomial.report.message,
      { note: 1 },
    ]);
    const tasks = loadMultiResponseModel(saveModel(multitask)).model;
    expect(tasks.predict(dense).data).toEqual(multitask.predict(dense).data);
    expect(tasks.classes).toBeUndefined();
  });

  test('are refused when broken, newer, or of the other kind', () => {
    const text = saveModel(multinomial);
    fc.assert(
      fc.property(fc.nat(text.length - 3), (cut) => {
        expect(() => loadMultiResponseModel(text.slice(0, cut))).toThrow(SouthwellError);
      }),
    );
    expect(() => loadMultiResponseModel(text.replace('"version": 1', '"version": 2'))).toThrow(/update southwell/);
    expect(() => loadMultiResponseModel(text.replace('"multinomial"', '"squared"'))).toThrow(/classes go with/);
    expect(() => loadModel(text)).toThrow(/read it with loadMultiResponseModel/);
    expect(() => loadMultiResponseModel(saveModel(lasso({ alpha: 0.1 }).fit(dense, y)))).toThrow(/with loadModel/);
  });
});

describe('working sets without a Gram matrix', () => {
  const { data, glmnet } = JSON.parse(readFileSync(new URL('./oracles.json', import.meta.url), 'utf8')) as {
    data: { X: number[][]; k: number[] };
    glmnet: Record<string, number[]>;
  };

  test('descent on columns of a multinomial model agrees with glmnet to 1e-6, dense and sparse', () => {
    const K = 3;
    const codes = Int32Array.from(data.k, (k) => k - Math.min(...data.k));
    const X = DenseMatrix.fromRows(data.X);
    for (const matrix of [X, CscMatrix.fromDense(X)]) {
      const { rows, cols } = matrix;
      const loss = multinomialLoss(codes, K, new Float64Array(rows).fill(1 / rows), inOnePlace(rows));
      const options = { intercept: true, gramLimit: 0 };
      const solver = new GroupWorkingSetSolver(
        new Design(matrix, inOnePlace(rows)),
        loss,
        groupColumns(1, cols),
        options,
      );
      const zero = new Float64Array(cols);
      solver.setPenalty({ l1: new Float64Array(cols).fill(0.03), l2: zero, ridge: zero });
      const { status, point } = run(solver.iterates(1e-13), { tol: 1e-13, maxIter: 200 });
      solver.release();
      expect(['converged', 'stalled']).toContain(status);
      const expected = [1, 2, 3].map((k) => glmnet[`multinomial${k}`]);
      const mean = (list: ArrayLike<number>) => Array.from(list).reduce((a, c) => a + c, 0) / K;
      expected.forEach((b, k) => {
        const intercept = point.intercepts[k] - mean(point.intercepts);
        expect(Math.abs(intercept - (b[0] - mean(expected.map((e) => e[0]))))).toBeLessThan(1e-6);
        for (let j = 0; j < cols; j++) expect(Math.abs(point.coef[j * K + k] - b[j + 1])).toBeLessThan(1e-6);
      });
    }
  });

  test('6500 coefficients in one working set: stationary by definition', () => {
    const draw = new Random(8);
    const [rows, cols, K, alpha] = [40, 1300, 5, 0.5];
    const X = DenseMatrix.fromRows(
      Array.from({ length: rows }, () => Array.from({ length: cols }, () => draw.normal())),
    );
    const target = Array.from({ length: rows }, (_, i) => i % K);
    const model = multinomialRegression({ alpha, l1Ratio: 0, tol: 1e-12 }).fit(X, target);
    expect(model.report.certificate?.relative).toBeLessThan(1e-10);
    expect(model.activeFeatures).toHaveLength(cols);
    const prob = model.predictProba(X);
    for (let k = 0; k < K; k++) {
      for (let j = 0; j < cols; j++) {
        const pull = target.reduce((sum, t, i) => sum + (X.get(i, j) * ((t === k ? 1 : 0) - prob.get(i, k))) / rows, 0);
        expect(pull).toBeCloseTo(alpha * model.coef[k][j], 6);
      }
    }
  });

  test('where descent on nearly dependent columns stalls, the second-order finish takes over', () => {
    const draw = new Random(3);
    const [rows, cols] = [900, 600];
    const common = Array.from({ length: rows }, () => draw.normal());
    const X = DenseMatrix.fromRows(common.map((c) => Array.from({ length: cols }, () => c + 0.1 * draw.normal())));
    const weights = Array.from({ length: cols }, () => draw.normal());
    const target = common.map((_, i) => weights.reduce((s, w, j) => s + w * X.get(i, j), 0) + draw.normal());
    const [mixed, newton] = [undefined, 6000].map((gramLimit) => {
      const { problem, release } = groupLasso({ groups: 10, tol: 1e-9, gramLimit }).prepare(X, target);
      const solution = problem.solve(problem.alphaMax / 30_000);
      release();
      return solution;
    });
    expect(mixed.status).toBe('converged');
    expect(mixed.objective / newton.objective).toBeCloseTo(1, 6);
  });
});
