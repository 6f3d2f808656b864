import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, run } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { simulateBinarySem, simulateGraph, simulateNonlinearSem, simulateSem } from '../graphs/simulate.ts';
import { moments } from '../moments.ts';
import { penalisedTopo } from '../orders/topoPenalised.ts';
import { binarySamples, samples } from '../samples.ts';
import { exponentialAcyclicity } from './acyclicity.ts';
import { colideIterates, dagma } from './colide.ts';
import { addIntercept } from './logisticIntercept.ts';
import { notears, notearsIterates } from './notears.ts';
import { MlpProblem, notearsMlp } from './notearsMlp.ts';
import { scoreOf } from './scores.ts';

const truth = simulateGraph({ nodes: 5, edges: 6, weights: [1, 2], seed: 3 });
const bits = simulateBinarySem(truth, { n: 400, seed: 4 });

test.each(['none', 'equal', 'unequal', 'logistic', 'logistic without intercepts'] as const)(
  '%s: the gradient is that of finite differences',
  (kind) => {
    const random = new Random(1);
    const binary = kind === 'logistic' || kind === 'logistic without intercepts';
    const data = binary ? binarySamples(bits) : moments(simulateSem(truth, { n: 100, seed: 1 }));
    const W = DenseMatrix.create(5, 5);
    for (let k = 0; k < 25; k++) W.data[k] = random.normal();
    const score = scoreOf(data, W, binary ? { intercepts: kind === 'logistic' } : { variance: kind });
    const G = DenseMatrix.create(5, 5);
    G.data.fill(7);
    score.refresh();
    score.addGradient(3, G);
    for (let k = 0; k < 25; k++) {
      const w = W.data[k];
      const at = (step: number) => {
        W.data[k] = w + step;
        score.refresh();
        return score.value;
      };
      expect(G.data[k] - 7).toBeCloseTo((3 * (at(1e-5) - at(-1e-5))) / 2e-5, 5);
      W.data[k] = w;
    }
  },
);

describe('logistic', () => {
  // The same data in NumPy and SciPy: the authors' L-BFGS-B with bounds on positive and negative parts.
  test('NOTEARS reaches the minimum of SciPy', () => {
    const fit = notears(bits, { score: 'logistic', intercepts: false });
    expect(Math.abs(fit.objective - 3.092421786571365)).toBeLessThan(5e-5);
    const W = [
      0, 1.83515, -0.02275, 0.06841, 0.39657, 0.00001, 0, 0.77401, 0, -0.86802, 0, 0.00002, 0, 0, 0, -0.00053, -0.87901,
      -0.96818, 0, 1.19504, 0, -0.00003, -1.49976, 0.00003, 0,
    ];
    W.forEach((w, k) => {
      expect(Math.abs(fit.W.get(Math.floor(k / 5), k % 5) - w)).toBeLessThan(0.01);
    });
    expect(fit.status).toBe('converged');
    expect(fit.sigma).toBeUndefined();
  });

  test("DAGMA takes the steps of its authors' algorithm", () => {
    const { W } = dagma(bits, {
      ...{ score: 'logistic', intercepts: false },
      ...{ s: [1, 0.9], iterations: 600, lastIterations: 600 },
    });
    const rows = [
      3.904117591596e-3, 3.335407466559e-1, -2.363735697243e-1, 3.259018258817e-4, 1.750163135228e-1, 1.449179429006e-2,
      5.840062873293e-3, 5.337351242779e-3, -3.926703527121e-2, -6.828463969817e-2, -8.18384411879e-4,
      3.454876235445e-1, 8.325731665974e-3, -1.489980102062e-2, -1.555908660042e-2, -5.270452188156e-5,
      -7.80384561403e-2, -3.349737636228e-1, 5.308831529874e-3, 2.178236586865e-1, -4.786430166674e-6,
      -4.908917424969e-2, -3.727850714572e-1, 7.892401900672e-2, 6.072459780981e-3,
    ];
    rows.forEach((w, k) => {
      expect(Math.abs(W.get(Math.floor(k / 5), k % 5) - w)).toBeLessThan(1e-11);
    });
  });

  test('intercepts: the root, whatever the start, and the entropy of the columns where nothing else is allowed', () => {
    const random = new Random(5);
    for (const [n, share, spread] of [
      [50, 0.5, 1],
      [200, 0.01, 5],
      [200, 0.99, 0],
      [40, 0.3, 1e3],
    ]) {
      const x = Float64Array.from({ length: n }, (_, i) => (i < Math.max(1, share * n) ? 1 : 0));
      const m = Float64Array.from({ length: n }, () => spread * random.normal());
      const found = [0, -50, 1e9].map((start) => {
        const [shifted, slopes] = [m.slice(), new Float64Array(n)];
        const b = addIntercept(shifted, x, new Float64Array(n).fill(1 / n), start, slopes);
        expect(Math.abs(slopes.reduce((s, v) => s + v, 0))).toBeLessThan(1.1e-9);
        shifted.forEach((v, i) => {
          expect(v).toBe(m[i] + b);
          expect(n * slopes[i]).toBeCloseTo(1 / (1 + Math.exp(-v)) - x[i], 12);
        });
        return b;
      });
      // Far apart, the slope has wide plateaus near 0.
      if (spread < 10) for (const b of found) expect(b).toBeCloseTo(found[0], 6);
    }
    const alone = notears(bits, { score: 'logistic', lambda: 10 });
    let entropy = 0;
    for (let j = 0; j < 5; j++) {
      const p = bits.column(j).reduce((s, v) => s + v / 400, 0);
      entropy -= p * Math.log(p) + (1 - p) * Math.log(1 - p);
    }
    expect(alone.objective).toBeCloseTo(entropy, 10);
    expect(alone.W.data.every((w) => w === 0)).toBe(true);
  });

  test('equal rows are one that stands for all of them', () => {
    const data = binarySamples(bits);
    expect(data.X.rows).toBeLessThanOrEqual(32);
    expect(data.n).toBe(400);
    expect(data.shares!.reduce((s, v) => s + v, 0)).toBeCloseTo(1, 12);
    const every = samples(bits, { centre: false });
    const W = DenseMatrix.fromColumnMajor(
      Float64Array.from({ length: 25 }, (_, k) => Math.sin(k)),
      5,
      5,
    );
    const [one, all] = [scoreOf(data, W), scoreOf(every, W)];
    const [G, H] = [DenseMatrix.create(5, 5), DenseMatrix.create(5, 5)];
    for (const score of [one, all]) score.refresh();
    expect(one.value).toBeCloseTo(all.value, 12);
    one.addGradient(1, G);
    all.addGradient(1, H);
    G.data.forEach((v, k) => {
      expect(v).toBeCloseTo(H.data[k], 12);
    });
  });

  test('columns that are nearly all zeros get no edges for that', () => {
    const random = new Random(6);
    const X = DenseMatrix.create(800, 4);
    for (let k = 0; k < X.data.length; k++) X.data[k] = random.uniform() < 0.05 ? 1 : 0;
    for (let i = 0; i < 800; i++) X.set(i, 0, 1 - X.get(i, 0));
    const edges = (intercepts: boolean) =>
      [
        notears(X, { score: 'logistic', intercepts }),
        dagma(X, { score: 'logistic', intercepts, iterations: 3000, lastIterations: 6000 }),
        penalisedTopo(X, { score: 'logistic', lambda: 0.01, intercepts }),
      ].map(({ dag }) => dag.data.filter((w) => w !== 0).length);
    for (const count of edges(true)) expect(count).toBe(0);
    for (const count of edges(false)) expect(count).toBeGreaterThan(0);
  });

  test('hostile data and options', () => {
    const rows = (n: number) => Array.from({ length: n }, (_, i) => [i % 2, i % 3 === 0 ? 1 : 0, i % 5 === 0 ? 1 : 0]);
    const with2 = rows(20).map((r, i) => (i === 7 ? [r[0], 2, r[2]] : r));
    expect(() => notears(with2, { score: 'logistic' })).toThrow(/column 1 has 2 in row 8/);
    expect(() => notears(with2, { score: 'logistic', names: ['a', 'b', 'c'] })).toThrow(/b has 2/);
    expect(() =>
      dagma(
        rows(20).map((r) => [...r, 1]),
        { score: 'logistic' },
      ),
    ).toThrow(/column 3 is constant/);
    expect(() =>
      notears(
        rows(20).map((r, i) => (i === 2 ? [0, Number.NaN, 1] : r)),
        { score: 'logistic' },
      ),
    ).toThrow(/row 3, column 2/);
    expect(() => notears([], { score: 'logistic' })).toThrow(/0 × 0/);
    expect(() => notears(moments(rows(20)), { score: 'logistic' })).toThrow(/needs the rows/);
    expect(() => run(notearsIterates(samples(rows(20))))).toThrow(/binary variables/);
    expect(() => run(colideIterates(binarySamples(rows(20)), { variance: 'equal' }))).toThrow(/no noise/);
    // Two rows, all separable: weights stay finite for the penalty, and there is a warning.
    const few = notears(
      [
        [0, 1, 0],
        [1, 0, 1],
      ],
      { score: 'logistic' },
    );
    expect(few.warnings.join()).toMatch(/2 rows for 3 columns/);
    for (const w of few.W.data) expect(Number.isFinite(w)).toBe(true);
  });
});

describe('networks', () => {
  test('the gradient of loss and acyclicity is that of finite differences', () => {
    const random = new Random(2);
    const graph = simulateGraph({ nodes: 4, edges: 4, seed: 1 });
    const problem = new MlpProblem(samples(simulateNonlinearSem(graph, { n: 30, seed: 1 })), 3, 0.01, 0.02, 5);
    const { x } = problem;
    for (let k = 0; k < x.length; k++) x[k] = 0.5 * random.normal();
    // Unit u of network j does not see column j.
    for (let u = 0; u < 12; u++) x[u * 4 + Math.floor(u / 3)] = 0;
    const E = DenseMatrix.create(4, 4);
    const f = (g: Float64Array) => {
      const loss = problem.evaluate(x, g);
      const { h, gradient } = exponentialAcyclicity(problem.W);
      // E in W∘W from the gradient 2W∘Eᵀ.
      for (let i = 0; i < 4; i++) {
        for (let j = 0; j < 4; j++) E.set(j, i, i === j ? 0 : gradient.get(i, j) / (2 * problem.W.get(i, j)));
      }
      problem.addAcyclicity(E, 0.7, g);
      return loss + 0.7 * h;
    };
    const g = new Float64Array(x.length);
    const unused = new Float64Array(x.length);
    f(g);
    for (let k = 0; k < x.length; k++) {
      if (k < 48 && k % 4 === Math.floor(k / 12)) {
        expect(g[k]).toBe(0);
        continue;
      }
      const at = x[k];
      x[k] = at + 1e-5;
      const up = f(unused);
      x[k] = at - 1e-5;
      expect(g[k]).toBeCloseTo((up - f(unused)) / 2e-5, 7);
      x[k] = at;
    }
  });

  test('hostile data and options', () => {
    const rows = [
      [1, 2.5],
      [2, 1],
      [0, 3],
      [4, 4],
    ];
    expect(() => notearsMlp(rows, { hidden: 0 })).toThrow(/hidden/);
    expect(() => notearsMlp(rows, { ridge: -1 })).toThrow(/ridge/);
    expect(() => notearsMlp(rows, { lambda: -1 })).toThrow(/lambda/);
    expect(() => notearsMlp([[1, Number.NaN]])).toThrow(/row 1, column 2/);
    expect(() => notearsMlp(moments(rows))).toThrow(/needs the rows/);
    expect(() =>
      notearsMlp([
        [1, 1],
        [2, 1],
      ]),
    ).toThrow(/column 1 is constant/);
    expect(notearsMlp(rows.map(([a]) => [a])).dag.data).toEqual(new Float64Array(1));
    for (const w of notearsMlp(rows.slice(0, 2)).W.data) expect(Number.isFinite(w)).toBe(true);
    const controller = new AbortController();
    const stopped = notearsMlp(rows, { signal: controller.signal, onIterate: () => controller.abort() });
    expect(stopped.status).toBe('aborted');
  });
});
