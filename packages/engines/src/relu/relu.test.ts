import { Random } from '@southwell/numerics/core';
import { afterAll, describe, expect, test } from 'vitest';
import { HighsEngine, planThroughNetwork, type ReluNetwork, ReluProgram } from '../index.ts';
import { comparedWithPatterns, evaluate, randomNetwork } from './testing.ts';

const engine = new HighsEngine();
afterAll(() => engine.close());

test.each([
  [1, [2, 5, 1]],
  [2, [3, 3, 3, 2]],
  [3, [2, 6, 1]],
])('the least output of a network in a box is that of all patterns of units (network %i)', (seed, sizes) =>
  comparedWithPatterns(engine, seed, sizes),
);

test('bounds hold at random points of the box, and linear programs tighten them', async () => {
  const network = randomNetwork(4, [3, 6, 6, 1]);
  const random = new Random(1);
  const program = new ReluProgram();
  const x = program.variables(3, { lower: -0.5, upper: 0.5 });
  program.network(network, x);
  const inside = () => {
    const { variables, rows } = program.model();
    for (let k = 0; k < 200; k++) {
      const point = program.complete(Array.from({ length: 3 }, () => random.uniform() - 0.5));
      point.forEach((v, j) => {
        expect(v).toBeGreaterThanOrEqual(variables.lower[j] - 1e-9);
        expect(v).toBeLessThanOrEqual(variables.upper[j] + 1e-9);
      });
      const values = new Float64Array(rows.names.length);
      const { colPointers, rowIndices, values: entries, cols } = rows.linear;
      for (let j = 0; j < cols; j++) {
        for (let p = colPointers[j]; p < colPointers[j + 1]; p++) values[rowIndices[p]] += entries[p] * point[j];
      }
      values.forEach((v, i) => {
        expect(v).toBeGreaterThanOrEqual(rows.lower[i] - 1e-9);
        expect(v).toBeLessThanOrEqual(rows.upper[i] + 1e-9);
      });
    }
    return variables.upper.reduce((sum, v) => sum + v, 0);
  };
  const before = inside();
  await program.tighten(engine);
  expect(inside()).toBeLessThan(before);
});

describe('plans', () => {
  const dynamics = randomNetwork(6, [3, 4, 2]);
  const problem = {
    ...{ dynamics, residual: true, horizon: 2, state: [0.2, -0.1], target: [0.5, 0.4] },
    ...{ controlLower: [-1], controlUpper: [1], effort: 0.05 },
  };
  const costOf = (controls: readonly number[]): number => {
    let x = problem.state;
    let cost = 0;
    for (const u of controls) {
      const change = evaluate(dynamics, [...x, u]);
      x = x.map((v, i) => v + change[i]);
      cost += Math.abs(x[0] - 0.5) + Math.abs(x[1] - 0.4) + 0.05 * Math.abs(u);
    }
    return cost;
  };

  test('cost no more than the best of a grid, and what the network says they do', async () => {
    const steps = Array.from({ length: 81 }, (_, k) => -1 + k / 40);
    const grid = Math.min(...steps.flatMap((u) => steps.map((v) => costOf([u, v]))));
    for (const bounds of ['interval', 'lp'] as const) {
      const plan = await planThroughNetwork(problem, engine, { bounds, mipGap: 1e-9 });
      expect(plan.status).toBe('converged');
      const controls = plan.controls!.map((u) => u[0]);
      expect(plan.cost).toBeCloseTo(costOf(controls), 6);
      expect(plan.cost!).toBeLessThanOrEqual(grid + 1e-9);
      // The grid is at most half a step away, times the slope of the cost.
      expect(plan.cost!).toBeGreaterThan(grid - 0.2);
      expect(plan.states![1][0]).toBeCloseTo(0.2 + evaluate(dynamics, [0.2, -0.1, controls[0]])[0], 6);
    }
  });

  test('start from an incumbent; a limit of time leaves it', async () => {
    const incumbent = [[0.3], [-0.2]];
    const stopped = await planThroughNetwork(problem, engine, { incumbent, timeLimit: 0 });
    expect(['time-limit', 'converged']).toContain(stopped.status);
    const found = await planThroughNetwork(problem, engine, { incumbent });
    expect(found.cost!).toBeLessThanOrEqual(costOf([0.3, -0.2]) + 1e-9);
  });

  test('bounds of states hold, or are told to be out of reach', async () => {
    const free = await planThroughNetwork(problem, engine);
    const upper = free.states![2][0] - 0.05;
    const kept = await planThroughNetwork({ ...problem, stateUpper: [upper, 10] }, engine);
    if (kept.status === 'converged') {
      expect(kept.states![2][0]).toBeLessThanOrEqual(upper + 1e-6);
      expect(kept.cost!).toBeGreaterThan(free.cost! - 1e-9);
    } else expect(kept.status).toBe('infeasible');
    for (const bounds of ['interval', 'lp'] as const) {
      const none = await planThroughNetwork({ ...problem, stateLower: [50, 50], stateUpper: [60, 60] }, engine, {
        bounds,
      });
      expect([none.status, none.message]).toEqual(['infeasible', expect.stringMatching(/No controls in their box/)]);
    }
  });
});

test('what is no program is told', async () => {
  const program = new ReluProgram();
  const [x] = program.variables(1, { lower: 0, upper: 1 });
  const free = program.variables(1, { name: 'free' });
  const layer = (weights: number[][], more = {}) => [{ weights, ...more }] as ReluNetwork;
  expect(() => program.network(layer([[1]], { activation: 'tanh' }), [x])).toThrow("Layer 1 has the activation 'tanh'");
  expect(() => program.network(layer([[1, 2]]), [x])).toThrow('Layer 1 takes 2 inputs, but there are 1');
  expect(() => program.network(layer([[1]], { bias: [1, 2] }), [x])).toThrow('1 outputs, but 2 biases');
  expect(() => program.network(layer([[Number.NaN]]), [x])).toThrow('not finite');
  expect(() => program.network([], [x])).toThrow('no layers');
  expect(() => program.network(layer([[1]]), free)).toThrow("'free1' has no bounds on both sides");
  expect(() => program.variables(1, { lower: 1, upper: 0 })).toThrow('its box is empty');
  expect(() => program.variables(2, { lower: [0] })).toThrow(/missing or NaN/);
  expect(() => program.complete([1])).toThrow('There are 2 variables to be given, but 1 values');
  const problem = {
    dynamics: layer([[1, 1]]),
    horizon: 1,
    state: [0],
    target: [0],
    controlLower: [0],
    controlUpper: [1],
  };
  await expect(planThroughNetwork({ ...problem, horizon: 0 }, engine)).rejects.toThrow('horizon must be');
  await expect(planThroughNetwork({ ...problem, target: [] }, engine)).rejects.toThrow('The target has 0 values');
  await expect(planThroughNetwork({ ...problem, stateLower: [] }, engine)).rejects.toThrow('stateLower has 0 values');
  await expect(planThroughNetwork(problem, engine, { incumbent: [] })).rejects.toThrow('1 rows of 1 controls');
  await expect(planThroughNetwork({ ...problem, state: [0, 0], target: [0, 0] }, engine)).rejects.toThrow(
    'takes 2 inputs',
  );
});
