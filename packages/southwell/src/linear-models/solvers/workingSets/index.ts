import { fail, type Iterate, type Status } from '@southwell/numerics/core';
import { Certifier } from '../certificate.ts';
import type { LinearSolver, StartedSolver } from '../solver.ts';
import type { LinearPoint, LinearState } from '../state.ts';
import { descendOn, screen, worthTrying } from './large.ts';
import { GRAM_LIMIT, Members } from './members.ts';
import { proximalNewton } from './newton.ts';
import { Selection } from './selection.ts';

/**
 * Working sets with a proximal Newton method inside.
 *
 * Outer loop: compute the gradient of every feature, certify, and let the most promising features enter (the greedy
 * variable-block rule of card 01 with 'support + m' blocks). Inner loop: quadratic models on the working set (one exact
 * model for squared loss, whose Gram matrix is kept and extended), solved by `WorkingSetQuadratic`, with a line search,
 * until the certificate of the restricted problem is a fraction of the tolerance.
 *
 * The outer loop is that of Celer (Massias et al. 2018) and skglm (Bertrand et al. 2022); the inner second-order method
 * replaces their Anderson-accelerated descent.
 */
export const workingSets: LinearSolver = {
  name: 'working-sets',
  summary: 'the most promising features enter, quadratic models of the loss on them are solved by Newton steps',
  needs: { loss: {}, penalty: {} },
  round: 'working set',
  maxIter: 200,
  readsMoments: true,
  splitsRows: true,
  splitsColumns: true,
  start: (state) => new WorkingSets(state),
};

/** Descent with fewer steps than these makes no progress. */
const LEAST_STEPS = 2;
/**
 * Fractions of the current gap to which a working set is solved: by Newton steps, and by descent on columns, which
 * leaves no Gram matrix that the next set would have to extend; for losses other than the squared, its models of the
 * loss become outdated sooner.
 */
const [SOLVED, DESCENDED, DESCENDED_BY_MODELS] = [0.3, 1e-3, 0.1];

/** Descent on columns updates a residual over all rows at every step. */
function failTooMany(size: number): never {
  fail(
    'NOT_SUPPORTED',
    `The model has ${size} active features, but at most ${GRAM_LIMIT} are supported when rows are distributed over ranks: increase alpha, or use the solver proximal-gradient.`,
  );
}

class WorkingSets implements StartedSolver {
  private readonly members: Members;
  private readonly certifier: Certifier;
  private readonly selection: Selection;
  /** The last working set was solved by descent on its columns. */
  private descended = false;
  /** Factor on the number of descent steps that must pay off; doubled after each attempt without progress. */
  private reluctance = 1;

  constructor(private readonly state: LinearState) {
    this.members = new Members(state);
    this.certifier = new Certifier(state, (j) => this.members.curvature(j));
    this.selection = new Selection(state);
  }

  release(): void {
    this.members.release();
  }

  *iterates(tol: number): Generator<Iterate<LinearPoint>> {
    const { state, certifier, members } = this;
    const { phases } = state;
    const absolute = tol * state.scale;
    let floor = Number.POSITIVE_INFINITY;
    let lowest = Number.POSITIVE_INFINITY;
    let previous = Number.POSITIVE_INFINITY;
    let harder = 1;
    let stuck = 0;
    for (let iteration = 0; ; iteration++) {
      // If rounding errors of the products would affect the certificate, the data are read again.
      if (state.moments && state.moments.uncertainty > 0.1 * absolute) state.leaveMoments();
      phases.begin('pricing features');
      state.price();
      phases.begin('certificates');
      const certificate = certifier.appraise();
      phases.begin();
      const { objective, active, value } = certificate;
      const done: Status | undefined = !Number.isFinite(objective) ? 'diverged' : stuck >= 3 ? 'stalled' : undefined;
      yield {
        iteration,
        objective,
        certificate,
        active,
        work: {
          epochs: members.quadratic.epochs + state.counts.epochs,
          matrixVectorProducts: state.counts.passes,
        },
        done,
        snapshot: () => state.point(),
      };
      if (done) return;
      // Twice neither a better certificate nor a substantial decrease of the objective: solve the inner problem more
      // accurately, then stop.
      stuck = value < 0.9 * floor || objective < lowest - 0.01 * value ? 0 : stuck + 1;
      floor = Math.min(floor, value);
      lowest = Math.min(lowest, objective);
      if (stuck > 0) harder *= 0.1;
      phases.begin('choosing working sets');
      state.freshen();
      const size = this.selection.choose(active, this.descended);
      const share = !this.descended ? SOLVED : state.loss.quadratic ? DESCENDED : DESCENDED_BY_MODELS;
      const inner = harder * Math.max(0.3 * absolute, certificate.kind === 'dualityGap' ? share * value : 0);
      // Rounds of descent still needed, if the gap decreases at the rate of the last one.
      const rounds = Math.log(value / absolute) / Math.log(previous / value);
      previous = value;
      phases.begin('descent on columns');
      const kept = stuck === 0 ? screen(state, members, size, inner, rounds) : size;
      phases.begin('steps and their checks');
      this.solveOn(kept, iteration === 0, inner);
      phases.begin();
    }
  }

  /** Solves the problem restricted to list[0 … size) and the members, to a restricted certificate of `tol`. */
  private solveOn(size: number, warm: boolean, tol: number): void {
    const { state, members, certifier } = this;
    if (size === 0) return;
    if (size > GRAM_LIMIT && !state.design.columnsDescend) failTooMany(size);
    const steps = size > GRAM_LIMIT ? undefined : worthTrying(state, members, size);
    const descends = steps === undefined || steps >= LEAST_STEPS * this.reluctance;
    this.descended =
      descends &&
      state.phases.during('descent on columns', () => descendOn(state, members, certifier, size, tol, steps));
    if (descends) this.reluctance = this.descended ? 1 : 2 * this.reluctance;
    if (!this.descended && size <= GRAM_LIMIT) proximalNewton(state, members, certifier, size, warm, tol);
  }
}
