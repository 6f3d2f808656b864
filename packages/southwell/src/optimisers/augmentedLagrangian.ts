import {
  checkOptions,
  keysOf,
  numberOption,
  type OptionsOf,
  only,
  otherOption,
  type Status,
} from '@southwell/numerics/core';
import { type DescentOptions, descentIterates, descentRecords, finiteStart, type GradientIterate } from './descent.ts';
import { type GradientOracle, largest } from './oracle.ts';
import { Orthant } from './orthant.ts';
import { type Limits, settling } from './settling.ts';

/** Constraint functions c₁ … c_count, constrained to be 0 or at most 0. */
export interface Constraints {
  readonly count: number;
  /** values ← c(x). */
  evaluate(x: Float64Array, values: Float64Array): void;
  /** gradient ← gradient + Σ weights[i]·∇cᵢ at the x that was last evaluated. */
  addGradient(weights: Float64Array, gradient: Float64Array): void;
}

export interface ConstrainedProblem {
  readonly objective: GradientOracle;
  /** c(x) = 0. */
  readonly equalities?: Constraints;
  /** c(x) ≤ 0. */
  readonly inequalities?: Constraints;
  /**
   * State besides x on which values depend to the last bit (such as the initial point of an inner iteration), for
   * checkpoints.
   */
  readonly memory?: { save(): unknown; load(state: unknown): void };
  /**
   * Moves x, in place, off a saddle point from which no descent direction leads, before each round of minimisations.
   * Must be idempotent: a point that it has moved is left alone the next time.
   */
  readonly unsettle?: (x: Float64Array) => void;
}

/** The initial state of a minimisation at fixed multipliers and penalty parameter, as plain data. */
export interface AugmentedLagrangianState {
  readonly x: Float64Array;
  readonly multipliers: Float64Array;
  readonly rho: number;
  /** Number of multiplier updates so far, and the infeasibility at the last one. */
  readonly round: number;
  readonly reached: number;
  readonly steps: number;
  readonly calls: number;
  readonly scale: number;
  readonly memory: unknown;
}

const lagrangianRecords = {
  ...descentRecords,
  /** Tolerance on constraint violation. Default 1e-8. */
  feasibility: numberOption({ min: 0, open: true }),
  /** Initial penalty parameter ρ. Default 1. */
  rho: numberOption({ min: 0, open: true }),
  /** Maximum penalty parameter. Default 1e16. */
  rhoMax: numberOption({ min: 0, open: true }),
  /** Stopping criteria of the inner minimisations. Default: only gradient 1e-8. */
  limits: otherOption<Limits>('stopping criteria'),
  /** State from a checkpoint of an earlier run with the same problem and options. */
  resume: otherOption<AugmentedLagrangianState>('a state from a checkpoint'),
};

export interface AugmentedLagrangianOptions extends OptionsOf<typeof lagrangianRecords> {}

export interface AugmentedLagrangianIterate extends GradientIterate {
  /** The largest violation: |c| of an equality, or the complementarity residual of an inequality and its multiplier. */
  readonly infeasibility: number;
  readonly rho: number;
  /** Multipliers of the equalities, then of the inequalities (at least 0), as in ∇f + Σ multipliers·∇c = 0. */
  readonly multipliers: Float64Array;
}

/**
 * Minimises f, plus an optional L1 penalty, subject to c(x) = 0 and d(x) ≤ 0: minimises, by {@link descentIterates}, f
 * + Σ (½ρc² + λc) + Σ (max(0, μ + ρd)² − μ²)/(2ρ), then updates the multipliers (Hestenes 1969; Powell 1969;
 * Rockafellar 1973). If that has not reduced the infeasibility to a quarter, ρ is multiplied by ten and the
 * minimisation restarts from the point of the last multiplier update. An iterate is a step of descent, or a check that
 * found none left to take; its objective excludes the constraint terms, and its work counts the calls of descents. Its
 * certificate is the larger of the infeasibility and the largest entry of the gradient of the augmented Lagrangian,
 * relative to that at the initial point. Every iterate offers the state in which the current minimisation began; a
 * resumed run restarts that minimisation.
 *
 * Ends with 'converged' if the infeasibility is small enough; 'stalled' if ρ reaches its bound or after 100 multiplier
 * updates: the constraints may then be inconsistent; 'diverged' if f or c are not finite at the initial point;
 * 'unbounded' if the augmented Lagrangian is unbounded below for every ρ.
 * @throws INVALID_PARAMETER, and NON_FINITE if the initial point is not.
 */
export function* augmentedLagrangianIterates(
  problem: ConstrainedProblem,
  start: ArrayLike<number>,
  options: AugmentedLagrangianOptions = {},
): Generator<AugmentedLagrangianIterate> {
  checkOptions('augmentedLagrangianIterates', lagrangianRecords, options);
  const { feasibility = 1e-8, rho = 1, rhoMax = 1e16, limits = { gradient: 1e-8, decrease: 0 } } = options;
  const { resume } = options;
  const descent = only<DescentOptions>(options, keysOf(descentRecords));
  const accepted = finiteStart(resume?.x ?? start);
  const lagrangian = new Lagrangian(problem, resume?.rho ?? rho, new Orthant(accepted.length, descent.l1 ?? 0));
  let [steps, calls] = [resume?.steps ?? 0, resume?.calls ?? 0];
  if (resume) lagrangian.multipliers.set(resume.multipliers);
  let steepness = lagrangian.steepness(accepted);
  const scale = resume?.scale ?? Math.max(steepness, lagrangian.infeasibility);
  let reached = resume?.reached ?? Number.POSITIVE_INFINITY;
  const state = (round: number): AugmentedLagrangianState => ({
    x: accepted.slice(),
    multipliers: lagrangian.multipliers.slice(),
    rho: lagrangian.rho,
    round,
    reached,
    steps,
    calls,
    scale,
    memory: problem.memory?.save(),
  });
  let boundary = resume ?? state(0);
  const iterate = (x: Float64Array, multipliers: Float64Array, done?: Status): AugmentedLagrangianIterate => {
    const value = Math.max(steepness, lagrangian.infeasibility);
    return {
      iteration: steps,
      objective: lagrangian.loss,
      certificate: { kind: 'kktResidual', value, relative: scale === 0 ? 0 : value / scale },
      work: { oracleCalls: calls },
      done,
      infeasibility: lagrangian.infeasibility,
      rho: lagrangian.rho,
      multipliers: multipliers.slice(),
      x,
      snapshot: () => x.slice(),
      checkpoint: () => boundary,
    };
  };
  yield iterate(accepted, lagrangian.weights);
  if (resume) problem.memory?.load(resume.memory);
  for (let round = boundary.round; round < 100; round++) {
    problem.unsettle?.(accepted);
    let found: Float64Array = accepted;
    let end: Status | undefined;
    while (lagrangian.rho < rhoMax) {
      boundary = state(round);
      const before = calls;
      for (const inner of settling(descentIterates(lagrangian.evaluate, accepted, descent), limits)) {
        calls = before + inner.work.oracleCalls!;
        steepness = inner.certificate!.value;
        [found, end] = [inner.x, inner.done];
        if (inner.iteration === 0 && !end) continue;
        steps++;
        // The last evaluation may have been at a rejected step.
        if (end === 'stalled' || end === 'unbounded') lagrangian.steepness(found);
        yield iterate(found, lagrangian.weights, end === 'diverged' ? end : undefined);
        if (end === 'diverged') return;
      }
      // A larger penalty parameter may bound a problem that is unbounded with a small one.
      if (end !== 'unbounded' && lagrangian.infeasibility <= 0.25 * reached) break;
      lagrangian.rho *= 10;
    }
    accepted.set(found);
    reached = lagrangian.infeasibility;
    lagrangian.moveMultipliers();
    const done = end === 'unbounded' ? end : reached <= feasibility ? 'converged' : undefined;
    if (done || lagrangian.rho >= rhoMax || round === 99) {
      yield iterate(accepted, lagrangian.multipliers, done ?? 'stalled');
      return;
    }
  }
}

/** The augmented Lagrangian at the last evaluated point. */
class Lagrangian {
  /** The objective without the constraint terms. */
  loss = 0;
  infeasibility = 0;
  readonly multipliers: Float64Array;
  /** The updated multipliers at the last point. */
  readonly weights: Float64Array;
  private readonly equal: Float64Array;
  private readonly atMost: Float64Array;
  private readonly equalWeights: Float64Array;
  private readonly atMostWeights: Float64Array;

  constructor(
    private readonly problem: ConstrainedProblem,
    public rho: number,
    private readonly orthant: Orthant,
  ) {
    const [m, n] = [problem.equalities?.count ?? 0, problem.inequalities?.count ?? 0];
    [this.equal, this.atMost] = [new Float64Array(m), new Float64Array(n)];
    this.multipliers = new Float64Array(m + n);
    this.weights = new Float64Array(m + n);
    [this.equalWeights, this.atMostWeights] = [this.weights.subarray(0, m), this.weights.subarray(m)];
  }

  /** Value and gradient without the L1 penalty, which the descent adds. */
  readonly evaluate = (x: Float64Array, g: Float64Array): number => {
    const { problem, rho, multipliers, equal, atMost } = this;
    const smooth = problem.objective(x, g);
    this.loss = smooth + this.orthant.norm(x);
    this.infeasibility = 0;
    let value = smooth;
    problem.equalities?.evaluate(x, equal);
    for (let i = 0; i < equal.length; i++) {
      const [c, lambda] = [equal[i], multipliers[i]];
      this.equalWeights[i] = rho * c + lambda;
      value = value + (rho / 2) * c * c + lambda * c;
      this.infeasibility = Math.max(this.infeasibility, Math.abs(c));
    }
    problem.inequalities?.evaluate(x, atMost);
    for (let i = 0; i < atMost.length; i++) {
      const mu = multipliers[equal.length + i];
      const moved = Math.max(0, mu + rho * atMost[i]);
      this.atMostWeights[i] = moved;
      value += (moved * moved - mu * mu) / (2 * rho);
      this.infeasibility = Math.max(this.infeasibility, Math.abs(Math.max(atMost[i], -mu / rho)));
    }
    if (equal.length > 0) problem.equalities!.addGradient(this.equalWeights, g);
    if (atMost.length > 0) problem.inequalities!.addGradient(this.atMostWeights, g);
    return value;
  };

  /** The largest entry of its gradient at x, or of the minimum-norm subgradient. */
  steepness(x: Float64Array): number {
    const g = new Float64Array(x.length);
    this.evaluate(x, g);
    this.orthant.pseudoGradient(x, g, g);
    return largest(g);
  }

  moveMultipliers(): void {
    this.multipliers.set(this.weights);
  }
}
