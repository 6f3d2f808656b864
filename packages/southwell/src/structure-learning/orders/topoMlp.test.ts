import { run } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { notearsMlp, notearsMlpIterates } from '../continuous/notearsMlp.ts';
import { thresholdToDag } from '../graphs/graphs.ts';
import { graphMetrics } from '../graphs/metrics.ts';
import { simulateGraph, simulateNonlinearSem } from '../graphs/simulate.ts';
import { samples } from '../samples.ts';
import { nonlinear } from './testing.ts';
import { refined } from './topo.ts';
import { topoMlp, topoMlpIterates } from './topoMlp.ts';

// From every order in the long suite.
test('from an order to a better one, by scores that never rise', () => {
  const { X } = nonlinear(1, 100);
  const options = { hidden: 4, seed: 1, starts: 2, order: [3, 2, 1, 0] };
  const alone = topoMlp(X, { ...options, small: 0, large: 0 });
  const found = topoMlp(X, options);
  expect(found.status).toBe('converged');
  expect(found.objective).toBeLessThan(alone.objective - 0.1);
  for (let t = 1; t < found.trace.length; t++) {
    expect(found.trace[t].objective).toBeLessThanOrEqual(found.trace[t - 1].objective + 1e-12);
  }
});

test('after NOTEARS: its networks are the start, an edge it had wrong is mended, and the networks belong to W', () => {
  const { truth, X } = nonlinear(1, 200);
  const before = notearsMlp(X, { hidden: 6 });
  expect(graphMetrics(truth, before.dag).shd).toBe(1);
  const data = samples(X);
  const both = refined(
    (rows: typeof data) => notearsMlpIterates(rows, { hidden: 6 }),
    (rows, { order, point }) => topoMlpIterates(rows, { order, networks: point.networks }),
  );
  const { point, objective, status, trace } = run(both(data));
  expect(status).toBe('converged');
  expect(objective).toBeLessThan(before.objective - 0.01);
  const swaps = trace.findIndex((e) => e.iteration >= before.iterations && e.objective < before.objective - 1e-9);
  // Remnants of cycles are dropped at the start, which hardly costs anything.
  expect(trace[swaps - 1].objective).toBeCloseTo(before.objective, 4);
  const { networks, W, order } = point;
  expect(graphMetrics(truth, thresholdToDag(W)).shd).toBe(0);
  for (let j = 0; j < 4; j++) {
    for (let i = 0; i < 4; i++) {
      let sum = 0;
      for (let u = 0; u < 6; u++) sum += networks!.each[j][u * 4 + i] ** 2;
      expect(W.get(i, j)).toBeCloseTo(Math.sqrt(sum), 12);
      if (order!.indexOf(i) >= order!.indexOf(j)) expect(W.get(i, j)).toBe(0);
    }
  }
  // Where the networks are what they were, there is nothing to gain.
  const again = topoMlp(X, { order: order!, networks });
  expect(again.objective).toBeLessThanOrEqual(objective + 1e-9);
  const { hidden, each } = networks!;
  expect(() => topoMlp(X, { networks: { hidden: hidden + 1, each } })).toThrow(
    /networks must be 4 networks of 43 numbers/,
  );
});

test('a limit of fits is what ends it, and a stop keeps what there is', () => {
  const graph = simulateGraph({ nodes: 6, edges: 9, seed: 3 });
  const X = simulateNonlinearSem(graph, { n: 100, seed: 4 });
  const whole = topoMlp(X, { hidden: 4 });
  const limited = topoMlp(X, { hidden: 4, maxFits: 25 });
  expect(limited.status).toBe('iteration-limit');
  expect(limited.objective).toBeGreaterThanOrEqual(whole.objective);
  expect(limited.point.order).toHaveLength(6);
  for (const after of [1, 4, 12]) {
    const controller = new AbortController();
    let [seen, least] = [0, Number.POSITIVE_INFINITY];
    const stopped = topoMlp(X, {
      hidden: 4,
      signal: controller.signal,
      onIterate: ({ objective }) => {
        least = Math.min(least, objective);
        if (++seen > after) controller.abort();
      },
    });
    expect(stopped.status).toBe('aborted');
    expect(stopped.objective).toBe(least);
    expect(stopped.W.data.every(Number.isFinite)).toBe(true);
  }
});

test('hostile data and options', () => {
  const rows = [
    [1, 2.5],
    [2, 1],
    [0, 3],
    [4, 4],
  ];
  for (const [options, message] of [
    [{ hidden: 0 }, /hidden/],
    [{ ridge: -1 }, /ridge/],
    [{ ridge: Number.POSITIVE_INFINITY }, /ridge/],
    [{ lambda: Number.NaN }, /lambda/],
    [{ starts: -1 }, /starts/],
    [{ maxFits: Number.NaN }, /maxFits/],
    [{ order: [0, 0] }, /each of 0/],
  ] as const) {
    expect(() => topoMlp(rows, options)).toThrow(message);
  }
  expect(() => topoMlp([[1, Number.NaN]])).toThrow(/row 1, column 2/);
  expect(() => topoMlp(rows.map(([a]) => [a, 1]))).toThrow(/column 1 is constant/);
  expect(topoMlp(rows.map(([a]) => [a])).dag.data).toEqual(new Float64Array(1));
  // Two rows, duplicate columns, far scales: finite weights.
  const twins = rows.map(([a, b]) => [a, a, b]);
  const scaled = (c: number) => rows.map((row) => row.map((v) => c * v));
  for (const data of [rows.slice(0, 2), twins, scaled(1e-8), scaled(1e8)]) {
    const fit = topoMlp(data, { hidden: 3 });
    expect(Number.isFinite(fit.objective)).toBe(true);
    expect(fit.W.data.every(Number.isFinite)).toBe(true);
  }
});
