import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { bioDiesel, SCALE } from './bioDiesel.ts';
import { libraryMethod, type Method } from './lab.ts';
import { Oracle, type Step } from './oracle.ts';
import { type Problem, randomNetwork } from './problems.ts';
import {
  attacksAlone,
  boundedLbfgs,
  directSearch,
  directSearchWithin,
  interiorPoint,
  projectedGradient,
  randomLineSearch,
} from './rivals.ts';

const methods: ReadonlyArray<readonly [string, Method]> = [
  ['the hybrid', libraryMethod],
  ['direct search', directSearch],
  ['direct search within the hybrid', directSearchWithin],
  ['attacks alone', attacksAlone],
  ['random line search', randomLineSearch],
  ['projected gradient', projectedGradient],
  ['L-BFGS-B', boundedLbfgs],
];

/** A problem that counts passes itself. */
function counting(problem: Problem) {
  const calls = { value: 0, vjp: 0 };
  const network: Problem['network'] = {
    value(x) {
      calls.value++;
      return problem.network.value(x);
    },
    vjp(x, u) {
      calls.vjp++;
      return problem.network.vjp(x, u);
    },
  };
  return { calls, problem: { ...problem, network } };
}

/** ‖x − (1, 2)‖² within a box that does not hold (1, 2), through the identity. */
const plain: Problem = {
  name: 'plain',
  network: { value: (x) => x.slice(), vjp: (_, u) => u.slice() },
  objective: {
    value: ([a, b]) => (a - 1) ** 2 + (b - 2) ** 2,
    gradient: ([a, b]) => [2 * (a - 1), 2 * (b - 2)],
  },
  x0: Float64Array.of(0, 0),
  ...{ lower: -1, upper: 1.5 },
  radii: { first: 0.1, attack: [1e-8, 10], poll: [1e-8, 10] },
};

test.each(methods)('%s: solves a problem with bounds, and never gets worse', (_, method) => {
  let last: Step | undefined;
  for (const step of method(plain, 1)) {
    expect(step.f).toBeLessThanOrEqual(last?.f ?? 5);
    expect(step.passes).toBeGreaterThan(last?.passes ?? 0);
    last = step;
    if (step.passes > 3000) break;
  }
  expect(last!.x[0]).toBeCloseTo(1, 3);
  expect(last!.x[1]).toBeCloseTo(1.5, 3);
  expect(last!.f).toBeCloseTo(0.25, 3);
});

test.each(methods)('%s: passes are those through the network', (_, method) => {
  const { calls, problem } = counting(randomNetwork('tanh', [6, 8, 4], new Random(1)));
  let passes = 0;
  for (const step of method(problem, 2)) {
    passes = step.passes;
    // A product pays for its own pass forward; where the outputs are asked for as well, they are those of it.
    expect(passes).toBeGreaterThanOrEqual(calls.vjp + Math.max(calls.value, calls.vjp));
    expect(passes).toBeLessThanOrEqual(calls.value + 2 * calls.vjp);
    if (passes > 200) break;
  }
});

test('values are known after a gradient, and not otherwise', () => {
  const oracle = new Oracle(plain);
  const x = Float64Array.of(1, 2);
  const spent = () => {
    const { passes, points } = oracle.at(0, x);
    return [passes, points];
  };
  oracle.gradient(x);
  expect(spent()).toEqual([2, 0]);
  oracle.value(x);
  expect(spent()).toEqual([2, 1]);
  oracle.value(Float64Array.of(2, 2));
  expect(spent()).toEqual([3, 2]);
  oracle.gradient(Float64Array.of(2, 2));
  expect(spent()).toEqual([5, 2]);
});

test('interior points reach the edge of the reactor', async () => {
  const problem = { ...(await bioDiesel()), lower: 0, upper: 1 };
  let last: Step | undefined;
  for (const step of interiorPoint({ limit: 500 / (SCALE[0] * SCALE[1]) })(problem, 0)) last = step;
  expect(-last!.f).toBeCloseTo(1.878, 2.5);
  expect(last!.x[0] * SCALE[0]).toBeCloseTo(120, 3);
  expect(last!.x[0] * last!.x[1] * SCALE[0] * SCALE[1]).toBeCloseTo(500, 3);
});
