import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { checkedParameters, type Penalty, type PenaltyName, penalties } from '../penalties/index.ts';
import { bridgeRegression, type LossName, mcpRegression, penalisedRegression, scadRegression } from './index.ts';

const n = 80;
const p = 12;

function data(seed: number) {
  const random = new Random(seed);
  const rows = Array.from({ length: n }, () =>
    Array.from({ length: p }, () => (random.uniform() < 0.3 ? 0 : random.normal())),
  );
  const signal = rows.map((x) => 1.5 * x[0] - 1.2 * x[1] + 0.8 * x[2]);
  const y = signal.map((s) => s + 0.4 * random.normal());
  const labels = signal.map((s) => (s + random.normal() > 0 ? 1 : 0));
  const counts = signal.map((s) => Math.max(0, Math.round(Math.exp(0.4 * s + 0.5) + 0.3 * random.normal())));
  const positive = signal.map((s) => Math.exp(0.4 * s + 0.3 * random.normal()));
  const cox = { time: positive.map((t) => 1 / t), event: signal.map((_, i) => (i % 4 === 0 ? 0 : 1)) };
  return {
    rows,
    targets: {
      squared: y,
      huber: y,
      quantile: y,
      logistic: labels,
      'squared-hinge': labels,
      poisson: counts,
      gamma: positive,
      tweedie: counts,
      cox,
    },
  };
}

type Data = ReturnType<typeof data>;

/** Mean losses, written from their definitions. */
function meanLoss(loss: LossName, { rows, targets }: Data, b: ArrayLike<number>, intercept: number): number {
  const eta = rows.map((x) => x.reduce((sum, v, j) => sum + v * b[j], intercept));
  const mean = (y: number[], f: (y: number, e: number) => number) => y.reduce((s, v, i) => s + f(v, eta[i]), 0) / n;
  const sign = (y: number) => (y > 0 ? 1 : -1);
  switch (loss) {
    case 'squared':
      return mean(targets.squared, (y, e) => 0.5 * (y - e) ** 2);
    case 'huber':
      return mean(targets.huber, (y, e) => {
        const r = Math.abs(y - e);
        return r <= 0.7 ? 0.5 * r * r : 0.7 * (r - 0.35);
      });
    case 'logistic':
      return mean(targets.logistic, (y, e) => Math.log1p(Math.exp(-sign(y) * e)));
    case 'squared-hinge':
      return mean(targets['squared-hinge'], (y, e) => Math.max(0, 1 - sign(y) * e) ** 2);
    case 'poisson':
      return mean(targets.poisson, (y, e) => Math.exp(e) - y * e);
    case 'gamma':
      return mean(targets.gamma, (y, e) => y * Math.exp(-e) + e);
    case 'tweedie':
      return mean(targets.tweedie, (y, e) => 2 * y * Math.exp(-e / 2) + 2 * Math.exp(e / 2));
    case 'cox': {
      const { time, event } = targets.cox;
      let sum = 0;
      for (let i = 0; i < n; i++) {
        if (event[i] === 0) continue;
        let risk = 0;
        for (let k = 0; k < n; k++) if (time[k] >= time[i]) risk += Math.exp(eta[k]);
        sum += Math.log(risk) - eta[i];
      }
      return sum / n;
    }
    default:
      throw new Error(loss);
  }
}

/** −∂F/∂b_j by central differences. */
function pull(loss: LossName, d: Data, coef: Float64Array, intercept: number, j: number): number {
  const h = 1e-5;
  const at = (t: number) => {
    const b = coef.slice();
    b[j] += t;
    return meanLoss(loss, d, b, intercept);
  };
  return -(at(h) - at(-h)) / (2 * h);
}

const concave = (Object.keys(penalties) as PenaltyName[]).filter((name) => !penalties[name].convex);

/** The record's value at alpha, parameters by default. */
function penaltyAt(name: PenaltyName, alpha: number, b: number): number {
  const penalty: Penalty = penalties[name];
  const { a1, a2, gamma } = penalty.unit(checkedParameters(penalty, {}), alpha, 1);
  return penalty.value(b, a1, a2, gamma, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
}

/** Its slope by central differences. */
const derivative = (name: PenaltyName, alpha: number, b: number): number => {
  const h = 1e-5 * b;
  return (penaltyAt(name, alpha, b + h) - penaltyAt(name, alpha, b - h)) / (2 * h);
};

const make = (type: PenaltyName, loss: LossName, alpha: number) =>
  penalisedRegression({ penalty: { type }, loss, alpha, delta: 0.7, tol: 1e-9 });

const losses = ['squared', 'huber', 'logistic', 'squared-hinge', 'poisson', 'gamma', 'tweedie', 'cox'] as const;
const cases = concave.flatMap((penalty) => losses.map((loss): [PenaltyName, LossName] => [penalty, loss]));

test('the values are those of the papers', () => {
  const at = [0.05, 0.3, 1, 4];
  const [alpha, g, a] = [0.4, 3, 3.7];
  for (const b of at) {
    expect(penaltyAt('mcp', alpha, -b)).toBeCloseTo(
      b <= g * alpha ? alpha * b - b ** 2 / (2 * g) : (g * alpha ** 2) / 2,
      14,
    );
    const middle = (2 * a * alpha * b - b ** 2 - alpha ** 2) / (2 * (a - 1));
    const scad = b <= alpha ? alpha * b : b <= a * alpha ? middle : (alpha ** 2 * (a + 1)) / 2;
    expect(penaltyAt('scad', alpha, b)).toBeCloseTo(scad, 14);
    expect(penaltyAt('l1/2', alpha, b)).toBeCloseTo(alpha * b ** 0.5, 14);
    expect(penaltyAt('l2/3', alpha, -b)).toBeCloseTo(alpha * b ** (2 / 3), 14);
  }
});

test('the named estimators are the general one', () => {
  const d = data(5);
  const fit = (e: { fit: typeof general.fit }) => Array.from(e.fit(d.rows, d.targets.squared).coef);
  const general = penalisedRegression({ penalty: { type: 'mcp', gamma: 2.5 }, alpha: 0.1 });
  expect(fit(mcpRegression({ gamma: 2.5, alpha: 0.1 }))).toEqual(fit(general));
  expect(fit(scadRegression({ alpha: 0.1 }))).toEqual(
    fit(penalisedRegression({ penalty: { type: 'scad' }, alpha: 0.1 })),
  );
  expect(fit(bridgeRegression({ alpha: 0.1, q: '2/3' }))).toEqual(
    fit(penalisedRegression({ penalty: { type: 'l2/3' }, alpha: 0.1 })),
  );
});

test.each(cases)('%s with the %s loss: stationary by definition, and says so', (penalty, loss) => {
  const d = data(4);
  const dense = DenseMatrix.fromRows(d.rows);
  for (const X of [dense, CscMatrix.fromDense(dense)]) {
    for (const alpha of [0.1, 0.03]) {
      const model = make(penalty, loss, alpha).fit(
        X,
        (d.targets[loss as keyof typeof d.targets] ?? d.targets.squared) as never,
      );
      expect(model.status).toBe('converged');
      expect(model.report.certificate?.kind).toBe('kktResidual');
      expect(model.report.message).toMatch(/stationarity residual/);
      // Where nothing enters at the larger alpha, 0 is stationary.
      if (alpha === 0.03) expect(model.activeCount).toBeGreaterThan(0);
      model.coef.forEach((b, j) => {
        const g = pull(loss, d, model.coef, model.intercept, j);
        if (b !== 0) expect(g * Math.sign(b)).toBeCloseTo(derivative(penalty, alpha, Math.abs(b)), 6);
        else if (penalties[penalty].screenable) {
          const h = 1e-9;
          expect(Math.abs(g)).toBeLessThan(penaltyAt(penalty, alpha, h) / h + 1e-6);
        }
      });
    }
  }
});

test('the path and cross-validation of a concave logistic model run, and a wrong loss is named', async () => {
  const d = data(6);
  const cv = await mcpRegression({ loss: 'logistic', gamma: 12 }).crossValidate(d.rows, d.targets.logistic, {
    folds: 4,
    nAlphas: 6,
    eps: 0.1,
  });
  expect(cv.scoring).toBe('logLoss');
  expect(cv.path.models[0].activeCount).toBe(0);
  expect(cv.mean[cv.bestIndex]).toBeLessThan(cv.mean[0]);
  expect(() => scadRegression({ loss: 'logistics' as never })).toThrow(/did you mean logistic/);
});

test.each(['squared', 'logistic'] as const)(
  'MCP and SCAD, %s: a matrix stored sparse ends where the dense one does',
  (loss) => {
    for (const seed of [1, 2, 3]) {
      const random = new Random(seed);
      const rows = Array.from({ length: 300 }, () =>
        Array.from({ length: 60 }, () => (random.uniform() < 0.85 ? 0 : random.normal())),
      );
      const y = rows.map((x) => {
        const signal = 1.5 * x[0] - 1.2 * x[1] + 0.8 * x[2] + x[3] + random.normal();
        return loss === 'squared' ? signal : signal > 0 ? 1 : 0;
      });
      const dense = DenseMatrix.fromRows(rows);
      const sparse = CscMatrix.fromDense(dense);
      for (const [make, gamma] of [
        [mcpRegression, 10],
        [scadRegression, 3.7],
      ] as const) {
        const alpha = 0.3 * make({ loss }).alphaMax(dense, y);
        const fit = (X: DenseMatrix | CscMatrix) => make({ loss, alpha, gamma, tol: 1e-9 }).fit(X, y).report.objective;
        const objective = fit(dense);
        expect(Math.abs(fit(sparse) - objective)).toBeLessThanOrEqual(1e-8 * objective);
      }
    }
  },
);
