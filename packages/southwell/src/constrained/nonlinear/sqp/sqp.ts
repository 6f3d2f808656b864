import { checkOptions, numberOption, type OptionsOf } from '@southwell/numerics/core';
import {
  Convergence,
  guarded,
  iterateAt,
  type NonlinearIterate,
  nowhere,
  stateResiduals,
  UNBOUNDED,
} from '../iterate.ts';
import { type CheckedProgram, checkProgram, type NonlinearProgram } from '../program.ts';
import { beyondSaddles } from '../saddles.ts';
import { Sqp } from './step.ts';

export const sqpRecords = {
  /** Tolerance of the optimality conditions. Default 1e-8. */
  tol: numberOption({ min: 0, open: true }),
};

export interface SqpOptions extends OptionsOf<typeof sqpRecords> {}

/**
 * Sequential quadratic programming for dense programs of up to some hundred variables and rows: the Hessian of the
 * Lagrangian made positive definite, or a damped BFGS matrix without second derivatives (Powell 1978); subproblems by
 * the dual active set method from the previous working set; a line search on the ℓ₁ penalty function with second-order
 * corrections; violations at a cost where a subproblem has no feasible point (Nocedal & Wright 2006, chapter 18).
 * From a point with multipliers near a solution it takes a few iterations.
 *
 * Ends 'converged' if the residuals are at most `tol`, or relative to the size of their terms once they fall no
 * further; 'infeasible' at a local minimum of the violation, whose multipliers are then those of
 * the point; 'unbounded' if the objective falls below −1e20 at feasible points; 'stalled' if no step is found. An iteration takes O((variables + rows)³) operations and a few evaluations.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, and NON_FINITE for NaN in bounds or functions that are not finite at the
 * initial point.
 */
export function* sqpIterates(program: NonlinearProgram, options: SqpOptions = {}): Generator<NonlinearIterate> {
  checkOptions('sqpIterates', sqpRecords, options);
  yield* guarded(checkProgram(program), (checked) =>
    beyondSaddles(checked, (from) => iterates(from, options.tol ?? 1e-8)),
  );
}

function* iterates(program: CheckedProgram, tol: number): Generator<NonlinearIterate> {
  const method = new Sqp(program, tol);
  const { x, known } = method.state;
  if (!Number.isFinite(known.f) || !known.c.every(Number.isFinite)) nowhere(program, x);
  const convergence = new Convergence(tol);
  for (let iteration = 0; ; iteration++) {
    const { state, stepSize, trials, subproblems } = method;
    const residuals = stateResiduals(program, state);
    const course = { iteration, work: { subproblems }, stepSize, trials };
    if (convergence.reached(residuals)) yield iterateAt(program, state, residuals, course, 'converged');
    else if (state.known.f < -UNBOUNDED && residuals.primal <= Math.max(tol, 1e-6)) {
      yield iterateAt(program, state, residuals, course, 'unbounded');
    } else {
      yield iterateAt(program, state, residuals, course);
      const ending = method.step();
      if (!ending) continue;
      const last = { ...course, work: { subproblems: method.subproblems } };
      const done = residuals.relative <= tol ? 'converged' : ending;
      if (done === 'infeasible')
        yield iterateAt(program, method.state, stateResiduals(program, method.state), last, done);
      else yield iterateAt(program, state, residuals, last, done);
    }
    return;
  }
}
