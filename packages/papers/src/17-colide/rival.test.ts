import { run } from 'southwell';
import { colideIterates, graphEstimate, moments, simulateGraph, simulateSem } from 'southwell/structure-learning';
import { expect, test } from 'vitest';
import { covariance, dagma, dagOf, residualDeviations, sortedRegressions } from './rival.ts';

test('the rival and the library, which share no code, learn the same weights by least squares', () => {
  const truth = simulateGraph({ nodes: 8, edges: 16, seed: 4 });
  const X = simulateSem(truth, { n: 500, seed: 5 });
  // Steps of Adam go round a minimum of ‖W‖₁, so that neither ends at a point.
  const options = { lambda: 0.05, iterations: 4000, lastIterations: 14_000 };
  const data = moments(X);
  const theirs = graphEstimate(run(colideIterates(data, { ...options, variance: 'none' })), data);
  const C = covariance(X);
  const W = dagma(C, 8, options);
  const dag = dagOf(W, 8);
  const sigma = residualDeviations(C, W, 8);
  for (let i = 0; i < 8; i++) {
    expect(sigma[i]).toBeCloseTo(theirs.sigma![i], 4);
    for (let j = 0; j < 8; j++) {
      expect(W[8 * i + j]).toBeCloseTo(theirs.W.get(i, j), 3);
      expect(dag[8 * i + j] !== 0).toBe(theirs.dag.get(i, j) !== 0);
    }
  }
});

test('regressions along the order of variances give the weights of a graph whose variances have this order', () => {
  // 0 → 1 with weight 2, 0 → 2 with weight 1 and 1 → 2 with weight −3; noise of variance 1.
  const C = Float64Array.of(1, 2, -5, 2, 5, -13, -5, -13, 35);
  const expected = [0, 2, 1, 0, 0, -3, 0, 0, 0];
  for (const [e, w] of sortedRegressions(C, 3).entries()) expect(w).toBeCloseTo(expected[e], 10);
});
