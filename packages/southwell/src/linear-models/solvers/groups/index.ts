import { fail, type Iterate, type Status } from '@southwell/numerics/core';
import type { Design } from '../../design/design.ts';
import { criticalAlpha, dualityGap } from './certificate.ts';
import type { ChannelLoss } from './channels.ts';
import { descendOn } from './descent.ts';
import { GroupMembers } from './members.ts';
import { proximalNewton } from './newton.ts';
import type { Groups } from './passes.ts';
import type { GroupPenalty } from './penalty.ts';
import { chooseWorkingSet } from './selection.ts';
import { type ChannelPoint, GroupState } from './state.ts';

/** Beyond a few hundred coordinates a Gram matrix costs more than the epochs over the columns that it saves. */
const GRAM_LIMIT = 500;
/**
 * If rows are distributed over ranks, descent on columns would have to update a residual over all rows at every step.
 */
const SPREAD_LIMIT = 2500;

/**
 * Working sets of groups with a proximal Newton method inside, the counterpart of `workingSets` for single features.
 * {@link GroupMembers} solve models whose Gram matrix is kept and extended. Beyond `gramLimit` coordinates in a working
 * set, {@link descendOn} descends on the columns themselves.
 */
export class GroupWorkingSetSolver {
  readonly state: GroupState;
  private readonly members: GroupMembers;
  /** Number of coordinates in a working set up to which a Gram matrix is formed. */
  private gramLimit: number;
  private readonly keptBlocks = new Map<number, Float64Array>();

  constructor(
    design: Design,
    loss: ChannelLoss,
    groups: Groups,
    private readonly options: { intercept: boolean; offset?: Float64Array; gramLimit?: number },
  ) {
    this.state = new GroupState(design, loss, groups, options);
    this.members = new GroupMembers(this.state);
    this.gramLimit = options.gramLimit ?? (design.columnsDescend ? GRAM_LIMIT : SPREAD_LIMIT);
  }

  release(): void {
    this.members.release();
    this.state.release();
  }

  setPenalty(penalty: GroupPenalty): void {
    this.state.penalty = penalty;
  }

  get nullValue(): number {
    return this.state.nullValue;
  }

  get lossValue(): number {
    return this.state.value;
  }

  /** The smallest alpha at which every penalised group is zero, for a penalty at unit alpha. */
  criticalAlpha(unit: GroupPenalty): number {
    return criticalAlpha(this.state, unit);
  }

  /** Copies of the linear predictors of the channels at the current point, including the offset. */
  linearPredictors(): Float64Array[] {
    return this.state.eta.map((eta) => eta.slice());
  }

  *iterates(tol: number): Generator<Iterate<ChannelPoint>> {
    const { state, members } = this;
    const { phases } = state;
    const absolute = tol * state.scale;
    let floor = Number.POSITIVE_INFINITY;
    let harder = 1;
    let stuck = 0;
    for (let iteration = 0; ; iteration++) {
      phases.begin('pricing groups');
      state.price();
      phases.begin('certificates');
      let objective = state.value;
      const active = state.activeCount;
      for (let u = 0; u < state.count; u++) if (state.active[u] === 1) objective += state.penaltyAt(u);
      const gap = dualityGap(state, objective);
      phases.begin();
      const done: Status | undefined = !Number.isFinite(objective) ? 'diverged' : stuck >= 3 ? 'stalled' : undefined;
      yield {
        iteration,
        objective,
        certificate: { kind: 'dualityGap', value: gap, relative: gap / state.scale },
        active,
        work: { epochs: members.quadratic.epochs, matrixVectorProducts: state.counts.passes },
        done,
        snapshot: () => state.point(),
      };
      if (done) return;
      stuck = gap < 0.9 * floor ? 0 : stuck + 1;
      floor = Math.min(floor, gap);
      if (stuck > 0) harder *= 0.1;
      phases.begin('choosing working sets');
      const list = chooseWorkingSet(state, active);
      if (list.length > 0) this.solveOn(list, iteration === 0, harder * Math.max(0.3 * absolute, 0.3 * gap));
      phases.begin();
    }
  }

  /** Solves the problem restricted to the listed groups, to a gap of `tol`. */
  private solveOn(list: readonly number[], warm: boolean, tol: number): void {
    const { state, members, options } = this;
    const { phases } = state;
    state.freshen();
    const wanted = list.reduce((sum, u) => sum + state.sizeOf(u), 0);
    const limit = this.gramLimit;
    if (wanted > limit && !state.design.columnsDescend) {
      fail(
        'NOT_SUPPORTED',
        `The model has ${wanted} active coefficients, but at most ${limit} are supported when rows are distributed over ranks: increase alpha.`,
      );
    }
    if (wanted > limit) {
      members.prune(() => false);
      phases.begin('descent on columns');
      const patient = options.gramLimit !== undefined || limit !== GRAM_LIMIT;
      const solved = descendOn(state, list, tol, patient, this.keptBlocks, (epochs) => {
        members.quadratic.epochs += epochs;
      });
      if (solved || options.gramLimit !== undefined) return;
      // The columns are nearly dependent: the second-order method is worth its Gram matrix, unless that is far too
      // large.
      this.gramLimit = Math.min(6000, Math.max(1500, state.n));
      if (wanted > this.gramLimit) return;
    }
    phases.begin('quadratic models and steps');
    proximalNewton(state, members, list, limit, warm, tol);
  }
}

/** How a problem of groups was solved. */
export const explainGroups = ({ state }: GroupWorkingSetSolver) => ({
  solver: 'working-sets',
  why: [
    'the one solver of groups: the most promising enter, and quadratic models of the loss on them, or descent on their columns, solve for them',
  ],
  phases: state.phases.all,
});
