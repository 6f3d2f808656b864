import { DenseMatrix, Random } from 'southwell';
import { OrderFactor } from 'southwell/structure-learning';
import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import orders from './experiments/orders.ts';
import { betterSwaps, cyclesOf, lossOf, type Method, regressionScore, sourcesFirst } from './lab.ts';

const outcomes = (method: Method) => outcomesOf([orders.withMethod(method)], 11, { whole: true });

/** Thirty swaps: the choice sees the gains of all pairs. */
const swapping = (choose: (gains: readonly number[], random: Random) => number): Method =>
  function* (data, options) {
    const random = new Random(options.seed ?? 0);
    const { d } = data;
    const factor = new OrderFactor(data.C, options.order ?? random.permutation(d));
    const pairs = Array.from({ length: d }, (_, b) => Array.from({ length: b }, (__, a) => [a, b] as const)).flat();
    for (let iteration = 0; ; iteration++) {
      const done = iteration === 30 ? 'converged' : undefined;
      const snapshot = () => ({ W: factor.weights(), order: factor.order.slice() });
      yield { iteration, objective: factor.score(), work: {}, done, snapshot };
      const gains = pairs.map(([a, b]) => factor.swapGain(a, b));
      factor.swap([pairs[choose(gains, random)]]);
    }
  };

// What swaps do after NOTEARS takes longer; the ablations run it.
test('from random orders every claim holds, on a seed of the tests alone', async () => {
  expect(await outcomesOf([orders], 11, { whole: true })).toEqual({ 'reaches-true-score': 'holds', monotone: 'holds' });
});

test('random swaps do not hold', async () => {
  const found = await outcomes(swapping((gains, random) => random.integer(gains.length)));
  expect(found['reaches-true-score']).not.toBe('holds');
  expect(found.monotone).toBe('does not hold');
});

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
