import { hockSchittkowski, modelOfText } from '@southwell/data';
import { functionsOf } from '@southwell/numerics/expressions';
import {
  type NonlinearMethod,
  type NonlinearProgram,
  nonlinearProgram,
  optimalityResiduals,
} from 'southwell/constrained';
import { expect, test } from 'vitest';

const problems = hockSchittkowski.map((one) => {
  const { variables, rows, ...model } = modelOfText(one);
  const functions = functionsOf({ variables, rows, ...model });
  const sides = { lower: variables.lower, upper: variables.upper, rowLower: rows.lower, rowUpper: rows.upper };
  const program: NonlinearProgram = { functions, ...sides, start: one.start };
  // Some have two minima that are in the book or known.
  return { best: [one.best, one.otherMinimum ?? one.best], program };
});

const share = (results: readonly boolean[]): number => results.filter(Boolean).length / results.length;

/** A solution whose residuals are recomputed, and whether its objective is one that is known. */
function solved(program: NonlinearProgram, method: NonlinearMethod, best: readonly number[]) {
  const solution = nonlinearProgram(program, { method });
  const { relative } = optimalityResiduals(program, solution.point);
  // A status claims what is so.
  expect(solution.status === 'converged').toBe(relative <= 1e-8);
  const isBest = best.some((value) => Math.abs(solution.objective - value) <= 1e-5 * (1 + Math.abs(value)));
  return { ...solution, converged: solution.status === 'converged', isBest };
}

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

test('augmented Lagrangians solve nearly all problems by first derivatives', () => {
  const results = problems.map(({ program, best }) => solved(program, 'augmented-lagrangian', best));
  expect(share(results.map(({ converged }) => converged))).toBeGreaterThan(0.97);
  expect(share(results.map(({ isBest }) => isBest))).toBeGreaterThan(0.9);
});

test('L-BFGS-B solves those with bounds alone', () => {
  const bounded = problems.filter(({ program }) => program.functions.constraints === 0);
  expect(bounded.length).toBeGreaterThan(5);
  for (const { program, best } of bounded) expect(solved(program, 'bounded-lbfgs', best).isBest).toBe(true);
});
