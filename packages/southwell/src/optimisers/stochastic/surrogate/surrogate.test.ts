import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import {
  adamW,
  linearTargets,
  sgd,
  type TargetLoss,
  type TargetModel,
  targetIterates,
  targetOptimize,
  withSurrogate,
} from '../../index.ts';
import { sentence } from '../../testing.ts';
import { Surrogate } from './quadratic.ts';

const random = new Random(5);
const [n, d] = [40, 6];
const X = Array.from({ length: n }, () => Array.from({ length: d }, (_, j) => random.normal() * Math.exp(-j / 2)));
const y = X.map((x) => x[0] - 2 * x[3] + 0.3 * random.normal());
const signs = y.map((v) => Math.sign(v));
const everyone = Int32Array.from({ length: n }, (_, i) => i);

const squared: TargetLoss = {
  smoothness: 1,
  evaluate(z, batch, gradient) {
    let value = 0;
    batch.forEach((i, k) => {
      value += (z[k] - y[i]) ** 2 / 2 / batch.length;
      if (gradient) gradient[k] = z[k] - y[i];
    });
    return value;
  },
};
const logistic: TargetLoss = {
  smoothness: 1 / 4,
  evaluate(z, batch, gradient) {
    let value = 0;
    batch.forEach((i, k) => {
      value += Math.log1p(Math.exp(-signs[i] * z[k])) / batch.length;
      if (gradient) gradient[k] = -signs[i] / (1 + Math.exp(signs[i] * z[k]));
    });
    return value;
  },
};
/** Two layers: z = tanh(x·A)·b. */
const H = 4;
const network: TargetModel = {
  outputs: 1,
  forward(p, batch, z) {
    batch.forEach((i, k) => {
      z[k] = 0;
      for (let h = 0; h < H; h++) {
        z[k] += p[d * H + h] * Math.tanh(X[i].reduce((sum, v, j) => sum + v * p[j * H + h], 0));
      }
    });
  },
  pull(p, batch, v, g) {
    g.fill(0);
    batch.forEach((i, k) => {
      for (let h = 0; h < H; h++) {
        const t = Math.tanh(X[i].reduce((sum, u, j) => sum + u * p[j * H + h], 0));
        g[d * H + h] += v[k] * t;
        for (let j = 0; j < d; j++) g[j * H + h] += v[k] * p[d * H + h] * (1 - t * t) * X[i][j];
      }
    });
  },
};
const weights = (seed: number): Float64Array => {
  const own = new Random(seed);
  return Float64Array.from({ length: d * H + H }, () => 0.7 * own.normal());
};
const meanOf = (loss: TargetLoss, model: TargetModel, p: Float64Array): number => {
  const z = new Float64Array(n);
  model.forward(p, everyone, z);
  return loss.evaluate(z, everyone);
};
const linear = linearTargets(X);
const problem = (loss: TargetLoss, model = linear, start: ArrayLike<number> = new Float64Array(d)) => ({
  examples: n,
  model,
  loss,
  start,
});

describe('a surrogate', () => {
  const surrogateAt = (p: Float64Array, eta: number) => {
    const [z, slope] = [new Float64Array(n), new Float64Array(n)];
    network.forward(p, everyone, z);
    const value = logistic.evaluate(z, everyone, slope);
    return { value, surrogate: new Surrogate(network, everyone, z, slope, eta, 'euclidean') };
  };

  test('lies above the loss wherever η ≤ 1/L, and not of larger ones', () => {
    const at = weights(1);
    const { value, surrogate } = surrogateAt(at, 4);
    const far = surrogateAt(at, 12).surrogate;
    let below = 0;
    for (let k = 0; k < 10_000; k++) {
      const p = weights(k + 10);
      const h = meanOf(logistic, network, p);
      expect(value + surrogate.evaluate(p)).toBeGreaterThanOrEqual(h - 1e-12);
      if (value + far.evaluate(p) < h - 1e-12) below++;
    }
    expect(value + surrogate.evaluate(at)).toBeCloseTo(meanOf(logistic, network, at), 14);
    expect(below).toBeGreaterThan(0);
  });

  test.each(['euclidean', 'kl', 'weights'] as const)('of the divergence %s has the gradient of differences', (kind) => {
    const positive: TargetModel = {
      outputs: 1,
      forward: (p, batch, z) => {
        network.forward(p, batch, z);
        for (let k = 0; k < z.length; k++) z[k] = Math.exp(z[k]);
      },
      pull: (p, batch, v, g) => {
        const z = new Float64Array(v.length);
        network.forward(p, batch, z);
        network.pull(
          p,
          batch,
          v.map((u, k) => u * Math.exp(z[k])),
          g,
        );
      },
    };
    const [z, slope] = [new Float64Array(n), new Float64Array(n)];
    positive.forward(weights(1), everyone, z);
    squared.evaluate(z, everyone, slope);
    const divergence =
      kind === 'weights' ? (at: Float64Array, _: Int32Array, w: Float64Array) => w.set(at.map((v) => v + 0.5)) : kind;
    const surrogate = new Surrogate(positive, everyone, z, slope, 0.7, divergence);
    const p = weights(2);
    const g = new Float64Array(p.length);
    surrogate.evaluate(p, g);
    for (let k = 0; k < p.length; k++) {
      const shifted = (h: number) => surrogate.evaluate(p.map((v, j) => (j === k ? v + h : v)));
      expect(g[k]).toBeCloseTo((shifted(1e-6) - shifted(-1e-6)) / 2e-6, 6);
    }
  });
});

describe('targets', () => {
  test('one inner step of a length is gradient descent, of all examples and of batches', () => {
    for (const batchSize of [n, 8]) {
      const found: number[][] = [];
      for (const it of targetIterates(problem(squared), {
        inner: 'gradient',
        steps: 1,
        length: 0.1,
        batchSize,
        oracleCalls: 12,
        seed: 3,
      })) {
        found.push([...it.snapshot()]);
      }
      const x = new Float64Array(d);
      const perPass = n / batchSize;
      for (let t = 0; t < 12; t++) {
        const order = new Random(3).split(Math.floor(t / perPass)).permutation(n);
        const batch =
          batchSize === n ? everyone : order.slice((t % perPass) * batchSize, ((t % perPass) + 1) * batchSize);
        const g = x.map(
          (_, j) =>
            [...batch].reduce((sum, i) => sum + X[i][j] * (X[i].reduce((s, v, q) => s + v * x[q], 0) - y[i]), 0) /
            batchSize,
        );
        for (let j = 0; j < d; j++) x[j] -= 0.1 * g[j];
        for (let j = 0; j < d; j++) expect(found[t + 1][j]).toBeCloseTo(x[j], 12);
      }
    }
  });

  test('an exact inner solution of squares is least squares in one call; of columns that repeat the shortest change', () => {
    const twice = X.map((row) => [...row, row[0]]);
    const start = Float64Array.from({ length: d + 1 }, (_, j) => j - 2);
    const solution = targetOptimize(problem(squared, linearTargets(twice), start), { inner: 'exact', oracleCalls: 1 });
    const p = solution.point;
    const left = twice.map((row, i) => row.reduce((sum, v, j) => sum + v * p[j], 0) - y[i]);
    for (let j = 0; j < d; j++) expect(left.reduce((sum, r, i) => sum + r * X[i][j], 0)).toBeCloseTo(0, 10);
    // The change has nothing along what the columns do not see.
    expect(p[0] - start[0]).toBeCloseTo(p[d] - start[d], 10);
    expect(solution.status).toBe('completed');
  });

  test('many steps of Armijo and of L-BFGS come to the exact solution of a surrogate', () => {
    const after = (options: object) => targetOptimize(problem(logistic), { oracleCalls: 1, ...options }).point;
    const exact = after({ inner: 'exact' });
    for (const inner of ['armijo', 'lbfgs'] as const) {
      const found = after({ inner, steps: 5000, sufficient: 0.1 });
      for (let j = 0; j < d; j++) expect(found[j]).toBeCloseTo(exact[j], 5);
    }
  });

  test('of all examples the loss never rises, nor does a surrogate', () => {
    for (const inner of ['armijo', 'lbfgs'] as const) {
      let last = Number.POSITIVE_INFINITY;
      for (const it of targetIterates(problem(logistic, network, weights(1)), { inner, steps: 7, oracleCalls: 40 })) {
        expect(it.objective).toBeLessThanOrEqual(last + 1e-15);
        expect(it.metrics!.innerDecrease).toBeGreaterThanOrEqual(0);
        last = it.objective;
      }
    }
  });

  test('probabilities of a table by Kullback and Leibler are multiplied', () => {
    const table: TargetModel = {
      outputs: 3,
      forward(p, _, z) {
        const all = p.reduce((sum, v) => sum + Math.exp(v), 0);
        for (let k = 0; k < 3; k++) z[k] = Math.exp(p[k]) / all;
      },
      pull(p, batch, v, g) {
        const z = new Float64Array(3);
        this.forward(p, batch, z);
        const mean = z.reduce((sum, q, k) => sum + q * v[k], 0);
        for (let k = 0; k < 3; k++) g[k] = z[k] * (v[k] - mean);
      },
    };
    const cost = [1, 0.2, -0.5];
    const loss: TargetLoss = {
      evaluate: (z, _, g) => {
        g?.set(cost);
        return z.reduce((sum, q, k) => sum + q * cost[k], 0);
      },
    };
    const { point } = targetOptimize(
      { examples: 1, model: table, loss, start: [0.3, 0, -0.4] },
      { divergence: 'kl', eta: 0.8, inner: 'lbfgs', steps: 200, oracleCalls: 1 },
    );
    const odds = [0.3, 0, -0.4].map((v, k) => Math.exp(v - 0.8 * cost[k]));
    const all = odds.reduce((a, b) => a + b, 0);
    const z = new Float64Array(3);
    table.forward(point, Int32Array.of(0), z);
    odds.forEach((v, k) => void expect(z[k]).toBeCloseTo(v / all, 6));
  });

  test('rules of η, and calls that trials of the loss cost', () => {
    const etas = (eta: 'sqrt' | 'exp' | 'adagrad' | 'sls', firstEta = 1) => [
      ...targetIterates(problem(squared), { eta, firstEta, steps: 2, oracleCalls: 6, batchSize: 20 }),
    ];
    expect(etas('sqrt').map(({ metrics }) => metrics!.eta)[3]).toBeCloseTo(1 / 2, 12);
    expect(etas('exp').map(({ metrics }) => metrics!.eta)[3]).toBeCloseTo((1 / 6) ** 0.5, 12);
    const falling = etas('adagrad').map(({ metrics }) => metrics!.eta);
    for (let k = 1; k < 6; k++) expect(falling[k]).toBeLessThan(falling[k - 1]);
    // ½‖z − y‖² falls by half of the promise up to η = 1.
    const searched = etas('sls', 3);
    expect(searched[0].metrics!.eta).toBeLessThanOrEqual(1 + 1e-12);
    expect(searched[0].metrics!.eta).toBeGreaterThan(0.9);
    expect(searched[0].work.oracleCalls).toBeGreaterThan(10);
    expect(searched.length).toBeLessThan(4);
  });

  test('what cannot be is a sentence', () => {
    const refused = (more: object, own = problem(squared)) => sentence(() => targetOptimize(own, more));
    expect(refused({ steps: 0 })).toMatch(/steps must be a whole number/);
    expect(refused({ eta: -1 })).toMatch(/eta must be finite and above 0, or one of .* but is -1/);
    expect(refused({ eta: 'best' })).toMatch(/eta must be .* one of 1\/L, .* but is best/);
    expect(refused({ inner: 'exact' }, problem(logistic, network, weights(1)))).toMatch(
      /NOT_SUPPORTED: An exact inner/,
    );
    expect(refused({}, problem({ evaluate: squared.evaluate }))).toMatch(/does not say its smoothness: give eta/);
    expect(refused({ divergence: 'kl' })).toMatch(/'kl' needs outputs above 0, but output 1 is 0/);
    expect(refused({}, { ...problem(squared), examples: 0 })).toMatch(/examples must be a whole number/);
    const hole: TargetLoss = { smoothness: 1, evaluate: () => Number.NaN };
    expect(targetOptimize(problem(hole)).status).toBe('diverged');
    expect(targetOptimize(problem(squared), { oracleCalls: 500, maxIter: 3 }).status).toBe('iteration-limit');
    expect(targetOptimize(problem(squared), { steps: 100, tol: 1e-3 }).status).toBe('converged');
    expect(sentence(() => withSurrogate(sgd({ rate: 1 }), { steps: 2, eta: 0 }))).toMatch(
      /eta must be finite and above 0, but is 0/,
    );
  });
});

test('any optimiser on surrogates: one step is the optimiser, more pay the loss once', () => {
  const run = (steps: number, outer: number): { readonly x: Float64Array; readonly asked: number } => {
    const x = new Float64Array(d);
    const optimiser = withSurrogate(adamW({ rate: 0.05, weightDecay: 0 }), { steps, eta: n });
    const state = optimiser.init(x);
    let asked = 0;
    for (let t = 0; t < outer; t++) {
      const [z, slope] = [new Float64Array(n), new Float64Array(n)];
      linear.forward(x, everyone, z);
      squared.evaluate(z, everyone, slope);
      asked++;
      optimiser.step(state, x, {
        slope: slope.map((v) => v / n),
        forward: (into) => linear.forward(x, everyone, into),
        pull: (v, gradient) => linear.pull(x, everyone, v, gradient as Float64Array),
      });
    }
    return { x, asked };
  };
  const plain = new Float64Array(d);
  const adam = adamW({ rate: 0.05, weightDecay: 0 });
  const state = adam.init(plain);
  for (let t = 0; t < 10; t++) {
    const g = plain.map((_, j) =>
      X.reduce((sum, row, i) => sum + (row[j] * (row.reduce((s, v, q) => s + v * plain[q], 0) - y[i])) / n, 0),
    );
    adam.step(state, plain, g);
  }
  const one = run(1, 10).x;
  for (let j = 0; j < d; j++) expect(one[j]).toBeCloseTo(plain[j], 12);
  expect(meanOf(squared, linear, run(20, 10).x)).toBeLessThan(0.5 * meanOf(squared, linear, one));
});
