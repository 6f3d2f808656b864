import { infeasibility, leastViolation, steepestRay, unboundedRay } from './certificates.ts';
import { type InteriorStep, interiorPoint } from './interiorPoint.ts';
import type { Qp } from './problem.ts';

/** Least relative violation of the rows that is not put down to rounding. */
const VIOLATED = 1e-9;

/**
 * The interior point method, whose doubts about the existence of a solution are settled by linear programs: a ray
 * counts only if there is a feasible point, and where the method stalls, a proof that there is none is looked for.
 */
export function* concluded(qp: Qp, tol: number): Generator<InteriorStep, void, void> {
  for (const step of interiorPoint(qp, tol)) {
    if (step.done !== 'unbounded' && step.done !== 'stalled') yield step;
    else if (step.done === 'unbounded' || step.best.residuals.relative.primal > tol) {
      const proof = yield* leastOf(step, leastViolation(qp));
      const infeasible = proof && proof.best.residuals.objective > VIOLATED ? infeasibility(qp, proof.best.rows) : undefined;
      if (infeasible) yield { ...step, done: 'infeasible', infeasibility: infeasible, ray: undefined };
      else if (step.done === 'stalled') yield* raySought(qp, step);
      else yield step;
    } else yield* raySought(qp, step);
  }
}

function* raySought(qp: Qp, step: InteriorStep): Generator<InteriorStep, void, void> {
  if (step.best.residuals.relative.primal > 1e-6) {
    yield step;
    return;
  }
  const found = yield* leastOf(step, steepestRay(qp));
  const ray = found && unboundedRay(qp, found.best.x);
  yield ray ? { ...step, done: 'unbounded', ray } : step;
}

/** The last step of a linear program that helps another; its steps show the other's point. */
function* leastOf(step: InteriorStep, helper: Qp): Generator<InteriorStep, InteriorStep | undefined, void> {
  let last: InteriorStep | undefined;
  let { iteration } = step;
  for (const other of interiorPoint(helper, 1e-9)) {
    last = other;
    yield { ...step, iteration: iteration++, done: undefined, ray: undefined };
  }
  return last;
}
