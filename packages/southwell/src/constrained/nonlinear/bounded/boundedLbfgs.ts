import { checkOptions, fail, numberOption, type OptionsOf } from '@southwell/numerics/core';
import {
  boundMultipliers,
  Convergence,
  guarded,
  iterateAt,
  type NonlinearIterate,
  nowhere,
  type State,
  startWithin,
  stateResiduals,
  UNBOUNDED,
} from '../iterate.ts';
import { type CheckedProgram, checkProgram, type NonlinearProgram } from '../program.ts';
import { beyondSaddles } from '../saddles.ts';
import { BoundedDescent } from './descent.ts';

export const boundedLbfgsRecords = {
  /** Tolerance of the optimality conditions. Default 1e-8. */
  tol: numberOption({ min: 0, open: true }),
};

export interface BoundedLbfgsOptions extends OptionsOf<typeof boundedLbfgsRecords> {}

/**
 * L-BFGS-B for programs with bounds alone: a limited-memory quadratic model, minimised over the bounds from its
 * generalised Cauchy point (Byrd, Lu, Nocedal & Zhu 1995; Morales & Nocedal 2011), and a search for the weak Wolfe
 * conditions. First derivatives only; second ones, if there are any, tell whether it goes on from a saddle.
 *
 * Ends 'converged' if the residuals are at most `tol`, or relative to the size of their terms once they fall no
 * further; 'unbounded' if the objective falls below −1e20; 'stalled' if no step decreases it.
 * An iteration takes an evaluation or a few, and O(variables · 10) operations.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NOT_SUPPORTED for rows, and NON_FINITE for NaN in bounds or an objective
 * that is not finite at the initial point.
 */
export function* boundedLbfgsIterates(
  program: NonlinearProgram,
  options: BoundedLbfgsOptions = {},
): Generator<NonlinearIterate> {
  checkOptions('boundedLbfgsIterates', boundedLbfgsRecords, options);
  const checked = checkProgram(program);
  if (program.functions.constraints > 0) {
    fail(
      'NOT_SUPPORTED',
      `The method bounded-lbfgs is for programs with bounds alone, but this one has ${program.functions.constraints} rows.`,
    );
  }
  yield* guarded(checked, (whole) => beyondSaddles(whole, (from) => descending(from, options.tol ?? 1e-8)));
}

function* descending(program: CheckedProgram, tol: number): Generator<NonlinearIterate> {
  const { functions, lower, upper } = program;
  const start = startWithin(program);
  const oracle = (x: Float64Array, g: Float64Array): number => {
    functions.gradient(x, g);
    return functions.objective(x);
  };
  if (!Number.isFinite(functions.objective(start))) nowhere(program, start);
  const descent = new BoundedDescent(oracle, lower, upper, start);
  const convergence = new Convergence(tol);
  const none = new Float64Array(0);
  for (let iteration = 0; ; iteration++) {
    const { x, f, g, stepSize, trials, calls } = descent;
    const known = { f, gradient: g, c: none, J: none };
    const state: State = { x, rows: none, bounds: boundMultipliers(program, x, g), known };
    const residuals = stateResiduals(program, state);
    const course = { iteration, work: { oracleCalls: calls }, stepSize, trials };
    if (convergence.reached(residuals)) yield iterateAt(program, state, residuals, course, 'converged');
    else if (f < -UNBOUNDED) yield iterateAt(program, state, residuals, course, 'unbounded');
    else {
      yield iterateAt(program, state, residuals, course);
      if (descent.step()) continue;
      yield iterateAt(program, state, residuals, course, residuals.relative <= tol ? 'converged' : 'stalled');
    }
    return;
  }
}
