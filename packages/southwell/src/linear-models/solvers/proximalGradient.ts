import type { Iterate, Status } from '@southwell/numerics/core';
import { accelerate, type Composite, largestCurvature } from './accelerated.ts';
import { Certifier } from './certificate.ts';
import { proxAt } from './scaledPenalty.ts';
import type { LinearSolver, StartedSolver } from './solver.ts';
import type { LinearPoint, LinearState } from './state.ts';

/** Steps per iterate. */
const STEPS = 10;
/** Iterates without a better certificate after which the limit of rounding is assumed to be reached. */
const PATIENCE = 200;

/**
 * Accelerated proximal gradient on all features at once, with restarts ({@link accelerate}). Slower than working sets
 * if few features are active, but simple: useful for comparison, and where quadratic models fail.
 */
export const proximalGradient: LinearSolver<'curvatureBound', 'conjugate'> = {
  name: 'proximal-gradient',
  summary: 'accelerated proximal gradient steps on all features, momentum restarts where it points uphill',
  needs: { loss: { curvatureBound: true }, penalty: { conjugate: true } },
  round: 'round',
  maxIter: 10_000,
  splitsRows: true,
  start: (state, { curvatureBound }) => new ProximalGradient(state, curvatureBound),
};

class ProximalGradient implements StartedSolver {
  private readonly certifier: Certifier;
  private readonly gradient: Float64Array;
  private readonly L: number;

  constructor(
    private readonly state: LinearState,
    curvatureBound: number,
  ) {
    this.certifier = new Certifier(state);
    this.gradient = new Float64Array(state.p);
    const { design, list, p } = state;
    const scratch = design.arena.scratch();
    const weights = scratch.f64(state.n);
    weights.view.set(state.weights);
    for (let j = 0; j < p; j++) list.view[j] = j;
    this.L = largestCurvature(design, list, p, weights, curvatureBound, state.centred);
    scratch.release();
  }

  release(): void {}

  *iterates(): Generator<Iterate<LinearPoint>> {
    const { state, certifier } = this;
    const steps = accelerate(this.composite(), state.beta.slice(), this.L / (state.loss.kinks?.width ?? 1));
    let floor = Number.POSITIVE_INFINITY;
    let since = 0;
    for (let iteration = 0; ; iteration++) {
      state.phases.begin('certificates');
      state.price();
      const certificate = certifier.appraise();
      state.phases.begin();
      const { objective, active, value } = certificate;
      since = value < floor ? 0 : since + 1;
      floor = Math.min(floor, value);
      const still = since >= PATIENCE || !(this.L > 0);
      const done: Status | undefined = !Number.isFinite(objective) ? 'diverged' : still ? 'stalled' : undefined;
      yield {
        iteration,
        objective,
        certificate,
        active,
        work: { epochs: iteration * STEPS, matrixVectorProducts: state.counts.passes },
        done,
        snapshot: () => state.point(),
      };
      if (done) return;
      state.phases.begin('gradient steps');
      for (let k = 1; k < STEPS; k++) steps.next();
      this.moveTo(steps.next().value);
    }
  }

  private moveTo(b: Float64Array): void {
    this.state.beta.set(b);
    this.state.recompute();
    this.state.evaluate();
  }

  private composite(): Composite {
    const { state, gradient } = this;
    return {
      value: (b) => {
        this.moveTo(b);
        return state.value;
      },
      pull: (b) => {
        this.moveTo(b);
        state.design.gradient(state.v, gradient);
        state.counts.passes++;
        return { value: state.value, pull: gradient };
      },
      prox: (z, step) => z.map((x, j) => proxAt(state.penalty, j, x, step)),
    };
  }
}
