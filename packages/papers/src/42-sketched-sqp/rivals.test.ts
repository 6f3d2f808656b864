import { existsSync, readFileSync } from 'node:fs';
import { Random } from '@southwell/numerics/core';
import { checkDerivatives, sketchedSqp } from 'southwell/constrained';
import { describe, expect, test } from 'vitest';
import { distance, type Outer } from './lab.ts';
import { classicProblem, classicProblems, heatControl, logisticRegression, madeRows, programOf } from './problems.ts';
import { augmentedLagrangian, gmresSqp } from './rivals.ts';

const last = (steps: Iterable<Outer>, most = 500): Outer => {
  let end: Outer | undefined;
  let count = 0;
  for (const step of steps) {
    end = step;
    if (step.ended || ++count > most) break;
  }
  return end!;
};
const rivals = [
  ['GMRES ℓ₁-SQP', (problem, tol) => gmresSqp(problem, { tol })],
  ['its adaptive form', (problem, tol) => gmresSqp(problem, { tol, adaptive: true })],
  ['augmented Lagrangian', (problem, tol) => augmentedLagrangian(problem, { tol })],
] as const satisfies ReadonlyArray<readonly [string, (problem: ReturnType<typeof heatControl>, tol: number) => object]>;

test('derivatives of the problems', () => {
  const random = new Random(1);
  const logistic = logisticRegression(madeRows(40, 14, random), random);
  for (const { functions, start } of [heatControl(3), logistic, ...classicProblems()]) {
    expect(
      checkDerivatives(
        functions,
        start.map((v, j) => v + 0.01 * j),
      ),
    ).toEqual([]);
  }
});

test('the controlled heat equation', () => {
  const { functions, start } = heatControl(3);
  const c = new Float64Array(9);
  functions.constraintValues(start, c);
  // h = ½: at w = z = 1 the Laplacian is −4 times the number of neighbours outside.
  expect([...c]).toEqual([-7, -3, -7, -3, 1, -3, -7, -3, -7]);
});

describe.each(rivals)('%s', (_, method) => {
  test('solves what factors solve', () => {
    const random = new Random(2);
    for (const problem of [heatControl(3), logisticRegression(madeRows(60, 20, random), random)]) {
      const { x, ended } = last(method(problem, 1e-6));
      expect(ended).toBe('converged');
      const exact = sketchedSqp(programOf(problem), { solver: 'direct', tol: 1e-10 }).point;
      expect(distance(x, exact.x)).toBeLessThan(1e-4);
    }
    const { f, ended } = last(method(classicProblem('HS28'), 1e-6));
    expect([ended, f]).toEqual(['converged', expect.closeTo(0, 8)]);
  });
});

const values = new URL('../../../../../shared/data/s2mpj_values/s2mpj.json', import.meta.url);

test.skipIf(!existsSync(values))('problems as in CUTEst (needs ../shared)', () => {
  const { problems } = JSON.parse(readFileSync(values, 'utf8')) as {
    problems: ReadonlyArray<{ name: string; f0: number; c0: number[]; grad0: number[]; x0: number[] }>;
  };
  for (const { name, functions, start } of classicProblems()) {
    const stated = problems.find((p) => p.name === name)!;
    expect([...start], name).toEqual(stated.x0);
    expect(functions.objective(start), name).toBeCloseTo(stated.f0, 8);
    const [c, g] = [new Float64Array(functions.constraints), new Float64Array(start.length)];
    functions.constraintValues(start, c);
    functions.gradient(start, g);
    for (const [i, v] of stated.c0.entries()) expect(c[i], name).toBeCloseTo(v, 8);
    for (const [j, v] of stated.grad0.entries()) expect(g[j], name).toBeCloseTo(v, 8);
  }
});
