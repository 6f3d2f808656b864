import { fail, nearestName } from '@southwell/numerics/core';
import type { Loss } from '../../losses/index.ts';
import { type Penalty, penalties } from '../../penalties/index.ts';
import { linearSolvers, type SolverName } from './index.ts';
import type { LinearSolver, LossNeed, PenaltyNeed } from './solver.ts';

/** Descriptions of needs. */
const WORDS: Readonly<Record<LossNeed | PenaltyNeed, string>> = {
  curvatureBound: 'a loss whose curvature has a bound',
  conjugate: 'a convex penalty with a conjugate',
};

const names = (needs: object): Array<LossNeed | PenaltyNeed> => Object.keys(needs) as Array<LossNeed | PenaltyNeed>;

const lacks = (what: object, needs: object): LossNeed | PenaltyNeed | undefined =>
  names(needs).find((need) => (what as Record<string, unknown>)[need] === undefined);

/** Whether a solver supports a loss with a penalty. */
export function fits({ needs }: LinearSolver, loss: Loss<never>, penalty: Penalty): boolean {
  return lacks(loss, needs.loss) === undefined && lacks(penalty, needs.penalty) === undefined;
}

/** @throws NOT_SUPPORTED, with an alternative, if the solver does not support the loss with the penalty. */
export function checkNeeds(solver: LinearSolver, loss: Loss<never>, penalty: Penalty): void {
  const able = Object.values<LinearSolver>(linearSolvers).filter((other) => fits(other, loss, penalty));
  const instead = `another solver (${able.map(({ name }) => name).join(', ')})`;
  const ofLoss = lacks(loss, solver.needs.loss);
  if (ofLoss) {
    fail(
      'NOT_SUPPORTED',
      `The solver ${solver.name} needs ${WORDS[ofLoss]}, and that of ${loss.name} has none. Use ${instead}.`,
    );
  }
  const ofPenalty = lacks(penalty, solver.needs.penalty);
  if (ofPenalty) {
    const others = Object.values<Penalty>(penalties).filter((other) => fits(solver, loss, other));
    fail(
      'NOT_SUPPORTED',
      `The solver ${solver.name} needs ${WORDS[ofPenalty]}, which ${penalty.name} is not. Use ${instead} or another ` +
        `penalty (${others.map(({ name }) => name).join(', ')}).`,
    );
  }
}

/**
 * The solver with that name.
 * @throws INVALID_PARAMETER.
 */
export function solverNamed(name: SolverName): LinearSolver {
  const all = Object.keys(linearSolvers);
  if (!Object.hasOwn(linearSolvers, name)) {
    const near = nearestName(String(name), all);
    const hint = near ? `did you mean ${near}?` : `there are ${all.join(', ')}.`;
    fail('INVALID_PARAMETER', `There is no solver ${String(name)}; ${hint}`);
  }
  return linearSolvers[name];
}
