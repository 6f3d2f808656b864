import { Random, run } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { topologicalOrder } from '../graphs/graphs.ts';
import { graphMetrics } from '../graphs/metrics.ts';
import { simulateBinarySem, simulateGraph, simulateSem } from '../graphs/simulate.ts';
import { moments } from '../moments.ts';
import { orderScore } from './orderFactor.ts';
import { topo } from './topo.ts';
import { penalisedTopo, penalisedTopoIterates } from './topoPenalised.ts';

const truth = simulateGraph({ nodes: 6, edges: 7, seed: 2 });
const data = moments(simulateSem(truth, { n: 500, seed: 3 }));

test('without penalty: the scores of the regressions along the orders, and the way of plain swaps', () => {
  const order = new Random(1).permutation(6);
  const first = run(penalisedTopoIterates(data, { lambda: 0, order }), { maxIter: 0 });
  expect(first.objective).toBeCloseTo(orderScore(data.C, order), 6);
  const [a, b] = [penalisedTopo(data, { lambda: 0, order }), topo(data, { order })];
  expect(Array.from(a.order)).toEqual(Array.from(b.order));
  expect(a.objective).toBeCloseTo(b.objective, 6);
});

test('with a penalty: conditions of the lasso column by column, sparse, never rising, the graph found', () => {
  const lambda = 0.05;
  const fit = penalisedTopo(data, { lambda, small: 15, large: 15 });
  expect(graphMetrics(truth, fit.dag).shd).toBeLessThanOrEqual(1);
  for (let t = 1; t < fit.trace.length; t++) {
    expect(fit.trace[t].objective).toBeLessThanOrEqual(fit.trace[t - 1].objective + 1e-12);
  }
  let zeros = 0;
  fit.order.forEach((j, p) => {
    for (const i of fit.order.subarray(0, p)) {
      let slope = -data.C.get(i, j);
      for (let k = 0; k < 6; k++) slope += data.C.get(i, k) * fit.W.get(k, j);
      const w = fit.W.get(i, j);
      if (w === 0) {
        zeros++;
        expect(Math.abs(slope)).toBeLessThanOrEqual(lambda + 1e-3);
      } else expect(Math.abs(slope + lambda * Math.sign(w))).toBeLessThan(1e-3);
    }
  });
  expect(zeros).toBeGreaterThan(2);
});

test('nearly dependent predecessors: the conditions of the lasso hold to rounding, where sweeps alone creep', () => {
  const random = new Random(7);
  const rows = Array.from({ length: 200 }, () => {
    const common = 30 * random.normal();
    const near = Array.from({ length: 5 }, () => common + 0.1 * random.normal());
    return [...near, near[0] - near[1] + near[2] + 0.5 * random.normal()];
  });
  const m = moments(rows);
  const lambda = 0.001;
  const { W } = penalisedTopo(m, { lambda, order: [0, 1, 2, 3, 4, 5], small: 0, large: 0 });
  for (let j = 0; j < 6; j++) {
    for (let i = 0; i < j; i++) {
      let slope = -m.C.get(i, j);
      for (let k = 0; k < 6; k++) slope += m.C.get(i, k) * W.get(k, j);
      const w = W.get(i, j);
      if (w === 0) expect(Math.abs(slope)).toBeLessThanOrEqual(lambda + 1e-9);
      else expect(Math.abs(slope + lambda * Math.sign(w))).toBeLessThan(1e-9);
    }
  }
});

test('from random orders of 20 nodes to about the score of the true order, where most swaps tie at no walk', () => {
  const gaps = [1, 2, 3, 4].map((seed) => {
    const W = simulateGraph({ nodes: 20, edges: 40, seed: 1000 + seed });
    const m = moments(simulateSem(W, { n: 1000, seed: 2000 + seed }));
    const atTruth = penalisedTopo(m, { order: topologicalOrder(W)!, small: 0, large: 0 });
    return penalisedTopo(m, { seed: 3000 + seed }).objective - atTruth.objective;
  });
  expect(Math.max(...gaps)).toBeLessThan(0.2);
  expect(gaps.filter((gap) => gap < 0.01).length).toBeGreaterThanOrEqual(3);
});

test('binary variables; few rows; options and data that cannot be', () => {
  const graph = simulateGraph({ nodes: 6, edges: 6, weights: [1, 2], seed: 3 });
  const X = simulateBinarySem(graph, { n: 1000, seed: 4 });
  const fit = penalisedTopo(X, { score: 'logistic', lambda: 0.01, intercepts: false, small: 15, large: 15 });
  expect(graphMetrics(graph, fit.dag).shd).toBeLessThanOrEqual(2);
  const random = new Random(4);
  const few = Array.from({ length: 3 }, () => Array.from({ length: 5 }, () => random.normal()));
  expect(penalisedTopo(few).status).toBe('converged');
  expect(() => penalisedTopo(few, { score: 'logistic' })).toThrow(/binary variables/);
  expect(() => penalisedTopo(few, { lambda: Number.NaN })).toThrow(/lambda/);
  expect(() => penalisedTopo(few, { order: [0, 1] })).toThrow(/each of 0/);
  expect(penalisedTopo([[1], [2], [4]]).dag.data).toEqual(new Float64Array(1));
});
