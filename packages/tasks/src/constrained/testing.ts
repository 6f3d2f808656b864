import { hockSchittkowski, modelOfText } from '@southwell/data';
import { functionsOf } from '@southwell/numerics/expressions';
import {
  type NonlinearMethod,
  type NonlinearProgram,
  nonlinearProgram,
  optimalityResiduals,
} from 'southwell/constrained';
import { expect } from 'vitest';

/** The problems of Hock and Schittkowski with their best known objectives. */
export const problems = hockSchittkowski.map((one) => {
  const { variables, rows, ...model } = modelOfText(one);
  const functions = functionsOf({ variables, rows, ...model });
  const sides = { lower: variables.lower, upper: variables.upper, rowLower: rows.lower, rowUpper: rows.upper };
  const program: NonlinearProgram = { functions, ...sides, start: one.start };
  // Some have two minima that are in the book or known.
  return { best: [one.best, one.otherMinimum ?? one.best], program };
});

export const share = (results: readonly boolean[]): number => results.filter(Boolean).length / results.length;

/** A solution whose residuals are recomputed, and whether its objective is one that is known. */
export function solved(program: NonlinearProgram, method: NonlinearMethod, best: readonly number[]) {
  const solution = nonlinearProgram(program, { method });
  const { relative } = optimalityResiduals(program, solution.point);
  // A status claims what is so.
  expect(solution.status === 'converged').toBe(relative <= 1e-8);
  const isBest = best.some((value) => Math.abs(solution.objective - value) <= 1e-5 * (1 + Math.abs(value)));
  return { ...solution, converged: solution.status === 'converged', isBest };
}

/** Augmented Lagrangians solve nearly all of these problems by first derivatives. */
export function byFirstDerivatives(some: typeof problems): void {
  const results = some.map(({ program, best }) => solved(program, 'augmented-lagrangian', best));
  expect(share(results.map(({ converged }) => converged))).toBeGreaterThan(0.97);
  expect(share(results.map(({ isBest }) => isBest))).toBeGreaterThan(0.9);
}
