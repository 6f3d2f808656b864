import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupLasso, lasso, poissonRegression } from '../index.ts';
import { dualScale, softNorm } from '../solvers/groups/penalty.ts';
import { largestEigenvalue } from '../solvers/groups/quadratic.ts';

const n = 40;
const p = 12;
const groups = ['a', 'b', 'a', 'c', 'c', 'c', 'b', 'd', 'a', 'e', 'e', 'd'];

/** Rows with some sparsity and a shifted mean, targets of every kind. */
function data(seed: number) {
  const random = new Random(seed);
  const rows = Array.from({ length: n }, () =>
    Array.from({ length: p }, (_, j) => (random.uniform() < 0.3 ? 0 : random.normal() + (j % 4))),
  );
  const eta = rows.map((x) => x[0] - 0.7 * x[2] + 0.5 * x[8] + 0.4 * x[3] - 0.3 * x[7]);
  const y = eta.map((e) => 1 + e + 0.3 * random.normal());
  const labels = eta.map((e) => (e + random.normal() > 0.5 ? 1 : 0));
  const counts = eta.map((e) => Math.floor(Math.exp(0.3 * e + random.uniform())));
  return { rows, y, labels, counts };
}

type LossName = 'squared' | 'logistic' | 'poisson';
const pull: Record<LossName, (y: number, e: number) => number> = {
  squared: (y, e) => y - e,
  logistic: (y, e) => y - 1 / (1 + Math.exp(-e)),
  poisson: (y, e) => y - Math.exp(e),
};

/** Distance of 0 to the subdifferential at (b, b0), from the definition. */
function kkt(
  name: LossName,
  rows: number[][],
  y: number[],
  b: ArrayLike<number>,
  b0: number,
  alpha: number,
  l1Ratio: number,
  w: number[],
  offset?: number[],
) {
  const total = w.reduce((a, c) => a + c, 0);
  const r = rows.map((x, i) => {
    const eta = x.reduce((sum, v, j) => sum + v * b[j], b0 + (offset?.[i] ?? 0));
    return (w[i] / total) * pull[name](y[i], eta);
  });
  let worst = Math.abs(r.reduce((a, c) => a + c, 0));
  for (const label of new Set(groups)) {
    const at = groups.flatMap((g, j) => (g === label ? [j] : []));
    const g = at.map((j) => rows.reduce((sum, x, i) => sum + x[j] * r[i], 0));
    const [l1, l2] = [alpha * l1Ratio, alpha * (1 - l1Ratio) * Math.sqrt(at.length)];
    const norm = Math.hypot(...at.map((j) => b[j]));
    if (norm === 0) {
      worst = Math.max(worst, Math.hypot(...g.map((x) => Math.max(Math.abs(x) - l1, 0))) - l2);
      continue;
    }
    at.forEach((j, t) => {
      const rest = g[t] - (l2 * b[j]) / norm;
      worst = Math.max(worst, b[j] === 0 ? Math.abs(rest) - l1 : Math.abs(rest - l1 * Math.sign(b[j])));
    });
  }
  return worst;
}

const cases = (['squared', 'logistic', 'poisson'] as const).flatMap((loss) =>
  [0, 0.4, 1].flatMap((l1Ratio) => [0.3, 0.03].map((ratio) => [loss, l1Ratio, ratio] as const)),
);

test.each(cases)(
  '%s, l1Ratio %d, %d of alphaMax: stationary by definition, dense and sparse',
  (loss, l1Ratio, ratio) => {
    const { rows, y, labels, counts } = data(3);
    const target = { squared: y, logistic: labels, poisson: counts }[loss];
    const dense = DenseMatrix.fromRows(rows);
    const sampleWeight = rows.map((_, i) => 0.5 + (i % 3));
    const offset = rows.map((_, i) => 0.1 * ((i % 5) - 2));
    for (const X of [dense, CscMatrix.fromDense(dense)]) {
      const base = { groups, loss, l1Ratio, tol: 1e-13 };
      const problem = groupLasso(base).prepare(X, target, { sampleWeight, offset });
      const alpha = ratio * problem.alphaMax;
      problem.release();
      const model = groupLasso({ ...base, alpha }).fit(X, target, { sampleWeight, offset });
      expect(model.report.certificate?.relative).toBeLessThan(1e-9);
      const residual = kkt(loss, rows, target, model.coef, model.intercept, alpha, l1Ratio, sampleWeight, offset);
      expect(residual).toBeLessThan(2e-6 * alpha);
    }
  },
);

test.each(['squared', 'logistic'] as const)('%s: nothing above alphaMax, something below', (loss) => {
  const { rows, y, labels } = data(5);
  const target = loss === 'squared' ? y : labels;
  for (const l1Ratio of [0, 0.3, 1]) {
    const problem = groupLasso({ groups, loss, l1Ratio, tol: 1e-12 }).prepare(rows, target).problem;
    expect(problem.solve(1.0001 * problem.alphaMax).point.coef.every((b) => b === 0)).toBe(true);
    expect(problem.solve(0.999 * problem.alphaMax).point.coef.some((b) => b !== 0)).toBe(true);
    problem.release();
  }
});

test('singleton groups, and l1Ratio 1, are the lasso', () => {
  const { rows, y } = data(7);
  const expected = lasso({ alpha: 0.1, tol: 1e-14 }).fit(rows, y);
  for (const options of [{ groups: 1 }, { groups, l1Ratio: 1 }]) {
    const model = groupLasso({ alpha: 0.1, tol: 1e-14, ...options }).fit(rows, y);
    expected.coef.forEach((b, j) => {
      expect(model.coef[j]).toBeCloseTo(b, 7);
    });
    expect(model.intercept).toBeCloseTo(expected.intercept, 7);
  }
});

test('an orthonormal design has the closed form (1 − alpha·w·n/‖z‖)₊z', () => {
  const m = 8;
  const random = new Random(2);
  const rows = Array.from({ length: m }, (_, i) => Array.from({ length: m }, (_, j) => (i === j ? 1 : 0)));
  const y = rows.map(() => 3 * random.normal());
  const alpha = 0.2;
  const model = groupLasso({ alpha, groups: 2, fitIntercept: false, tol: 1e-14 }).fit(rows, y);
  for (let g = 0; g < m; g += 2) {
    const norm = Math.hypot(y[g], y[g + 1]);
    const shrink = Math.max(0, 1 - (alpha * Math.SQRT2 * m) / norm);
    expect(model.coef[g]).toBeCloseTo(shrink * y[g], 8);
    expect(model.coef[g + 1]).toBeCloseTo(shrink * y[g + 1], 8);
  }
});

test('the objective is that of a long run of accelerated proximal gradients', () => {
  const { rows, y } = data(11);
  const alpha = 0.15;
  const l1Ratio = 0.3;
  const lists = [...new Set(groups)].map((label) => groups.flatMap((g, j) => (g === label ? [j] : [])));
  const objective = (b: number[]) => {
    let sum = 0;
    rows.forEach((x, i) => {
      sum += (y[i] - x.reduce((s, v, j) => s + v * b[j], 0)) ** 2 / (2 * n);
    });
    for (const at of lists) {
      sum += alpha * (1 - l1Ratio) * Math.sqrt(at.length) * Math.hypot(...at.map((j) => b[j]));
      for (const j of at) sum += alpha * l1Ratio * Math.abs(b[j]);
    }
    return sum;
  };
  const L = rows.reduce((s, x) => s + x.reduce((a, v) => a + v * v, 0), 0) / n;
  let b = new Array<number>(p).fill(0);
  let z = b;
  let t = 1;
  for (let k = 0; k < 20000; k++) {
    const r = rows.map((x, i) => y[i] - x.reduce((s, v, j) => s + v * z[j], 0));
    const u = z.map((v, j) => v + rows.reduce((s, x, i) => s + x[j] * r[i], 0) / (n * L));
    const next = new Array<number>(p).fill(0);
    for (const at of lists) {
      const soft = at.map((j) => Math.sign(u[j]) * Math.max(Math.abs(u[j]) - (alpha * l1Ratio) / L, 0));
      const norm = Math.hypot(...soft);
      const shrink = norm > 0 ? Math.max(0, 1 - (alpha * (1 - l1Ratio) * Math.sqrt(at.length)) / (L * norm)) : 0;
      at.forEach((j, i) => {
        next[j] = shrink * soft[i];
      });
    }
    const tn = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
    z = next.map((v, j) => v + ((t - 1) / tn) * (v - b[j]));
    b = next;
    t = tn;
  }
  const model = groupLasso({ alpha, l1Ratio, groups, fitIntercept: false, tol: 1e-13 }).fit(rows, y);
  expect(objective([...model.coef])).toBeLessThan(objective(b) + 1e-10);
  expect(model.report.objective).toBeCloseTo(objective([...model.coef]), 10);
});

test('a weight of 0 leaves a group unpenalised; poisson with singletons agrees with the separable solver', () => {
  const { rows, y, counts } = data(13);
  const free = groupLasso({ alpha: 100, groups, groupWeights: [0, 1, 1, 1, 1], tol: 1e-12 }).fit(rows, y);
  const alone = rows.map((x) => [x[0], x[2], x[8]]);
  const ols = lasso({ alpha: 0, tol: 1e-14 }).fit(alone, y);
  expect(free.activeCount).toBe(3);
  [0, 2, 8].forEach((j, t) => {
    expect(free.coef[j]).toBeCloseTo(ols.coef[t], 5);
  });
  const one = poissonRegression({ alpha: 0.05, tol: 1e-13 }).fit(rows, counts);
  const other = groupLasso({ alpha: 0.05, groups: 1, loss: 'poisson', tol: 1e-13 }).fit(rows, counts);
  one.coef.forEach((b, j) => {
    expect(other.coef[j]).toBeCloseTo(b, 6);
  });
});

test('a path descends from nothing, converges, and constant columns stay out', () => {
  const { rows, y } = data(17);
  const X = rows.map((x) => x.map((v, j) => (j === 4 ? 2 : v)));
  const path = groupLasso({ groups, tol: 1e-9 }).path(X, y, { nAlphas: 20 });
  expect(path.status).toBe('converged');
  expect(path.models).toHaveLength(20);
  expect(path.models[0].activeCount).toBe(0);
  for (const model of path.models) for (const b of model.coef) expect(Object.is(b, -0)).toBe(false);
  for (let k = 1; k < 20; k++) expect(path.devianceRatio[k]).toBeGreaterThanOrEqual(path.devianceRatio[k - 1] - 1e-9);
  expect(Math.abs(path.models[19].coef[4])).toBeLessThan(1e-9);
});

test.each(['squared', 'logistic'] as const)(
  '%s: descent on the columns, where the Gram matrix would be too large',
  (loss) => {
    const random = new Random(23);
    const rows = Array.from({ length: 50 }, () => Array.from({ length: 30 }, () => random.normal() + 1));
    const target = rows.map((x) => (loss === 'squared' ? x[0] - x[1] + random.normal() : x[0] - x[1] > 0 ? 1 : 0));
    const dense = DenseMatrix.fromRows(rows);
    for (const X of [dense, CscMatrix.fromDense(dense)]) {
      const options = { groups: 3, alpha: 0.02, l1Ratio: 0.2, loss, tol: 1e-11 };
      const model = groupLasso(options).fit(X, target);
      const small = groupLasso({ ...options, gramLimit: 6 }).fit(X, target);
      expect(small.report.certificate?.relative).toBeLessThan(1e-9);
      expect(small.activeCount).toBeGreaterThan(6);
      model.coef.forEach((b, j) => {
        expect(small.coef[j]).toBeCloseTo(b, 4);
      });
    }
  },
);

test('wrong input is refused in words', () => {
  const { rows, y } = data(1);
  expect(() => groupLasso({ groups: [1, 2] }).fit(rows, y)).toThrow(/12 columns but groups/);
  expect(() => groupLasso({ groups: 0 }).fit(rows, y)).toThrow(/size of groups/);
  expect(() => groupLasso({ groups, l1Ratio: 2 }).fit(rows, y)).toThrow(/l1Ratio/);
  expect(() => groupLasso({ groups, groupWeights: [1] }).fit(rows, y)).toThrow(/5 groups but 1/);
  expect(() => groupLasso({ groups, alpha: -1 }).fit(rows, y)).toThrow(/alpha/);
});

const real = fc.double({ min: -10, max: 10, noNaN: true });
test('dualScale solves ‖S(su, l1)‖ = l2', () => {
  const positive = fc.double({ min: 1e-3, max: 10, noNaN: true });
  fc.assert(
    fc.property(fc.array(real, { minLength: 1, maxLength: 9 }), positive, positive, (u, l1, l2) => {
      fc.pre(Math.hypot(...u) > 1e-3);
      const s = dualScale(u, 0, u.length, l1, l2);
      const scaled = u.map((x) => s * x);
      expect(softNorm(scaled, 0, u.length, l1)).toBeCloseTo(l2, 7);
    }),
  );
});

test('largestEigenvalue bounds xᵀAx/xᵀx from above, and not by much', () => {
  const random = new Random(4);
  for (const k of [1, 2, 10, 64, 90]) {
    const B = Array.from({ length: k }, () => Float64Array.from({ length: k + 3 }, () => random.normal()));
    const A = B.map((r) => B.map((c) => r.reduce((s, v, i) => s + v * c[i], 0)));
    let x = new Float64Array(k).fill(1).map(() => random.normal());
    let lambda = 0;
    for (let step = 0; step < 3000; step++) {
      const y = Float64Array.from(A, (r) => r.reduce((s, v, i) => s + v * x[i], 0));
      lambda = Math.sqrt(y.reduce((s, v) => s + v * v, 0));
      x = y.map((v) => v / lambda);
    }
    const bound = largestEigenvalue(k, (r, c) => A[r][c]);
    expect(bound).toBeGreaterThanOrEqual(lambda * (1 - 1e-9));
    expect(bound).toBeLessThan(1.12 * lambda);
  }
});

test('constant and empty columns stay at exactly zero in groups that enter', () => {
  const random = new Random(9);
  const rows = Array.from({ length: 50 }, () =>
    Array.from({ length: 6 }, (_, j) => (j === 1 ? 3.7 : j === 5 ? 0 : random.normal() + 100)),
  );
  const y = rows.map((x) => x[0] + x[3] + 0.1 * random.normal());
  const dense = DenseMatrix.fromRows(rows);
  for (const X of [dense, CscMatrix.fromDense(dense)]) {
    for (const gramLimit of [0, 100]) {
      for (const standardize of [false, true]) {
        const model = groupLasso({ groups: 3, alpha: 0.01, gramLimit, standardize }).fit(X, y);
        expect(model.status).toBe('converged');
        expect([model.coef[1], model.coef[5]]).toEqual([0, 0]);
        expect(model.activeCount).toBe(4);
      }
    }
  }
});
