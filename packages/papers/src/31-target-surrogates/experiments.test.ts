import { Random } from 'southwell';
import { expect, test } from 'vitest';
import { expectAbort } from '../testing.ts';
import { expert, firstPolicy, policyModel, sizeOfPolicy, visited } from './control.ts';
import imitation from './experiments/imitation.ts';
import { libraryMethod, optimiserCalls, regression } from './lab.ts';
import { byRival, optimiserOf } from './stochastic.ts';

test('the least loss of squares is where the gradient is 0, whatever found it', async () => {
  const problem = await regression('squared', 60, 5, 3, async () => {});
  const exact = [...libraryMethod(problem, { inner: 'exact', oracleCalls: 2 })];
  expect(exact[1].objective).toBeCloseTo(problem.least, 12);
});

test('with all examples in a batch, reduced variance is descent that pays twice, and a last pass renews nothing', async () => {
  const pause = async () => {};
  const problem = await regression('logistic', 60, 5, 3, pause);
  const gap = (name: 'SGD' | 'SVRG', passes: number, batch = 60) =>
    byRival(name, { problem, batch, passes, seed: 1 }, 0.5, pause);
  expect(await gap('SVRG', 5)).toBeCloseTo(await gap('SGD', 3), 12);
  expect(await gap('SVRG', 4)).toBeCloseTo(await gap('SGD', 2), 12);
});

test('with reduced variance small batches go where all examples go, and constant steps alone do not', async () => {
  const pause = async () => {};
  const problem = await regression('squared', 60, 3, 3, pause);
  const gap = (name: 'SGD' | 'SVRG', batch: number, passes: number) =>
    byRival(name, { problem, batch, passes, seed: 1 }, 0.3, pause);
  // Every other pass of six batches has steps.
  const descent = await gap('SGD', 60, 3 * 400);
  const far = async (name: 'SGD' | 'SVRG', passes: number) => Math.abs((await gap(name, 10, passes)) / descent - 1);
  expect(await far('SVRG', 400)).toBeLessThan(1e-3);
  expect(await far('SGD', 200)).toBeGreaterThan(3e-3);
});

test('calls of an optimiser are those before the gap is reached', async () => {
  const pause = async () => {};
  const problem = await regression('squared', 60, 3, 3, pause);
  const calls = async (gap: number, most = 100) =>
    (await optimiserCalls(problem, optimiserOf.SGD(problem.length), { gap, calls: most }, pause)).calls;
  expect(await calls(1)).toBe(0);
  expect(await calls(0.99)).toBe(1);
  expect(await calls(1e-30, 5)).toBe(Number.POSITIVE_INFINITY);
});

test('the policy has the derivatives of differences', () => {
  const states = visited(firstPolicy(new Random(1), 64), 30, new Random(2));
  const model = policyModel(states, 64);
  const p = firstPolicy(new Random(3), 64).map((v, k) => v + 0.1 * Math.sin(k));
  const batch = Int32Array.from({ length: 30 }, (_, i) => i);
  const v = Float64Array.from({ length: 60 }, (_, k) => Math.cos(k));
  const g = new Float64Array(p.length);
  model.pull(p, batch, v, g);
  const along = (at: Float64Array): number => {
    const z = new Float64Array(60);
    model.forward(at, batch, z);
    return z.reduce((sum, u, k) => sum + u * v[k], 0);
  };
  for (let k = 0; k < sizeOfPolicy(64); k += 7) {
    const shifted = (h: number) => along(p.map((u, j) => (j === k ? u + h : u)));
    expect(g[k]).toBeCloseTo((shifted(1e-5) - shifted(-1e-5)) / 2e-5, 6);
  }
});

test('the expert brings the cart to the middle, and its gains cost less than others', () => {
  const cost = (force: (x: number, v: number) => number): number => {
    let [x, v, sum] = [0.01, 0, 0];
    for (let t = 0; t < 300; t++) {
      const u = force(x, v);
      sum += x * x + (v * v + u * u) / 10;
      [x, v] = [x + 0.1 * v + 0.005 * u, v + 0.1 * u];
    }
    return sum;
  };
  // Near the middle bounds do not matter.
  const own = (x: number, v: number) => expert([x, 0, v, 0])[0];
  const [kp, kv] = [-own(1e-6, 0) / 1e-6, -own(0, 1e-6) / 1e-6];
  const least = cost((x, v) => -kp * x - kv * v);
  for (const [a, b] of [
    [1.03, 1],
    [0.97, 1],
    [1, 1.03],
    [1, 0.97],
  ]) {
    expect(cost((x, v) => -a * kp * x - b * kv * v)).toBeGreaterThan(least);
  }
});

test('an abort ends a run by its reason, soon', () => expectAbort(imitation));
