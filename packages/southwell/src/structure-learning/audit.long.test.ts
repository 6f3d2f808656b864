/** The audit (testing.ts) of the methods of this room; one that is younger than this file has its row in its own test. */
import { readdirSync, readFileSync } from 'node:fs';
import type { DenseMatrix } from '@southwell/numerics/arrays';
import { run } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import type { GraphPoint, TopoIterate } from './index.ts';
import * as room from './index.ts';
import { type Audited, audit, bent, bits, d, type GraphSolution, X } from './testing.ts';

const { moments, samples, binarySamples, residualVariances, logDetAcyclicity, exponentialAcyclicity, orderScore } =
  room;

const data = moments(X);
const answers = binarySamples(bits);
const curves = samples(bent);
const all = (d * (d - 1)) / 2;

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);
const norm = (W: DenseMatrix) => sum(W.data.map(Math.abs));
const halves = (W: DenseMatrix) => sum(residualVariances(data.C, W)) / 2;

/** Log-losses of all columns with the best intercepts, by bisection. */
function logLosses(W: DenseMatrix): number {
  let total = 0;
  for (let j = 0; j < d; j++) {
    const x = bits.column(j);
    const m = x.map((_, i) => sum(Array.from({ length: d }, (__, k) => W.get(k, j) * bits.get(i, k))));
    const slope = (b: number) => sum(m.map((v, i) => 1 / (1 + Math.exp(-v - b)) - x[i]));
    let [low, high] = [-50, 50];
    for (let step = 0; step < 80; step++) {
      const middle = (low + high) / 2;
      if (slope(middle) > 0) high = middle;
      else low = middle;
    }
    total += sum(m.map((v, i) => Math.log1p(Math.exp(v + low)) - x[i] * (v + low))) / x.length;
  }
  return total;
}

/** Half squared errors of the networks with λ = ridge = 0.01 on what they have. */
function networkScore({ networks }: GraphPoint): number {
  const { hidden, each } = networks!;
  const n = curves.X.rows;
  let total = 0;
  each.forEach((v, j) => {
    const first = v.subarray(0, d * hidden);
    const [biases, second] = [v.subarray(d * hidden), v.subarray((d + 1) * hidden, (d + 2) * hidden)];
    for (let i = 0; i < n; i++) {
      let out = v[(d + 2) * hidden] - curves.X.get(i, j);
      for (let u = 0; u < hidden; u++) {
        let z = biases[u];
        for (let k = 0; k < d; k++) z += first[u * d + k] * curves.X.get(i, k);
        out += second[u] / (1 + Math.exp(-z));
      }
      total += out ** 2 / (2 * n);
    }
    total += 0.01 * sum(first.map(Math.abs)) + 0.005 * (sum(first.map((w) => w * w)) + sum(second.map((w) => w * w)));
  });
  return total;
}

/** log |det(I − W)| by elimination. */
function logDet(W: DenseMatrix): number {
  const rows = Array.from({ length: d }, (_, i) =>
    Array.from({ length: d }, (__, j) => (i === j ? 1 : 0) - W.get(i, j)),
  );
  let total = 0;
  for (let k = 0; k < d; k++) {
    const pivot = rows.slice(k).reduce((best, row) => (Math.abs(row[k]) > Math.abs(best[k]) ? row : best));
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(k, 0, pivot);
    total += Math.log(Math.abs(pivot[k]));
    for (const row of rows.slice(k + 1)) {
      const factor = row[k] / pivot[k];
      for (let j = k; j < d; j++) row[j] -= factor * pivot[j];
    }
  }
  return total;
}

const stages = [1, 0.9, 0.8, 0.7];
const schedule = { s: stages, iterations: 600, lastIterations: 900 };

/** Of stage `metrics.stage`, with the scales of the noise as the point has them. */
const colideObjective = (score: (point: GraphPoint) => number) => (solution: GraphSolution) => {
  const { point, metrics, iterations } = solution;
  const stage = metrics!.stage;
  const h = iterations === 0 ? 0 : logDetAcyclicity(point.W, stages[stage]).h;
  expect(metrics!.h).toBeCloseTo(h, 10);
  return 0.1 ** stage * score(point) + h;
};
const unequal = ({ W, sigma }: GraphPoint) =>
  sum(residualVariances(data.C, W).map((q, j) => q / (2 * sigma![j]) + sigma![j] / 2)) + 0.05 * norm(W);

const golemObjective =
  (lambda: (stage: number) => number) =>
  ({ point: { W }, metrics }: GraphSolution) => {
    const q = residualVariances(data.C, W);
    const likelihood =
      metrics!.stage === 0
        ? (d / 2) * Math.log(sum(q))
        : sum(q.map((v, j) => Math.log(Math.max(v, 1e-4 * data.C.get(j, j))))) / 2;
    return likelihood - logDet(W) + lambda(metrics!.stage) * norm(W) + 5 * exponentialAcyclicity(W).h;
  };

const acyclic = ({ point: { W }, certificate }: GraphSolution) => {
  const { h } = exponentialAcyclicity(W);
  expect(h).toBeLessThanOrEqual(1e-8);
  expect(certificate!.value).toBeGreaterThanOrEqual(h);
};

/** No swap of two places lowers the score. */
const noBetterSwap = (score: (order: Int32Array) => number, tolerance: number) => (solution: GraphSolution) => {
  const { order } = solution.point;
  for (let b = 0; b < d; b++) {
    for (let a = 0; a < b; a++) {
      const other = order!.slice();
      [other[a], other[b]] = [other[b], other[a]];
      expect(score(other)).toBeGreaterThanOrEqual(solution.objective - tolerance);
    }
  }
};
const startScore = (start: (order: Int32Array) => Iterable<TopoIterate>) => (order: Int32Array) =>
  run(start(order), { maxIter: 0 }).objective;

const wide = { small: all, large: all, largeSearches: Number.POSITIVE_INFINITY };
const worst = { order: [4, 3, 2, 1, 0] };
const networks = { hidden: 2 };

const rows: Readonly<Record<string, Audited>> = {
  'CoLiDE, to its tolerance': {
    by: 'colideIterates',
    start: (resume) => room.colideIterates(data, { ...schedule, lastIterations: 70_000, resume }),
    objective: colideObjective(unequal),
    end: 'converged',
  },
  'CoLiDE, to the end of its schedule': {
    by: 'colideIterates',
    start: (resume) => room.colideIterates(data, { ...schedule, stageTol: 0, resume }),
    objective: colideObjective(unequal),
    end: 'completed',
    proves: ({ iterations }) => expect(iterations).toBe(3 * 600 + 900),
  },
  'DAGMA, logistic': {
    by: 'colideIterates',
    start: (resume) => room.colideIterates(answers, { ...schedule, variance: 'none', stageTol: 0, resume }),
    objective: colideObjective(({ W }) => logLosses(W) + 0.05 * norm(W)),
    end: 'completed',
  },
  'CoLiDE whose stages begin anew': {
    by: 'colideIterates',
    start: (resume) =>
      room.colideIterates(data, { s: [0.9], learningRate: 0.5, lastIterations: 1500, stageTol: 0, resume }),
    // Its own domain grows, which the point does not show.
    objective: ({ objective }) => objective,
    end: 'completed',
  },
  'GOLEM, unequal': {
    by: 'golemIterates',
    start: (resume) => room.golemIterates(data, { variance: 'unequal', iterations: 20_000, resume }),
    objective: golemObjective((stage) => [0.02, 0.002][stage]),
    end: 'converged',
  },
  'GOLEM, to the end of its schedule': {
    by: 'golemIterates',
    start: (resume) => room.golemIterates(data, { iterations: 1000, stageTol: 0, resume }),
    objective: golemObjective(() => 0.02),
    end: 'completed',
    proves: ({ iterations }) => expect(iterations).toBe(1000),
  },
  NOTEARS: {
    by: 'notearsIterates',
    start: (resume) => room.notearsIterates(data, { resume }),
    objective: ({ point: { W } }) => halves(W) + 0.1 * norm(W),
    end: 'converged',
    proves: acyclic,
  },
  'NOTEARS, logistic': {
    by: 'notearsIterates',
    start: (resume) => room.notearsIterates(answers, { resume }),
    objective: ({ point: { W } }) => logLosses(W) + 0.01 * norm(W),
    end: 'converged',
    proves: acyclic,
  },
  'NOTEARS, networks': {
    by: 'notearsMlpIterates',
    start: (resume) => room.notearsMlpIterates(curves, { ...networks, resume }),
    objective: ({ point }) => networkScore(point),
    end: 'converged',
    proves: acyclic,
  },
  TOPO: {
    by: 'topoIterates',
    start: (resume) => room.topoIterates(data, { ...wide, ...worst, resume }),
    objective: ({ point: { order, W } }) => {
      expect(halves(W)).toBeCloseTo(orderScore(data.C, order!), 10);
      return orderScore(data.C, order!);
    },
    end: 'converged',
    proves: noBetterSwap((order) => orderScore(data.C, order), 1e-9),
  },
  'TOPO, penalised': {
    by: 'penalisedTopoIterates',
    start: (resume) => room.penalisedTopoIterates(data, { ...worst, resume }),
    objective: ({ point: { W } }) => halves(W) + 0.1 * norm(W),
    end: 'converged',
    proves: noBetterSwap(
      startScore((order) => room.penalisedTopoIterates(data, { order })),
      1e-4,
    ),
  },
  'TOPO, logistic': {
    by: 'penalisedTopoIterates',
    start: (resume) => room.penalisedTopoIterates(answers, { ...worst, lambda: 0.01, resume }),
    objective: ({ point: { W } }) => logLosses(W) + 0.01 * norm(W),
    end: 'converged',
    proves: noBetterSwap(
      startScore((order) => room.penalisedTopoIterates(answers, { order, lambda: 0.01 })),
      1e-4,
    ),
  },
  'TOPO, networks': {
    by: 'topoMlpIterates',
    start: (resume) => room.topoMlpIterates(curves, { ...networks, ...worst, ...wide, maxFits: 5000, resume }),
    objective: ({ point }) => networkScore(point),
    end: 'converged',
  },
  'GOLEM, then swaps': {
    by: 'refined',
    start: (resume) =>
      room.refined((m, state) => room.golemIterates(m, { iterations: 500, resume: state as never }))(data, resume),
    // The likelihood until the swaps, whose points have an order, begin.
    objective: (solution) =>
      solution.point.order ? orderScore(data.C, solution.point.order) : golemObjective(() => 0.02)(solution),
    end: 'converged',
  },
};

/** Without iterates of graphs, and audited where they are tested. */
const elsewhere = ['bootstrapIterates'];

test('all that makes iterates is audited, here or in a test of its own', () => {
  const made = Object.keys(room).filter((name) => /Iterates$/.test(name) || name === 'refined');
  const here = new URL('.', import.meta.url);
  const tests = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts'));
  const text = tests.map((name) => readFileSync(new URL(name, here), 'utf8')).join('\n');
  const audited = new Set([...text.matchAll(/\bby: '(\w+)'/g)].map(([, name]) => name));
  expect([...audited, ...elsewhere].sort()).toEqual(made.sort());
});

for (const [name, row] of Object.entries(rows)) audit(name, row);

test('steps that are far too large: the run fails with a point that can be used, and says why', () => {
  const failed = run(room.golemIterates(data, { learningRate: 300 }));
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'NUMERICAL' } });
  expect(failed.next).toBeDefined();
  expect(failed.point.W.data.every(Number.isFinite)).toBe(true);
  expect(Number.isFinite(failed.objective)).toBe(true);
});

test('swaps of networks without fits left do not claim to have converged', () => {
  const limited = run(room.topoMlpIterates(curves, { ...networks, ...worst, ...wide, maxFits: 12 }));
  expect(limited.status).toBe('iteration-limit');
  expect(limited.next).toMatch(/more iterations/);
});
