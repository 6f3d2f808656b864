import { expect, test } from 'vitest';
import { byFirstDerivatives, problems, share, solved } from './testing.ts';

test('sequential quadratic programming solves all problems, with second derivatives and without', () => {
  for (const exact of [true, false]) {
    const results = problems.map(({ program, best }) => {
      const { hessian: _, hessianValues: __, ...firstOrder } = program.functions;
      return solved(exact ? program : { ...program, functions: firstOrder }, 'sqp', best);
    });
    expect(results.every(({ converged }) => converged)).toBe(true);
    // Others are local solutions.
    expect(share(results.map(({ isBest }) => isBest))).toBeGreaterThan(0.95);
  }
});

test('near a solution it takes fewer iterations than interior points, mostly one to three', () => {
  const counts = problems.map(({ program, best }) => {
    const { point } = solved(program, 'interior-point', best);
    const start = point.x.map((v, j) => v + 1e-3 * Math.max(1, Math.abs(v)) * Math.sin(j + 1));
    const warm = { ...program, start, startMultipliers: point };
    const [sqp, interior] = (['sqp', 'interior-point'] as const).map((method) => solved(warm, method, best));
    expect(sqp.converged).toBe(true);
    return { sqp: sqp.iterations, interior: interior.iterations };
  });
  const sum = (of: 'sqp' | 'interior') => counts.reduce((total, one) => total + one[of], 0);
  expect(sum('sqp')).toBeLessThan(sum('interior'));
  expect(share(counts.map(({ sqp }) => sqp <= 3))).toBeGreaterThan(0.9);
});

test('augmented Lagrangians solve nearly all of every fourth problem by first derivatives', () =>
  byFirstDerivatives(problems.filter((_, k) => k % 4 === 0)));

test('L-BFGS-B solves those with bounds alone', () => {
  const bounded = problems.filter(({ program }) => program.functions.constraints === 0);
  expect(bounded.length).toBeGreaterThan(5);
  for (const { program, best } of bounded) expect(solved(program, 'bounded-lbfgs', best).isBest).toBe(true);
});
