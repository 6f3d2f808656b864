import { infeasibility, leastViolation, steepestRay, unboundedRay } from './certificates.ts';
import { type InteriorStep, interiorPoint } from './interiorPoint.ts';
import type { Qp } from './problem.ts';
import { isBetter } from './state.ts';

/** Least relative violation of the rows that is not put down to rounding. */
const VIOLATED = 1e-9;

/**
 * The interior point method, with steps of equal lengths where those of different lengths stall. Its doubts about the
 * existence of a solution are settled by linear programs: a ray counts only if there is a feasible point, and where the
 * method stalls, a proof that there is none is looked for.
 */
export function* concluded(qp: Qp, tol: number, convex = true): Generator<InteriorStep, void, void> {
  let best: InteriorStep | undefined;
  // Steps of different lengths are not for cones.
  for (const together of qp.cones.length > 1 ? [true] : [false, true]) {
    for (const step of interiorPoint(qp, tol, { together, convex })) {
      const shown = best && (step.done === undefined || step.done === 'stalled') ? after(best, step) : step;
      if (step.done === 'stalled') best = shown;
      else if (step.done === 'unbounded') yield* feasible(qp, shown);
      else yield shown;
      if (step.done !== undefined && step.done !== 'stalled') return;
    }
  }
  if (best) yield* proofSought(qp, best, tol);
}

/** A step of the second attempt, which goes on from the best point of the first. */
function after(first: InteriorStep, step: InteriorStep): InteriorStep {
  const [iteration, factorisations] = [first.iteration + step.iteration, first.factorisations + step.factorisations];
  return { ...step, iteration, factorisations, best: isBetter(step.best, first.best) ? step.best : first.best };
}

/** The step, if a linear program does not prove that its problem is infeasible. */
function* feasible(qp: Qp, step: InteriorStep): Generator<InteriorStep, boolean, void> {
  const proof = yield* leastOf(step, leastViolation(qp));
  const infeasible =
    proof && proof.best.residuals.objective > VIOLATED ? infeasibility(qp, proof.best.rows) : undefined;
  if (infeasible) yield { ...step, done: 'infeasible', infeasibility: infeasible, ray: undefined };
  else if (step.done === 'unbounded') yield step;
  return infeasible === undefined;
}

function* proofSought(qp: Qp, step: InteriorStep, tol: number): Generator<InteriorStep, void, void> {
  if (step.best.residuals.relative.primal > tol && !(yield* feasible(qp, step))) return;
  yield* raySought(qp, step);
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
  for (const other of interiorPoint(helper, 1e-9, { together: helper.cones.length > 1, convex: true })) {
    last = other;
    yield { ...step, iteration: iteration++, done: undefined, ray: undefined };
  }
  return last;
}
