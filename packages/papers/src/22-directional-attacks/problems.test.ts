import * as ad from '@southwell/autodiff';
import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { pauses } from '../pauses.ts';
import { bioDiesel, SCALE } from './bioDiesel.ts';
import { cheapestPath, costOf, counterfactual } from './grid.ts';
import { mixture, trainedReader } from './mixture.ts';
import { Oracle } from './oracle.ts';
import { kinkedValley, type Problem, randomNetwork } from './problems.ts';

const valueAt = (problem: Problem, x: Float64Array) => new Oracle(problem).value(x);

/** Central differences of the penalised objective agree with its gradient. */
function expectGradient(problem: Problem, x: Float64Array, digits: number): void {
  const g = new Oracle(problem).gradient(x);
  const size = Math.max(...g.map(Math.abs));
  const h = 1e-6;
  for (let j = 0; j < x.length; j++) {
    const moved = (s: number) =>
      valueAt(
        problem,
        x.map((v, i) => (i === j ? v + s : v)),
      );
    expect((moved(h) - moved(-h)) / (2 * h) / size).toBeCloseTo(g[j] / size, digits);
  }
}

test.each(['tanh', 'relu'] as const)(
  'a random network with %s: gradients, and a target that is reached',
  (activation) => {
    const random = new Random(1);
    const problem = randomNetwork(activation, [6, 9, 9, 4], random);
    expectGradient(
      problem,
      Float64Array.from({ length: 6 }, () => random.normal()),
      5,
    );
    expect(valueAt(problem, problem.x0)).toBeGreaterThan(0);
  },
);

test('a kinked valley: gradients, and three times as steep across as along', () => {
  const problem = kinkedValley(3, new Random(5));
  expectGradient(problem, Float64Array.of(0.3, -0.2), 6);
  const g = new Oracle(problem).gradient(problem.x0);
  expect(Math.hypot(...g)).toBeCloseTo(Math.sqrt(10), 12);
  expect(valueAt(problem, problem.x0)).toBeGreaterThanOrEqual(1);
  expect(valueAt(problem, problem.x0)).toBeLessThanOrEqual(Math.sqrt(10));
});

test('bio-diesel: the value at the start, gradients, and the optimum on a grid', async () => {
  const problem = await bioDiesel();
  expect(valueAt(problem, problem.x0)).toBeCloseTo(-0.5131006, 6);
  expectGradient(problem, problem.x0, 6);
  expectGradient(problem, Float64Array.of(1.01, 0.9), 5);
  expectGradient(problem, Float64Array.of(-0.01, 0.3), 5);
  let [best, at] = [Number.POSITIVE_INFINITY, [0, 0]];
  for (let t = 119; t <= 120; t += 0.1) {
    for (let q = 4.1; q <= 4.25; q += 0.005) {
      const value = valueAt(problem, Float64Array.of(t / SCALE[0], q / SCALE[1]));
      if (value < best) [best, at] = [value, [t, q]];
    }
  }
  expect(best).toBeCloseTo(-1.877, 2.5);
  expect(at[0]).toBeCloseTo(120, 0);
  expect(at[1]).toBeCloseTo(4.17, 1);
});

test('a mixture of digits: the wanted one is reached by its weight; gradients', async () => {
  const pause = pauses({ size: 'quick', seed: 1 });
  const reader = await trainedReader(1, pause);
  const { X, labels } = reader.images;
  const rows = ad.tensor(
    Float64Array.from({ length: X.rows * X.cols }, (_, k) => X.get(Math.floor(k / X.cols), k % X.cols) / 16),
    { shape: [X.rows, X.cols] },
  );
  const read = Array.from<number>(ad.argmax(reader.probabilities(rows)).data());
  expect(read.reduce((right, digit, i) => right + Number(digit === labels[i]), 0) / X.rows).toBeGreaterThan(0.97);
  const problem = mixture(reader, 20, new Random(2));
  const alone = Float64Array.from({ length: 20 }, (_, j) => (j === problem.wanted ? 40 : 0));
  expect(valueAt(problem, alone)).toBeLessThan(1e-12);
  const digit = problem.pixels.subarray(64 * problem.wanted, 64 * problem.wanted + 64);
  for (const [k, v] of problem.mixed(alone).entries()) expect(v).toBeCloseTo(digit[k], 9);
  expect(valueAt(problem, problem.x0)).toBeGreaterThan(0.01);
  expectGradient(
    problem,
    Float64Array.from({ length: 20 }, (_, j) => Math.sin(j)),
    5,
  );
});

test('Dijkstra finds the cheapest path', () => {
  // Around the wall of nines, and not across it.
  const costs = Float64Array.of(1, 9, 1, 1, 9, 1, 1, 1, 1);
  expect(cheapestPath(costs)).toEqual([0, 3, 6, 7, 8]);
  const random = new Random(3);
  for (let k = 0; k < 20; k++) {
    const made = Float64Array.from({ length: 16 }, () => random.uniform());
    const path = cheapestPath(made);
    expect([path[0], path.at(-1)]).toEqual([0, 15]);
    expect(costOf(path, made)).toBeCloseTo(leastOf(made), 12);
  }
});

/** The least cost of a path by relaxing all cells until nothing changes. */
function leastOf(costs: Float64Array): number {
  const side = Math.sqrt(costs.length);
  const at = new Float64Array(costs.length).fill(Number.POSITIVE_INFINITY);
  at[0] = costs[0];
  for (let round = 0; round < costs.length; round++) {
    for (let i = 0; i < costs.length; i++) {
      const near = [i - side, i + side, i % side > 0 ? i - 1 : -1, i % side < side - 1 ? i + 1 : -1];
      for (const j of near) if (j >= 0 && j < costs.length) at[i] = Math.min(at[i], at[j] + costs[i]);
    }
  }
  return at[costs.length - 1];
}

test('a counterfactual: gradients, and what is violated at the start', () => {
  const problem = counterfactual(8, 64, new Random(4));
  expectGradient(
    problem,
    problem.x0.map((v, j) => 1.3 * v + 0.1 * Math.sin(j)),
    5,
  );
  const y = new Oracle(problem).outputs(problem.x0);
  const costs = problem.costs(problem.x0);
  expect(Math.min(...costs)).toBeGreaterThan(1);
  expect(Math.max(...costs)).toBeLessThan(9);
  expect(problem.objective.value(y)).toBe(0);
  const [ring, paths] = Array.from(problem.constraints!.value(problem.x0, y));
  expect(ring).toBeCloseTo(-0.1, 12);
  expect(paths).toBeCloseTo((2 * costOf(problem.wanted, costs) - costOf(problem.before, costs)) / 10, 12);
  expect(costOf(problem.before, costs)).toBeLessThan(costOf(problem.wanted, costs));
});
