import { DenseMatrix, Random } from 'southwell';
import { moments } from 'southwell/structure-learning';
import { expect, test } from 'vitest';
import { betterSwaps, cyclesOf, lossOf, regressionScore, sourcesFirst } from './lab.ts';
import { changeBySwap, evaluationsTo, randomSwaps, residuals } from './rivals.ts';

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

test('the change by a swap is that of the score, and random swaps lower it', async () => {
  const random = new Random(5);
  const rows = Array.from({ length: 40 }, () => Array.from({ length: 6 }, () => random.normal()));
  for (const row of rows) for (let j = 1; j < 6; j++) row[j] += row[j - 1] * (j - 2.5);
  const data = moments(rows, { centre: false });
  const order = [3, 0, 5, 1, 4, 2];
  const left = residuals(data.C, order);
  for (let b = 0; b < 6; b++) {
    for (let a = 0; a < b; a++) {
      const other = order.slice();
      [other[a], other[b]] = [order[b], order[a]];
      const change = regressionScore(data.C, other) - regressionScore(data.C, order);
      expect(changeBySwap(left, [a, b])).toBeCloseTo(change, 10);
    }
  }
  // With all pairs in the set the search ends where no swap helps.
  const sets = { small: 15, large: 15, searches: 0 };
  const trace = await randomSwaps(data, order, sets, new Random(1), async () => {});
  expect(trace[0]).toEqual({ evaluations: 0, score: regressionScore(data.C, order) });
  expect(trace.length).toBeGreaterThan(2);
  for (let k = 1; k < trace.length; k++) {
    expect(trace[k].score).toBeLessThan(trace[k - 1].score);
    expect(trace[k].evaluations).toBe(15 * k);
  }
  expect(evaluationsTo(trace, trace[2].score)).toBe(30);
  expect(evaluationsTo(trace, 0)).toBe(Number.POSITIVE_INFINITY);
});
