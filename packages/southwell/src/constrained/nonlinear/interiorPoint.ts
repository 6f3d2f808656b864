import type { BarrierProblem } from './barrierProblem.ts';
import { type BarrierRule, monotone } from './barrierRule.ts';
import { Filter } from './filter.ts';
import { UNCERTAIN } from './iterate.ts';
import { backtrack, isTiny, moveTo, type SearchState, searchStart, type Taken } from './lineSearch.ts';
import { Point } from './point.ts';
import { enterRestoration, isFlat, isSquare, restorationBarrier, restorationProblem } from './restoration.ts';
import { leastSquaresMultipliers } from './startingPoint.ts';
import { dualLength, Newton, primalLength, Step } from './step.ts';
import { type Ending, type ExactBounds, endingOf, tighten, type UnscaledErrors, UnscaledProgress } from './unscaled.ts';
import { Watchdog } from './watchdog.ts';

/** The last barrier parameter, as a share of the tolerance. */
const LEAST_BARRIER = 1 / 11;
/** Least share of the distance from a bound that a step may use up. */
const TAU = 0.99;
/** Products of multipliers and distances stay within this factor of the barrier parameter (κ_Σ). */
const BAND = 1e10;
/** Without a step that the filter accepts, one must reduce the errors of the barrier problem to this share. */
const SOFT = 0.9999;
/** The restoration phase has to reduce the violation to this share; violations up to so many tolerances are slight. */
const [REDUCED, SLIGHT] = [0.9, 100];
/** Powers of ten by which iterations beyond the tolerance of the scaled problem reduce the last barrier parameter. */
const POWERS = 8;

export interface InteriorSettings {
  readonly tolerance: number;
  readonly mu: number;
  /** The unscaled errors; undefined if those of the scaled problem are all that counts. */
  readonly unscaled?: (at: Point) => UnscaledErrors;
  /** The bounds of w without relaxation, for when that of the given ones is all that is in the way. */
  readonly exact?: ExactBounds;
  /** Whether the objective or the variables are so large that the problem is unbounded. */
  readonly unbounded?: (at: Point) => boolean;
  /** Ends the run early: the restoration phase has what it was for. */
  readonly enough?: (at: Point) => boolean;
  /** Default: monotone. */
  readonly barrier?: BarrierRule;
  /** Whether the multipliers of the initial point are kept. */
  readonly warm?: boolean;
}

/** What an iteration did. */
export interface Progress {
  readonly at: Point;
  readonly mu: number;
  readonly delta: number;
  readonly primalLength: number;
  readonly dualLength: number;
  readonly trials: number;
  /** How the step was found; begins with r in the restoration phase. */
  readonly mark: string;
  readonly stepSize: number;
}

/** The primal–dual interior-point method with a filter line search of Wächter & Biegler (2006). */
export class InteriorPoint {
  readonly at: Point;
  mu: number;
  /** How often the restoration phase was entered. */
  restorations = 0;
  factorisations = 0;
  private readonly trial: Point;
  private readonly newton: Newton;
  private readonly step: Step;
  private readonly filter: Filter;
  private readonly watchdog: Watchdog;
  private readonly barrier: BarrierRule;
  private tinySteps = 0;
  private readonly beyond: UnscaledProgress;

  /** @param at The initial point, evaluated and differentiated. */
  constructor(
    private readonly problem: BarrierProblem,
    at: Point,
    private readonly settings: InteriorSettings,
  ) {
    this.at = at;
    this.mu = settings.mu;
    this.trial = new Point(problem);
    this.newton = new Newton(problem);
    this.step = new Step(problem);
    this.filter = new Filter(at.theta);
    this.watchdog = new Watchdog(problem);
    this.barrier = settings.barrier ?? monotone();
    this.beyond = new UnscaledProgress(at, settings);
    if (problem.proximal) problem.proximal.scale = Math.sqrt(this.mu);
  }

  private get tau(): number {
    return Math.max(TAU, 1 - this.mu);
  }

  *iterates(): Generator<Progress, Ending> {
    const ending = yield* this.steps();
    // However a point was reached, it counts what it satisfies.
    const errors = ending === 'stalled' ? this.settings.unscaled?.(this.at) : undefined;
    return errors ? endingOf(errors, this.settings.tolerance) : ending;
  }

  private *steps(): Generator<Progress, Ending> {
    const { at, settings } = this;
    if (!settings.warm) leastSquaresMultipliers(at, this.newton.kkt);
    let last: Omit<Progress, 'at' | 'mu'> = nothing;
    try {
      for (;;) {
        yield { at, mu: this.mu, ...last };
        const ending = this.ending();
        if (ending) return ending;
        this.updateBarrier();
        const solved = this.newton.step(at, this.mu, this.step);
        this.factorisations = this.newton.kkt.factorisations;
        const taken = solved ? (this.search() ?? this.soft()) : this.watchdog.goBack(this.state(), backtrack);
        if (taken) {
          last = this.accept(taken);
          continue;
        }
        if (this.beyond.goBack()) return 'stalled';
        const restored = yield* this.restore();
        if (restored !== 'enough') return restored;
        last = { ...nothing, mark: 'R' };
      }
    } finally {
      this.newton.kkt.release();
    }
  }

  private ending(): Ending | undefined {
    const { at, settings } = this;
    if (settings.enough?.(at)) return 'enough';
    if (isFlat(at) && at.errors(0).primal <= settings.tolerance) {
      for (const multipliers of [at.y, at.zL, at.zU]) multipliers.fill(0);
    }
    const errors = at.errors(0);
    if (this.beyond.rounds > 0 || errors.total <= settings.tolerance) {
      const ending = this.beyond.ending(errors);
      if (ending) return ending;
      if (this.beyond.rounds === 1 && settings.exact && tighten(at, settings.exact)) {
        this.filter.clear();
        this.watchdog.reset();
      }
    }
    if (settings.unbounded?.(at)) return 'unbounded';
    if (this.tinySteps > 2 && this.mu <= this.leastBarrier()) return 'stalled';
    return undefined;
  }

  private leastBarrier(): number {
    return LEAST_BARRIER * this.settings.tolerance * 0.1 ** Math.min(this.beyond.rounds, POWERS);
  }

  private updateBarrier(): void {
    const tiny = this.tinySteps > 1;
    const next = this.barrier.next(this.at, this.mu, this.leastBarrier(), tiny);
    if (next === this.mu) return;
    this.setBarrier(next);
    if (tiny) this.tinySteps = 1;
  }

  private setBarrier(mu: number): void {
    this.mu = mu;
    const { proximal } = this.problem;
    if (proximal) proximal.scale = Math.sqrt(mu);
    this.filter.clear();
    this.watchdog.reset();
  }

  private state(): SearchState {
    const { at, trial, step, newton, filter, mu, tau } = this;
    return { at, trial, step, newton, filter, mu, tau };
  }

  /** Finds the next point, which is then in `trial`. */
  private search(): Taken | undefined {
    const { at, trial, step, mu, tau, watchdog } = this;
    const state = this.state();
    if (isTiny(state)) {
      this.tinySteps++;
      const alpha = primalLength(this.problem, at.w, step.w, tau);
      if (moveTo(at, step.w, alpha, trial)) return { alpha, step, mark: 't', trials: 1 };
    } else this.tinySteps = 0;
    return watchdog.search(state, backtrack, searchStart(at, step, mu));
  }

  /** A step that the filter rejects, if it reduces the errors of the primal–dual system. */
  private soft(): Taken | undefined {
    const { at, trial, step, mu, tau, problem } = this;
    const alpha = Math.min(
      primalLength(problem, at.w, step.w, tau),
      dualLength(at.zL, step.zL, tau),
      dualLength(at.zU, step.zU, tau),
    );
    if (!moveTo(at, step.w, alpha, trial)) return undefined;
    trial.differentiate();
    for (let k = 0; k < at.zL.length; k++) {
      trial.zL[k] = at.zL[k] + alpha * step.zL[k];
      trial.zU[k] = at.zU[k] + alpha * step.zU[k];
    }
    for (let i = 0; i < at.y.length; i++) trial.y[i] = at.y[i] + alpha * step.y[i];
    if (!(trial.errors(mu).sum <= SOFT * at.errors(mu).sum)) return undefined;
    this.filter.clear();
    return { alpha, step, mark: 's', trials: 1 };
  }

  private accept({ alpha, step, mark, trials }: Taken): Omit<Progress, 'at' | 'mu'> {
    const { at, trial, tau } = this;
    const { zL, zU, y, problem } = at;
    const dual = Math.min(dualLength(zL, step.zL, tau), dualLength(zU, step.zU, tau));
    let stepSize = 0;
    for (let k = 0; k < zL.length; k++) {
      zL[k] += dual * step.zL[k];
      zU[k] += dual * step.zU[k];
      stepSize = Math.max(stepSize, Math.abs(step.w[k]));
    }
    for (let i = 0; i < y.length; i++) y[i] += alpha * step.y[i];
    const before = this.newton.memory && lagrangianGradient(at);
    const moved = before && trial.w.slice(0, problem.n).map((v, j) => v - at.w[j]);
    at.w.set(trial.w);
    at.c.set(trial.c);
    at.f = trial.f;
    at.differentiate();
    if (before)
      this.newton.memory!.update(
        moved!,
        lagrangianGradient(at).map((v, j) => v - before[j]),
      );
    keepNearPath(at, this.mu, problem);
    return { delta: this.newton.kkt.delta, primalLength: alpha, dualLength: dual, trials, mark, stepSize };
  }

  /** The restoration phase: moves to a point with less violation that the filter accepts. */
  private *restore(): Generator<Progress, Ending> {
    const { at, filter, settings } = this;
    const theta = at.theta;
    if (theta <= 1e-2 * settings.tolerance && at.errors(0).primal <= 1e-2 * settings.tolerance) return 'stalled';
    this.restorations++;
    this.watchdog.reset();
    filter.add({ theta, phi: at.phi(this.mu), slope: 0 });
    const problem = restorationProblem(at);
    const mu = restorationBarrier(at, this.mu);
    const inner = new Point(problem);
    enterRestoration(at, inner, mu);
    const outer = new Point(this.problem);
    // Where nothing but a feasible point is looked for, a second restoration goes on until it is found.
    const wholly = this.restorations > 1 && (isSquare(this.problem) || isFlat(at));
    const enough = (point: Point): boolean => {
      outer.w.set(point.w.subarray(0, outer.w.length));
      if (!outer.evaluate()) return false;
      if (wholly) return outer.errors(0).primal <= settings.tolerance;
      return outer.theta <= REDUCED * theta && filter.allows(outer.theta, outer.phi(this.mu));
    };
    if (!inner.evaluate()) return 'stalled';
    inner.differentiate();
    // A least violation near the tolerance may be one of rounding: the phase goes on for a while.
    const { tolerance } = settings;
    const slight = (point: Point): UnscaledErrors => {
      const { primal } = outer.errors(0);
      const error = Math.max(point.errors(0).total, primal <= SLIGHT * tolerance ? primal : 0);
      return { absolute: error, relative: error, rounded: error };
    };
    // Its multipliers begin at 0, as in Ipopt: the first step then needs no perturbation.
    const method = new InteriorPoint(problem, inner, { tolerance, mu, enough, unscaled: slight, warm: true });
    const steps = method.iterates();
    for (;;) {
      const next = steps.next();
      if (next.done) return this.leave(next.value, outer, inner);
      outer.w.set(inner.w.subarray(0, outer.w.length));
      outer.evaluate();
      yield { ...next.value, at: outer, mark: `r${next.value.mark}` };
    }
  }

  /** Goes on from the point that the restoration phase found. */
  private leave(ending: Ending, outer: Point, inner: Point): Ending {
    const { at, settings } = this;
    outer.w.set(inner.w.subarray(0, outer.w.length));
    if (!outer.evaluate()) return 'stalled';
    const feasible = outer.errors(0).primal <= settings.tolerance;
    const moved = at.w.some((v, k) => v !== outer.w[k]);
    for (let k = 0; k < at.w.length; k++) this.step.w[k] = outer.w[k] - at.w[k];
    if (ending !== 'enough') {
      // A point with less violation that the filter knows is still a better start for the filter that follows.
      if (!feasible || !moved || this.restorations > 50) {
        at.w.set(outer.w);
        at.evaluate();
        at.differentiate();
        if (ending !== 'converged' || outer.errors(0).primal <= UNCERTAIN * settings.tolerance) return 'stalled';
        // The multipliers of the least violation tell which rows and bounds are in conflict.
        at.y.set(inner.y);
        at.zL.set(inner.zL.subarray(0, at.zL.length));
        at.zU.set(inner.zU.subarray(0, at.zU.length));
        return 'infeasible';
      }
      this.filter.clear();
    }
    this.afterRestoration(outer);
    return 'enough';
  }

  private afterRestoration(outer: Point): void {
    const { at, problem, mu, tau } = this;
    const { lower, upper } = problem;
    const { zL, zU } = at;
    const d = this.step;
    for (let k = 0; k < zL.length; k++) {
      d.zL[k] = lower[k] === Number.NEGATIVE_INFINITY ? 0 : (mu - zL[k] * d.w[k]) / (at.w[k] - lower[k]) - zL[k];
      d.zU[k] = upper[k] === Number.POSITIVE_INFINITY ? 0 : (mu + zU[k] * d.w[k]) / (upper[k] - at.w[k]) - zU[k];
    }
    const [lowerLength, upperLength] = [dualLength(zL, d.zL, tau), dualLength(zU, d.zU, tau)];
    let most = 0;
    for (let k = 0; k < zL.length; k++) {
      zL[k] += lowerLength * d.zL[k];
      zU[k] += upperLength * d.zU[k];
      most = Math.max(most, zL[k], zU[k]);
    }
    if (!(most <= 1000)) {
      for (let k = 0; k < zL.length; k++) {
        zL[k] = lower[k] === Number.NEGATIVE_INFINITY ? 0 : 1;
        zU[k] = upper[k] === Number.POSITIVE_INFINITY ? 0 : 1;
      }
    }
    at.w.set(outer.w);
    at.evaluate();
    at.differentiate();
    leastSquaresMultipliers(at, this.newton.kkt);
  }
}

const nothing = { delta: 0, primalLength: 0, dualLength: 0, trials: 0, mark: '', stepSize: 0 };

/** ∇f + Jᵀy by the variables x. */
function lagrangianGradient(at: Point): Float64Array {
  const out = at.gradient.slice();
  at.addRows(at.y, out);
  return out.slice(0, at.problem.n);
}

/** Keeps the products of multipliers and distances near the barrier parameter. */
function keepNearPath({ w, zL, zU }: Point, mu: number, { lower, upper }: BarrierProblem): void {
  for (let k = 0; k < w.length; k++) {
    if (lower[k] !== Number.NEGATIVE_INFINITY) {
      const distance = w[k] - lower[k];
      zL[k] = Math.max(Math.min(zL[k], (BAND * mu) / distance), mu / (BAND * distance));
    }
    if (upper[k] !== Number.POSITIVE_INFINITY) {
      const distance = upper[k] - w[k];
      zU[k] = Math.max(Math.min(zU[k], (BAND * mu) / distance), mu / (BAND * distance));
    }
  }
}
