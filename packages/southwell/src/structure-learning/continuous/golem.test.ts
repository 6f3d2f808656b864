import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, run } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { graphMetrics } from '../graphs/metrics.ts';
import { semCovariance, simulateGraph, simulateSem } from '../graphs/simulate.ts';
import { moments, populationMoments } from '../moments.ts';
import { exponentialAcyclicity } from './acyclicity.ts';
import { golem, golemIterates } from './golem.ts';

// From NumPy with SciPy's expm, 1500 steps a stage; its gradients are complex steps of the objective, not formulas.
test.each([
  [
    'equal',
    [0, 0.104289148859, -0.004053290367, 0.63269127032, 0, 0.003746873508, -0.595153066767, 0.302299892498, 0],
    1.8625582972129664,
  ],
  [
    'unequal',
    [0, -3.355588032e-6, -2.5678473537e-5, 0.8247904589692, 0, 0.00126720765673, -0.6783453737726, 0.2676370694777, 0],
    0.09094734824990172,
  ],
] as const)('%s noise: W of an independent implementation', (variance, rows, objective) => {
  const data = populationMoments([
    [2, 1.2, -0.5],
    [1.2, 1.7, 0.3],
    [-0.5, 0.3, 1.1],
  ]);
  const fit = golem(data, { variance, iterations: 1500, stageTol: 0 });
  for (let k = 0; k < 9; k++) expect(Math.abs(fit.W.get(Math.floor(k / 3), k % 3) - rows[k])).toBeLessThan(2e-12);
  expect(fit.objective).toBeCloseTo(objective, 12);
  expect(fit.status).toBe('completed');
});

test.each(['equal', 'unequal'] as const)('%s noise: graph and scale of a population', (variance) => {
  const truth = simulateGraph({ nodes: 8, edges: 12, seed: 5 });
  const sizes = variance === 'equal' ? 2 : [1.5, 2, 2.5, 2, 1.8, 2.2, 2, 2];
  const fit = golem(populationMoments(semCovariance(truth, sizes)), { variance });
  expect(graphMetrics(truth, fit.dag).shd).toBe(0);
  expect(exponentialAcyclicity(fit.W).h).toBeLessThan(1e-3);
  fit.sigma!.forEach((s, j) => {
    expect(s ** 2 / (typeof sizes === 'number' ? sizes : sizes[j])).toBeCloseTo(1, 1);
  });
  expect(fit.status).toBe('converged');
});

test('units do not matter to equal noise: the likelihood has its scale profiled out', () => {
  const truth = simulateGraph({ nodes: 6, edges: 8, seed: 2 });
  const X = simulateSem(truth, { n: 300, seed: 3 });
  // A power of two: only the logarithm of the total rounds.
  const scaled = DenseMatrix.fromColumnMajor(
    X.data.map((v) => 8 * v),
    X.rows,
    X.cols,
  );
  const [a, b] = [golem(X, { iterations: 2000 }), golem(scaled, { iterations: 2000 })];
  for (let k = 0; k < 36; k++) expect(b.W.data[k]).toBeCloseTo(a.W.data[k], 9);
  expect(b.sigma![0] / a.sigma![0]).toBeCloseTo(8, 9);
});

test('few rows, one node, and options that cannot be', () => {
  const random = new Random(4);
  const few = Array.from({ length: 3 }, () => Array.from({ length: 5 }, () => random.normal()));
  const fit = golem(few, { variance: 'unequal', iterations: 3000 });
  expect(fit.warnings.join()).toMatch(/3 rows for 5 columns/);
  expect(Number.isFinite(fit.objective)).toBe(true);
  expect(golem([[1], [2], [4]]).W.data).toEqual(new Float64Array(1));
  const data = moments(few);
  for (const wrong of [{ lambda: -1 }, { acyclicity: Number.NaN }, { iterations: 0 }, { learningRate: 0 }])
    expect(() => run(golemIterates(data, wrong))).toThrow(Object.keys(wrong)[0]);
});
