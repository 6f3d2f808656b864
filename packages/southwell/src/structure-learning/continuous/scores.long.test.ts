import { expect, test } from 'vitest';
import { graphMetrics } from '../graphs/metrics.ts';
import { simulateBinarySem, simulateGraph, simulateNonlinearSem } from '../graphs/simulate.ts';
import { exponentialAcyclicity } from './acyclicity.ts';
import { notears } from './notears.ts';
import { notearsMlp } from './notearsMlp.ts';

test('the logistic score finds graphs of binary variables where least squares does not', () => {
  const wrong = { logistic: 0, gaussian: 0 };
  for (const seed of [1, 2, 3]) {
    const graph = simulateGraph({ nodes: 10, edges: 10, seed });
    const X = simulateBinarySem(graph, { n: 1000, seed: seed + 10 });
    for (const score of ['logistic', 'gaussian'] as const) {
      wrong[score] += graphMetrics(graph, notears(X, { score, lambda: 0.01 }).dag).shd;
    }
  }
  expect(wrong.logistic).toBeLessThan(wrong.gaussian / 3);
});

test('networks on nonlinear effects: fewer wrong edges than by lines, and no cycle', () => {
  const wrong = { lines: 0, networks: 0 };
  for (const seed of [1, 2, 3]) {
    const graph = simulateGraph({ nodes: 5, edges: 8, seed });
    const X = simulateNonlinearSem(graph, { n: 300, seed: seed + 10 });
    const fit = notearsMlp(X, { hidden: 6 });
    expect(exponentialAcyclicity(fit.W).h).toBeLessThanOrEqual(1.01e-8);
    wrong.networks += graphMetrics(graph, fit.dag).shd;
    wrong.lines += graphMetrics(graph, notears(X, { lambda: 0.03 }).dag).shd;
  }
  expect(wrong.networks).toBeLessThan(wrong.lines);
});
