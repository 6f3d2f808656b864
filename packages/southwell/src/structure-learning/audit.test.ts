/**
 * Every method of this room with a budget that is too small, a normal one and aborts: whatever status it gives must be
 * true by what can be computed from its point alone, and a run that was cut anywhere must go on to the same bits.
 */
import type { DenseMatrix } from '@southwell/numerics/arrays';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  finished,
  type Iterate,
  run,
  type Solution,
} from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import type { GraphPoint, TopoIterate } from './index.ts';
import * as room from './index.ts';

const {
  simulateGraph,
  simulateSem,
  simulateBinarySem,
  simulateNonlinearSem,
  moments,
  samples,
  binarySamples,
  residualVariances,
  logDetAcyclicity,
  exponentialAcyclicity,
  orderScore,
} = room;

const d = 5;
const graph = simulateGraph({ nodes: d, edges: 6, weights: [1, 2], seed: 3 });
const X = simulateSem(graph, { n: 300, seed: 4 });
const data = moments(X);
const bits = simulateBinarySem(graph, { n: 300, seed: 4 });
const answers = binarySamples(bits);
const curves = samples(simulateNonlinearSem(graph, { n: 60, seed: 4 }));
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

type GraphSolution = Solution<GraphPoint>;
interface Row {
  /** The export of the room that makes the iterates. */
  readonly by: keyof typeof room;
  readonly start: (resume?: never) => Iterable<Iterate<GraphPoint>>;
  /** The objective of a point, by other means. */
  readonly objective: (solution: GraphSolution) => number;
  /** What the method's own end is to be on this problem, and what must then be true. */
  readonly end: 'converged' | 'completed';
  readonly proves?: (solution: GraphSolution) => void;
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

const rows: Readonly<Record<string, Row>> = {
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

test('the table has all that makes iterates', () => {
  const made = Object.keys(room).filter((name) => /Iterates$/.test(name) || name === 'refined');
  const audited = new Set(Object.values(rows).map(({ by }) => by as string));
  expect([...audited, ...elsewhere].sort()).toEqual(made.sort());
});

const numbersOf = ({ W, ...rest }: GraphPoint) => ({ ...rest, W: W.data.slice() });

function audit({ objective }: Row, solution: GraphSolution): void {
  const { point, status, next } = solution;
  expect([...point.W.data, ...(point.sigma ?? [])].every(Number.isFinite)).toBe(true);
  expect(solution.objective).toBeCloseTo(objective(solution), 7);
  expect(solution.work.oracleCalls).toBeGreaterThanOrEqual(0);
  expect(next === undefined, `${status}: ${next}`).toBe(finished(status));
}

describe.each(Object.entries(rows))('%s', (_, row) => {
  test('too small a budget, aborts early and late, time: the status says so, and the point is of use', () => {
    const small = run(row.start(), { maxIter: 1 });
    expect(small.status).toBe('iteration-limit');
    const aborted = run(row.start(), { signal: AbortSignal.abort() });
    expect(aborted.status).toBe('aborted');
    const controller = new AbortController();
    // Where it could not be stopped any later.
    let [left, seen] = [-1, 0];
    for (const _ of row.start()) left++;
    const late = run(row.start(), {
      signal: controller.signal,
      onIterate: () => ++seen === left && controller.abort(),
    });
    expect(late.status).toBe('aborted');
    const timed = run(row.start(), { timeLimit: 0 });
    expect(timed.status).toBe('time-limit');
    for (const solution of [small, aborted, late, timed]) audit(row, solution);
  });

  test('a normal budget: the end that it claims is the one there is; iterations never go back', () => {
    const solution = run(row.start());
    expect(solution.status).toBe(row.end);
    audit(row, solution);
    row.proves?.(solution);
    const steps = solution.trace.map((entry) => entry.iteration);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  test('cut at any boundary and resumed through a text, it ends with the same bits', () => {
    const states: string[] = [];
    const save = (state: unknown, iteration: number) => {
      const text = encodeCheckpoint({ method: 'audit', problem: '', iteration, state });
      if (states.at(-1)?.split('\n')[1] !== text.split('\n')[1]) states.push(text);
    };
    const whole = run(row.start(), { checkpoint: { save } });
    expect(states.length).toBeGreaterThan(2);
    const cuts = new Set([0, 1, 2, 4, 7].map((k) => Math.round((k * (states.length - 1)) / 7)));
    for (const cut of cuts) {
      const { state } = decodeCheckpoint<never>(states[cut]);
      const rest = run(row.start(state));
      expect(numbersOf(rest.point)).toEqual(numbersOf(whole.point));
      expect([rest.objective, rest.iterations, rest.status]).toEqual([whole.objective, whole.iterations, whole.status]);
      expect(rest.work).toEqual(whole.work);
    }
  });
});

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
