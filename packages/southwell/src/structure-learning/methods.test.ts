import { DenseMatrix } from '@southwell/numerics/arrays';
import { type Iterate, Random, run } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { type BootstrapState, bootstrapEdges, bootstrapIterates } from './bootstrap.ts';
import { exponentialAcyclicity, logDetAcyclicity } from './continuous/acyclicity.ts';
import { type ColideOptions, colide, colideIterates, dagma } from './continuous/colide.ts';
import { golem } from './continuous/golem.ts';
import { notears, notearsIterates } from './continuous/notears.ts';
import { edgesOf, isAcyclic, topologicalOrder } from './graphs/graphs.ts';
import { graphMetrics } from './graphs/metrics.ts';
import { semCovariance, simulateGraph, simulateSem } from './graphs/simulate.ts';
import { type Moments, moments, populationMoments } from './moments.ts';
import { exactOrder } from './orders/exactOrder.ts';
import { OrderFactor, orderScore } from './orders/orderFactor.ts';
import { improveDag, refined, topo, topoIterates } from './orders/topo.ts';
import { binarySamples, type Samples, samples } from './samples.ts';

const square = (d: number, entry: (i: number, j: number) => number): DenseMatrix => {
  const A = DenseMatrix.create(d, d);
  for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) A.set(i, j, entry(i, j));
  return A;
};
/** ½tr[(I−W)ᵀC(I−W)] by columns, plainly. */
const residual = (C: DenseMatrix, W: DenseMatrix, j: number): number => {
  const d = C.rows;
  const v = Array.from({ length: d }, (_, i) => (i === j ? 1 : 0) - W.get(i, j));
  let sum = 0;
  for (let a = 0; a < d; a++) for (let b = 0; b < d; b++) sum += v[a] * C.get(a, b) * v[b];
  return sum;
};

describe('acyclicity', () => {
  const random = new Random(1);
  const small = square(5, () => 0.3 * random.normal());
  test.each([
    ['log-det', (W: DenseMatrix) => logDetAcyclicity(W, 1.1)],
    ['exponential', exponentialAcyclicity],
  ])('%s: the gradient is that of finite differences', (_, h) => {
    const { gradient } = h(small);
    for (let k = 0; k < 25; k++) {
      const at = (step: number) => {
        const W = DenseMatrix.fromColumnMajor(small.data, 5, 5);
        W.data[k] += step;
        return h(W).h;
      };
      expect(gradient.data[k]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 7);
    }
  });

  test('closed forms: none on graphs without cycles, that of a 2-cycle', () => {
    const dag = simulateGraph({ nodes: 40, edges: 200, seed: 1 });
    expect(Math.abs(logDetAcyclicity(dag, 0.9).h)).toBeLessThan(1e-10);
    expect(Math.abs(exponentialAcyclicity(simulateGraph({ nodes: 8, edges: 12, seed: 1 })).h)).toBeLessThan(1e-10);
    const [a, b] = [0.7, 0.9];
    const cycle = DenseMatrix.fromRows([
      [0, a],
      [b, 0],
    ]);
    expect(logDetAcyclicity(cycle).h).toBeCloseTo(-Math.log(1 - a * a * b * b), 14);
    expect(exponentialAcyclicity(cycle).h).toBeCloseTo(2 * Math.cosh(a * b) - 2, 14);
    expect(
      logDetAcyclicity(
        DenseMatrix.fromRows([
          [0, 2],
          [2, 0],
        ]),
      ).h,
    ).toBe(Infinity);
  });
});

const truth = simulateGraph({ nodes: 8, edges: 12, seed: 5 });
const X = simulateSem(truth, { n: 400, seed: 6, variances: 0.5 });
const short: ColideOptions = { iterations: 2000, lastIterations: 3000 };

describe('CoLiDE', () => {
  test.each(['none', 'equal', 'unequal'] as const)(
    '%s: the objective of an iterate is the formula at its point',
    (variance) => {
      const data = moments(X);
      const { C, d } = data;
      let seen = 0;
      for (const it of colideIterates(data, { ...short, variance, lambda: 0.07 })) {
        if (it.iteration % 700 !== 0 || it.iteration === 0) continue;
        const { W, sigma } = it.snapshot();
        let score = 0;
        for (let j = 0; j < d; j++) {
          const q = residual(C, W, j);
          const scale = sigma![j];
          score += variance === 'none' ? q / 2 : q / (2 * scale) + scale / 2;
          // The scale is the minimiser: for unequal noise column by column.
          if (variance === 'unequal') expect(scale).toBeCloseTo(Math.sqrt(q), 10);
          if (variance === 'none') expect(scale).toBeCloseTo(Math.sqrt(q), 10);
        }
        if (variance === 'equal') {
          const S = (t: number) => (score - (d * sigma![0]) / 2) * (sigma![0] / t) + (d * t) / 2;
          for (const factor of [0.99, 1.01]) expect(S(sigma![0] * factor)).toBeGreaterThan(score);
        }
        for (const w of W.data) score += 0.07 * Math.abs(w);
        expect(it.score / score).toBeCloseTo(1, 11);
        const s = [1, 0.9, 0.8, 0.7][it.stage];
        const { h } = logDetAcyclicity(W, s);
        expect(it.objective / (10 ** -it.stage * score + h)).toBeCloseTo(1, 10);
        seen++;
      }
      expect(seen).toBeGreaterThan(5);
    },
  );

  test.each(['none', 'equal', 'unequal'] as const)(
    '%s: the first step of Adam goes against the gradient of the objective (by finite differences)',
    (variance) => {
      // With a tiny step, W after one iteration is −step·sign(gradient at 0) where the smooth gradient is not 0.
      const C = moments(X).C;
      const { W } = colide(X, { variance, lambda: 0, s: [1], lastIterations: 1, learningRate: 1e-9 });
      const sd = Array.from({ length: 8 }, (_, j) => Math.sqrt(C.get(j, j)));
      const scale = (j: number) => ({ none: 1, equal: Math.min(...sd), unequal: sd[j] })[variance];
      const f = (V: DenseMatrix) => {
        let sum = 0;
        for (let j = 0; j < 8; j++) sum += residual(C, V, j) / (2 * scale(j));
        return sum + logDetAcyclicity(V, 1).h;
      };
      for (let k = 0; k < 64; k++) {
        const at = (step: number) => {
          const V = DenseMatrix.create(8, 8);
          V.data[k] = step;
          return f(V);
        };
        const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        if (Math.abs(slope) > 1e-3) expect(W.data[k] / 1e-9).toBeCloseTo(-Math.sign(slope), 3);
      }
    },
  );

  test('on the covariance of a population it finds graph and scale', () => {
    const data = populationMoments(semCovariance(truth, 2));
    const equal = colide(data, { variance: 'equal', lambda: 0.02 });
    expect(graphMetrics(truth, equal.dag).shd).toBe(0);
    expect(equal.sigma![0] ** 2 / 2).toBeCloseTo(1, 1);
    expect(equal.status).toBe('converged');
    const ls = dagma(data);
    expect(graphMetrics(truth, ls.dag).shd).toBe(0);
  }, 60_000);

  // From the authors' algorithm written out in NumPy: 1500 iterations a stage, 2000 in the last.
  test.each([
    [
      'none',
      [
        0.005692130661, 0.037837160135, -0.026074061209, 0.327033129242, 0.006283929075, 0.088862724322,
        -0.257236548935, 0.071337180187, 0.004023628529,
      ],
    ],
    [
      'equal',
      [
        0.005463322852, 0.062511433021, -0.035306528765, 0.243564869393, 0.00543612214, 0.077943228666, -0.20630059743,
        0.078429229644, 0.003536952734,
      ],
    ],
    [
      'unequal',
      [
        0.005405592909, 0.092831443613, -0.229376152131, 0.179832770353, 0.005001507044, 0.236809301526, -0.0251428801,
        0.01305397026, 0.003897246392,
      ],
    ],
  ] as const)('%s: W of an independent implementation', (variance, rows) => {
    const data = populationMoments([
      [2, 1.2, -0.5],
      [1.2, 1.7, 0.3],
      [-0.5, 0.3, 1.1],
    ]);
    const { W } = colide(data, { variance, lambda: 0.05, s: [1, 0.9, 0.8], iterations: 1500, lastIterations: 2000 });
    for (let k = 0; k < 9; k++) expect(Math.abs(W.get(Math.floor(k / 3), k % 3) - rows[k])).toBeLessThan(2e-12);
  });

  test('the smooth score of the true graph is stationary on its support at the population, and its scale exact', () => {
    const C = semCovariance(truth, 2);
    for (let j = 0; j < 8; j++) {
      expect(residual(C, truth, j)).toBeCloseTo(2, 10);
      for (let i = 0; i < 8; i++) {
        if (truth.get(i, j) === 0) continue;
        const V = DenseMatrix.fromColumnMajor(truth.data, 8, 8);
        V.set(i, j, truth.get(i, j) + 1e-4);
        const up = residual(C, V, j);
        V.set(i, j, truth.get(i, j) - 1e-4);
        expect(Math.abs(up - residual(C, V, j)) / 2e-4).toBeLessThan(1e-6);
      }
    }
  });

  test('units: data times c with λ·c and μ/c take the same way (equal noise)', () => {
    const c = 4; // a power of two: no rounding
    const scaled = DenseMatrix.fromColumnMajor(
      X.data.map((v) => c * v),
      X.rows,
      X.cols,
    );
    const one = colide(X, { ...short, variance: 'equal', lambda: 0.05, mu: 1 });
    const other = colide(scaled, { ...short, variance: 'equal', lambda: 0.05 * c, mu: 1 / c });
    for (let k = 0; k < 64; k++) expect(Math.abs(one.W.data[k] - other.W.data[k])).toBeLessThan(1e-9);
    expect(other.sigma![0] / one.sigma![0]).toBeCloseTo(c, 9);
  });

  test('names of nodes do not matter', () => {
    const p = new Random(3).permutation(8);
    const Y = DenseMatrix.create(400, 8);
    p.forEach((to, from) => {
      Y.column(to).set(X.column(from));
    });
    // Sums in another order round otherwise; L-BFGS then ends elsewhere within its tolerance.
    for (const [learn, tol] of [
      [(Z: DenseMatrix) => colide(Z, { ...short, variance: 'unequal' }), 1e-6],
      [(Z: DenseMatrix) => notears(Z), 5e-3],
    ] as const) {
      const [a, b] = [learn(X), learn(Y)];
      for (let i = 0; i < 8; i++) {
        for (let j = 0; j < 8; j++) {
          expect(b.dag.get(p[i], p[j]) !== 0).toBe(a.dag.get(i, j) !== 0);
          expect(Math.abs(b.W.get(p[i], p[j]) - a.W.get(i, j))).toBeLessThan(tol);
        }
      }
    }
  });

  test('leaving the domain: large steps halve themselves or begin the stage anew, and the graph is found all the same', () => {
    // s of 1 halves within the stage; s of 0.9 begins anew.
    for (const s of [
      [1, 0.9],
      [0.9, 0.8],
    ]) {
      const fit = run(
        colideIterates(moments(X), {
          variance: 'equal',
          s,
          mu: 1,
          learningRate: 0.5,
          iterations: 3000,
          lastIterations: 20_000,
        }),
      );
      expect(Number.isFinite(fit.objective)).toBe(true);
      expect(logDetAcyclicity(fit.point.W, 1).h).toBeLessThan(1);
    }
    let restarts = 0;
    for (const it of colideIterates(moments(X), {
      variance: 'equal',
      s: [0.9],
      learningRate: 0.5,
      lastIterations: 2000,
    }))
      restarts = it.restarts;
    expect(restarts).toBeGreaterThan(0);
  });

  test('stops where it is told to, with the point so far', () => {
    const controller = new AbortController();
    const fit = colide(X, { signal: controller.signal, onIterate: (it) => it.iteration >= 500 && controller.abort() });
    expect(fit.status).toBe('aborted');
    expect(fit.iterations).toBeLessThan(1000);
    expect(fit.W.data.some((w) => w !== 0)).toBe(true);
  });
});

describe('orders', () => {
  const random = new Random(8);
  const data = (seed: number, d: number, edges: number, n = 300) => {
    const W = simulateGraph({ nodes: d, edges, seed });
    return { W, m: moments(simulateSem(W, { n, seed: seed + 50 }), { centre: false }) };
  };

  /** Gauss elimination for one node on its predecessors. */
  function plainScore(C: DenseMatrix, order: ArrayLike<number>): number {
    let sum = 0;
    for (let p = 0; p < order.length; p++) {
      const nodes = Array.from(order).slice(0, p + 1);
      const A = nodes.map((a) => nodes.map((b) => C.get(a, b)));
      for (let k = 0; k < p; k++) {
        for (let i = k + 1; i <= p; i++) {
          const f = A[i][k] / A[k][k];
          for (let c = k; c <= p; c++) A[i][c] -= f * A[k][c];
        }
      }
      sum += A[p][p] / 2;
    }
    return sum;
  }

  test('scores, swaps and batches equal full refits', () => {
    const { m } = data(1, 12, 24);
    const factor = new OrderFactor(m.C, random.permutation(12));
    expect(factor.score()).toBeCloseTo(plainScore(m.C, factor.order), 10);
    for (let a = 0; a < 12; a++) {
      for (let b = a + 1; b < 12; b++) {
        const swapped = factor.order.slice();
        [swapped[a], swapped[b]] = [swapped[b], swapped[a]];
        const exact = plainScore(m.C, swapped) - factor.score();
        expect(Math.abs(factor.swapGain(a, b) - exact)).toBeLessThan(1e-10 * factor.score());
      }
    }
    const pairs = [
      [0, 3],
      [4, 5],
      [7, 11],
    ] as const;
    const gains = pairs.reduce((sum, [a, b]) => sum + factor.swapGain(a, b), 0);
    const before = factor.score();
    factor.swap(pairs);
    expect(Math.abs(factor.score() - before - gains)).toBeLessThan(1e-9);
    expect(factor.score()).toBeCloseTo(plainScore(m.C, factor.order), 10);
    // The weights are the regressions: residuals are uncorrelated with all predecessors.
    const W = factor.weights();
    let sum = 0;
    for (let j = 0; j < 12; j++) sum += residual(m.C, W, j) / 2;
    expect(sum).toBeCloseTo(factor.score(), 10);
    expect(topologicalOrder(W)).toEqual(factor.order);
  });

  test('the true order is best at the population with equal noise: half of one a node', () => {
    const W = simulateGraph({ nodes: 9, edges: 20, seed: 2 });
    const C = semCovariance(W);
    expect(orderScore(C, topologicalOrder(W)!)).toBeCloseTo(4.5, 10);
    expect(exactOrder(populationMoments(C)).score).toBeCloseTo(4.5, 10);
    expect(topo(populationMoments(C), { seed: 1, small: 36 }).objective).toBeCloseTo(4.5, 8);
  });

  test('dynamic programming equals all orders; with a price of edges all graphs', () => {
    const { m } = data(3, 5, 6, 60);
    const orders = permutations(5);
    expect(exactOrder(m).score).toBeCloseTo(Math.min(...orders.map((o) => plainScore(m.C, o))), 10);
    // Price: for each order the best parents of each node by trying all subsets.
    const price = 0.05;
    let best = Infinity;
    for (const order of orders) {
      let sum = 0;
      order.forEach((node, p) => {
        let least = Infinity;
        for (let S = 0; S < 1 << p; S++) {
          const set = order.slice(0, p).filter((_, k) => S & (1 << k));
          const own = plainScore(m.C, [...set, node]) - (set.length > 0 ? plainScore(m.C, set) : 0);
          least = Math.min(least, own + price * set.length);
        }
        sum += least;
      });
      best = Math.min(best, sum);
    }
    const exact = exactOrder(m, { edgePenalty: price });
    expect(exact.score).toBeCloseTo(best, 10);
    let again = 0;
    for (let j = 0; j < 5; j++) again += residual(m.C, exact.W, j) / 2;
    expect(again + price * exact.W.data.filter((w) => w !== 0).length).toBeCloseTo(best, 10);
    expect(() => exactOrder(populationMoments(square(16, (i, j) => (i === j ? 1 : 0))))).toThrow(/15/);
  });

  test('ends at orders that no swap improves; the best of ten starts is the best of all orders in 95 % of cases', () => {
    let hits = 0;
    for (let k = 0; k < 40; k++) {
      const { m } = data(100 + k, 6, 8, 40);
      const exact = exactOrder(m).score;
      let best = Infinity;
      for (let start = 0; start < 10; start++) {
        const fit = topo(m, { seed: start, small: 15, large: 15 });
        best = Math.min(best, fit.objective);
        const factor = new OrderFactor(m.C, fit.order);
        for (let a = 0; a < 6; a++)
          for (let b = a + 1; b < 6; b++) expect(factor.swapGain(a, b)).toBeGreaterThan(-1e-10);
        for (let t = 1; t < fit.trace.length; t++)
          expect(fit.trace[t].objective).toBeLessThanOrEqual(fit.trace[t - 1].objective);
      }
      expect(best).toBeGreaterThan(exact - 1e-10);
      if (best < exact + 1e-9) hits++;
    }
    expect(hits).toBeGreaterThanOrEqual(38);
  });

  test('relabelled data and start give the relabelled order', () => {
    const { m } = data(7, 9, 18);
    const p = random.permutation(9);
    const C = DenseMatrix.create(9, 9);
    for (let i = 0; i < 9; i++) for (let j = 0; j < 9; j++) C.set(p[i], p[j], m.C.get(i, j));
    const start = random.permutation(9);
    const a = topo(m, { order: start });
    const b = topo(populationMoments(C), { order: start.map((v) => p[v]) });
    expect(b.order).toEqual(a.order.map((v) => p[v]));
  });

  test('improves what another method left, and never makes it worse', () => {
    const { m, W } = data(4, 10, 20, 1000);
    const left = notears(m, { lambda: 0 });
    const better = improveDag(left.W, m, { small: 45, large: 45 });
    expect(better.objective).toBeLessThanOrEqual(orderScore(m.C, left.order) + 1e-12);
    expect(better.objective).toBeLessThanOrEqual(orderScore(m.C, topologicalOrder(W)!) + 0.01);
    // The same as one method after the other.
    const both = run(
      refined(
        (data: Moments) => notearsIterates(data, { lambda: 0 }),
        (data, { order }) => topoIterates(data, { order, small: 45, large: 45 }),
      )(m),
    );
    expect(both.objective).toBe(better.objective);
    expect(both.iterations).toBe(left.iterations + better.iterations);
    expect(both.status).toBe('converged');
    // Cycles are no obstacle.
    expect(
      improveDag(
        square(10, (i, j) => (i === j ? 0 : i + 0.1 * j)),
        m,
      ).status,
    ).toBe('converged');
  });
});

const permutations = (d: number): number[][] =>
  d === 0
    ? [[]]
    : permutations(d - 1).flatMap((rest) => Array.from({ length: d }, (_, k) => rest.toSpliced(k, 0, d - 1)));

test('NOTEARS: acyclic graphs without loops, mostly the right ones at the population', () => {
  let right = 0;
  for (let seed = 0; seed < 5; seed++) {
    const W = simulateGraph({ nodes: 7, edges: 8, seed });
    const fit = notears(populationMoments(semCovariance(W)), { lambda: 0.02 });
    if (graphMetrics(W, fit.dag).shd === 0) right++;
    expect(exponentialAcyclicity(fit.W).h).toBeLessThanOrEqual(1e-8);
    for (let j = 0; j < 7; j++) expect(fit.W.get(j, j)).toBe(0);
    expect(fit.status).toBe('converged');
  }
  expect(right).toBeGreaterThanOrEqual(3);
});

test('bootstrap: shares of samples, the same for the same seed, and what there is when stopped', () => {
  const method = (m: ReturnType<typeof moments>): Iterable<Iterate<{ W: DenseMatrix }>> => topoIterates(m, { seed: 1 });
  const shares = bootstrapEdges(X, method, { resamples: 10, seed: 3 });
  for (const v of shares.data) expect([0, 1].includes(v) || Math.abs(v * 10 - Math.round(v * 10)) < 1e-12).toBe(true);
  expect(bootstrapEdges(X, method, { resamples: 10, seed: 3 }).data).toEqual(shares.data);
  expect(bootstrapEdges(X, method, { resamples: 10, seed: 4 }).data).not.toEqual(shares.data);
  let found = 0;
  for (let i = 0; i < 8; i++)
    for (let j = 0; j < 8; j++) if (truth.get(i, j) !== 0) found += shares.get(i, j) / edgesOf(truth).length;
  expect(found).toBeGreaterThan(0.8);
  const whole = run(bootstrapIterates(X, method, { resamples: 10, seed: 3 }));
  expect(whole).toMatchObject({ status: 'completed', objective: undefined, metrics: { finished: 1 } });
  let state: unknown;
  const save = (kept: unknown) => (state = kept);
  const stopped = run(bootstrapIterates(X, method, { resamples: 10, seed: 3 }), { maxIter: 4, checkpoint: { save } });
  const resume = state as BootstrapState;
  expect(run(bootstrapIterates(X, method, { resamples: 10, seed: 3, resume })).point.data).toEqual(shares.data);
  expect(Math.max(...stopped.point.data)).toBe(1);
  expect(() => bootstrapEdges(X, method, { resamples: 0 })).toThrow(/resamples must be a whole number of at least 1/);
  // Rows drawn again where a rare value is in none of them.
  const rare = Array.from({ length: 30 }, (_, i) => [i % 2, i === 4 ? 1 : 0]);
  const options = { resamples: 20, seed: 1, prepare: binarySamples };
  const ofBits = run(bootstrapIterates(rare, (data: Samples) => notearsIterates(data), options)).point;
  for (const v of ofBits.data) expect(v).toBeLessThanOrEqual(1);
});

describe('bad input', () => {
  const rows = (n: number, d: number, entry: (i: number, j: number) => number) =>
    Array.from({ length: n }, (_, i) => Array.from({ length: d }, (_, j) => entry(i, j)));
  const random = new Random(9);
  const noise = rows(50, 4, () => random.normal());

  test('constant and missing values, and nothing', () => {
    expect(() => moments(noise.map((r) => [...r, 7]))).toThrow(/column 4 is constant/);
    expect(() =>
      moments(
        noise.map((r) => [...r, 7]),
        { names: ['a', 'b', 'c', 'd', 'e'] },
      ),
    ).toThrow(/e is constant/);
    expect(() => moments(noise.map((r, i) => [...r, i === 3 ? Number.NaN : i]))).toThrow(/row 4, column 5/);
    expect(() => moments([])).toThrow(/0 × 0/);
    expect(() => populationMoments([[1, 2]])).toThrow(/square/);
  });

  test('duplicate, standardised and few data are warned of', () => {
    const twice = noise.map((r) => [...r, 2 * r[1]]);
    expect(moments(twice).warnings.join()).toMatch(/column 1 and column 4 are multiples/);
    expect(() => topo(twice)).toThrow(/combination of other columns/);
    expect(() => topo(twice, { names: ['a', 'b', 'c', 'd', 'e'] })).toThrow(/[be] is a linear combination/);
    expect(topo(twice, { ridge: 0.1 }).status).toBe('converged');
    // Squares of variances overflow or vanish here.
    for (const unit of [1e150, 1e-150]) {
      const [warning, ...others] = moments(noise.map((r) => r.map((v) => unit * v))).warnings;
      expect(warning).toMatch(/multiply all columns/);
      expect(others).toEqual([]);
    }
    const { C, d } = moments(noise);
    const standard = noise.map((r) => r.map((v, j) => v / Math.sqrt(C.get(j, j))));
    const mean = (j: number) => standard.reduce((s, r) => s + r[j], 0) / 50;
    const means = Array.from({ length: d }, (_, j) => mean(j));
    expect(moments(standard.map((r) => r.map((v, j) => v - means[j]))).warnings.join()).toMatch(/standardised/);
    expect(moments(noise).warnings).toEqual([]);
    const few = noise.slice(0, 3);
    expect(moments(few).warnings.join()).toMatch(/3 rows for 4 columns/);
    expect(() => topo(few)).toThrow(/too few rows/);
    // The floor keeps the scales from vanishing.
    const fit = colide(few, { variance: 'unequal', iterations: 2000, lastIterations: 5000 });
    for (const s of fit.sigma!) expect(s).toBeGreaterThan(0);
    for (const w of fit.W.data) expect(Number.isFinite(w)).toBe(true);
  });

  test('what squares of values cannot hold, and one row', () => {
    const times = (unit: number) => noise.map((r) => r.map((v) => unit * v));
    for (const unit of [1e160, 1e-170]) {
      expect(() => moments(times(unit))).toThrow(/variance of column 0 overflows or underflows: multiply all/);
      expect(() => samples(times(unit))).toThrow(/overflows or underflows/);
    }
    expect(samples(times(1e9)).warnings.join()).toMatch(/multiply all columns/);
    expect(() => moments(noise.slice(0, 1))).toThrow(/only one row/);
    expect(() =>
      populationMoments([
        [1, 0],
        [0, 0],
      ]),
    ).toThrow(/variance of column 1 is 0/);
  });

  test.each([
    ['dagma', (X: number[][]) => dagma(X, { iterations: 3000, lastIterations: 3000 })],
    ['golem, equal', (X: number[][]) => golem(X, { iterations: 5000 })],
    ['golem, unequal', (X: number[][]) => golem(X, { variance: 'unequal', iterations: 5000 })],
  ] as const)('%s: an answer or a sentence', (_, learn) => {
    const twice = noise.map((r) => [...r, 2 * r[1]]);
    const scaled = (unit: number) => noise.map((r) => r.map((v) => unit * v));
    for (const data of [
      twice,
      noise.slice(0, 3),
      noise.map((r) => [r[0]]),
      ...[1e-150, 1e-8, 1e8, 1e150].map(scaled),
    ]) {
      const { W, objective, dag, sigma = [] } = learn(data);
      expect([...W.data, ...sigma, objective].every(Number.isFinite)).toBe(true);
      expect(isAcyclic(dag)).toBe(true);
    }
    expect(() => learn(noise.map((r) => [...r, 7]))).toThrow(/column 4 is constant/);
    expect(() => learn(noise.slice(0, 1))).toThrow(/one row/);
    for (const v of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      expect(() => learn(noise.map((r, i) => (i === 3 ? [v, ...r.slice(1)] : r)))).toThrow(/row 4, column 1/);
    }
    // Two halves that have nothing to do with each other stay apart.
    const graph = simulateGraph({ nodes: 4, edges: 4, seed: 1 });
    const [left, right] = [2, 3].map((seed) => simulateSem(graph, { n: 200, seed }));
    const both = rows(200, 8, (i, j) => (j < 4 ? left.get(i, j) : right.get(i, j - 4)));
    for (const { from, to } of edgesOf(learn(both).dag)) expect(from < 4).toBe(to < 4);
  });

  test('options', () => {
    const m = moments(noise);
    expect(() => run(colideIterates(m, { lambda: -1 }))).toThrow(/lambda/);
    expect(() => run(colideIterates(m, { s: [] }))).toThrow(/s must/);
    expect(() => run(notearsIterates(m, { lambda: Number.NaN }))).toThrow(/lambda/);
    expect(() => topo(m, { order: [0, 1, 1, 2] })).toThrow(/each of 0/);
  });

  test('one node', () => {
    const one = noise.map((r) => [r[0]]);
    for (const fit of [colide(one, short), topo(one), notears(one)]) {
      expect(fit.dag.data).toEqual(new Float64Array(1));
      expect(Array.from(fit.order)).toEqual([0]);
    }
  });
});

test('columns that can be exchanged: NOTEARS leaves the saddle between the two ways of their edge', () => {
  const twins = populationMoments([
    [1, 0.8],
    [0.8, 1],
  ]);
  // One way, w = r − λ: 1 − w²/2; the saddle ends at the empty graph, 1.
  const { objective, W } = notears(twins, { lambda: 0.1 });
  expect(objective).toBeCloseTo(1 - 0.7 ** 2 / 2, 3);
  expect(Math.abs(W.get(0, 1) * W.get(1, 0))).toBeLessThan(1e-4);
});
