import type { Block } from '@southwell/kernels';
import type { Iterate, Status } from '@southwell/numerics/core';
import { extrapolationWeights, weightedSum } from '../../optimisers/index.ts';
import { Certifier } from './certificate.ts';
import { descend } from './columnDescent.ts';
import type { LinearSolver, StartedSolver } from './solver.ts';
import type { LinearPoint, LinearState } from './state.ts';

/** Epochs between extrapolations. */
const EPOCHS = 5;
/** Rounds without a better certificate after which the limit of rounding is assumed to be reached. */
const PATIENCE = 100;

/**
 * Cyclic coordinate descent over all features with Anderson extrapolation every five epochs, which is accepted if it
 * lowers the objective (Bertrand & Massias 2021). Supports every loss and penalty: an epoch minimises the quadratic
 * model at the current curvatures, or a majorising one after the former has failed to decrease the objective.
 */
export const andersonDescent: LinearSolver = {
  name: 'anderson-descent',
  summary: 'cyclic coordinate descent over all features, Anderson extrapolation every five epochs',
  needs: { loss: {}, penalty: {} },
  round: 'round',
  maxIter: 10_000,
  start: (state) => new AndersonDescent(state),
};

class AndersonDescent implements StartedSolver {
  private readonly certifier: Certifier;
  private readonly columns: Block<Int32Array>;
  /** Whether the quadratic models majorise the loss. */
  private majorize = false;

  constructor(private readonly state: LinearState) {
    this.certifier = new Certifier(state);
    this.columns = state.design.arena.i32Block(state.p);
  }

  release(): void {
    this.columns.free();
  }

  *iterates(): Generator<Iterate<LinearPoint>> {
    const { state, certifier } = this;
    this.majorize = false;
    state.evaluate();
    const count = this.listColumns();
    let floor = Number.POSITIVE_INFINITY;
    let since = 0;
    let moved = true;
    for (let iteration = 0; ; iteration++) {
      state.phases.begin('certificates');
      state.price();
      const certificate = certifier.appraise();
      state.phases.begin();
      const { objective, active, value } = certificate;
      since = value < floor ? 0 : since + 1;
      floor = Math.min(floor, value);
      const still = since >= PATIENCE || !moved;
      const done: Status | undefined = !Number.isFinite(objective) ? 'diverged' : still ? 'stalled' : undefined;
      yield {
        iteration,
        objective,
        certificate,
        active,
        work: { epochs: state.counts.epochs, matrixVectorProducts: state.counts.passes },
        done,
        snapshot: () => state.point(),
      };
      if (done) return;
      state.phases.begin('descent on columns');
      moved = this.round(count);
    }
  }

  /** Lists the features that may move; returns how many. */
  private listColumns(): number {
    const { design, penalty, p } = this.state;
    const columns = this.columns.view;
    let k = 0;
    for (let j = 0; j < p; j++) {
      if (design.norms[j] > 0 && penalty.threshold[j] < Number.POSITIVE_INFINITY) columns[k++] = j;
    }
    return k;
  }

  /** Five epochs and an extrapolation; false if nothing moves. */
  private round(count: number): boolean {
    const { state } = this;
    const points = [state.beta.slice()];
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      if (!this.epoch(count)) return epoch > 0;
      points.push(state.beta.slice());
    }
    const weights = extrapolationWeights(points);
    if (weights) {
      const before = this.objective();
      this.moveTo(weightedSum(points, weights));
      if (this.objective() < before) return true;
    }
    this.moveTo(points[EPOCHS]);
    return true;
  }

  private epoch(count: number): boolean {
    const { state, columns } = this;
    if (count === 0) return false;
    if (descend(state, columns, count, 0, 1, this.majorize)) return true;
    if (this.majorize || state.loss.quadratic) return false;
    this.majorize = true;
    state.evaluate(true);
    return descend(state, columns, count, 0, 1, true);
  }

  private objective(): number {
    return this.state.value + this.state.penaltySum().sum;
  }

  private moveTo(b: Float64Array): void {
    this.state.beta.set(b);
    this.state.recompute();
    this.state.evaluate(this.majorize);
  }
}
