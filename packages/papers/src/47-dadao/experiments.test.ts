import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import { logisticOf } from './adult.ts';
import condition from './experiments/condition.ts';
import rates from './experiments/rates.ts';
import star from './experiments/star.ts';
import {
  countsOf,
  dadaoIterates,
  drawsOf,
  graphs,
  type Instance,
  iteratesOf,
  over,
  quadraticsOf,
  regressionsOf,
  ruleNames,
} from './lab.ts';

const pause = async () => {};

/** The sum of all gradients at the minimum, and the largest of the gradients of each node there. */
function atOptimum({ local, optimum }: Instance) {
  const sum = new Float64Array(optimum.length);
  let largest = 0;
  for (const client of local) {
    const own = new Float64Array(optimum.length);
    client.gradient(optimum, own, new Random(0));
    own.forEach((v, j) => {
      sum[j] += v;
      largest = Math.max(largest, Math.abs(v));
    });
  }
  return { sum: Math.hypot(...sum), largest };
}

const people = Array.from({ length: 60 }, (_, i) => ({ columns: [i % 3, 5 + (i % 7), 123], sign: i % 4 < 2 ? 1 : -1 }));

test.each<[string, Instance]>([
  ['regressions', regressionsOf(9, 2, 20, new Random(1))],
  ['quadratics', quadraticsOf(9, 4, 100, new Random(1))],
  ['logistic regressions', logisticOf(people, 6, 0.02)],
])('%s: the minimum has no gradient, curvatures are between μ and L, and conjugates undo gradients', (_, instance) => {
  const { sum, largest } = atOptimum(instance);
  expect(sum).toBeLessThan(1e-9 * largest);
  const { local, dual, mu, L, optimum } = instance;
  const random = new Random(2);
  local.forEach((client, i) => {
    const x = optimum.map((v) => v + random.normal());
    const gradients = [optimum, x].map((at) => {
      const into = new Float64Array(at.length);
      client.gradient(at, into, random);
      return into;
    });
    const square = x.reduce((s, v, j) => s + (v - optimum[j]) ** 2, 0);
    const slope = x.reduce((s, v, j) => s + (v - optimum[j]) * (gradients[1][j] - gradients[0][j]), 0) / square;
    expect(slope).toBeGreaterThan(mu * (1 - 1e-9));
    expect(slope).toBeLessThan(L * (1 + 1e-9));
    if (!dual) return;
    const back = new Float64Array(x.length);
    dual[i].conjugate(gradients[1], back);
    back.forEach((v, j) => {
      expect(v).toBeCloseTo(x[j], 7);
    });
  });
});

test('all rules reach the minimum; a run that does not counts as infinitely long', async () => {
  const instance = regressionsOf(9, 2, 20, drawsOf(1, 0));
  for (const rule of ruleNames) {
    const iterates = () => iteratesOf(rule, instance, graphs.grid(9), 1, dadaoIterates);
    const { solved, gradients, curve } = await countsOf(iterates(), { tol: 1e-6, most: 20_000 }, pause);
    expect([rule, solved]).toEqual([rule, true]);
    expect(curve.gradients.at(-1)).toBe(gradients);
    const short = await countsOf(iterates(), { tol: 1e-6, most: 1 }, pause);
    expect(short.solved).toBe(false);
    expect(over(short, short, 'gradients')).toBe(Number.POSITIVE_INFINITY);
  }
});

test('rates and counts of the star hold; with uniform rates they do not', async () => {
  expect(await outcomesOf([star, rates, condition], 11)).toEqual({
    ...{ notebook: 'holds', 'gossip-rates': 'holds', acceleration: 'holds' },
  });
  const uniform = rates.withMethod((graph) => new Float64Array(graph.from.length).fill(1 / graph.from.length));
  expect(await outcomesOf([uniform], 11)).toEqual({ 'gossip-rates': 'does not hold' });
});
