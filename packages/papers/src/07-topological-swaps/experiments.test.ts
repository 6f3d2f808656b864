import { DenseMatrix } from 'southwell';
import { expect, test } from 'vitest';
import { betterSwaps, cyclesOf, lossOf, regressionScore, sourcesFirst } from './lab.ts';

test('the score of the judge is that of regressions on all that come before; a graph gives an order of its own', () => {
  // Two variables, variances 1 and 5, covariance 2: what is left is 1 and 1, or 5 and 0.2.
  const C = DenseMatrix.fromRows([
    [1, 2],
    [2, 5],
  ]);
  expect(regressionScore(C, [0, 1])).toBeCloseTo(1, 14);
  expect(regressionScore(C, [1, 0])).toBeCloseTo(2.6, 14);
  expect([betterSwaps(C, [0, 1]), betterSwaps(C, [1, 0])]).toEqual([0, 1]);
  const graph = DenseMatrix.fromRows([
    [0, 0, 0],
    [1, 0, 0],
    [0, 2, 0],
  ]);
  expect(sourcesFirst(graph)).toEqual([2, 1, 0]);
  expect(cyclesOf(graph)).toBe(0);
  // Both ways between two: eigenvalues ±ab of W∘W.
  const both = DenseMatrix.fromRows([
    [0, 1.5],
    [0.8, 0],
  ]);
  expect(cyclesOf(both)).toBeCloseTo(2 * (Math.cosh(1.5 * 0.8) - 1), 12);
  // The regression of the second on the first.
  const fit = DenseMatrix.fromRows([
    [0, 2],
    [0, 0],
  ]);
  expect(lossOf(C, fit)).toBeCloseTo(regressionScore(C, [0, 1]), 14);
});
