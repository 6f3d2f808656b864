import { fail, type Iterate, Random, type Status } from '@southwell/numerics/core';
import { clamp } from '@southwell/numerics/projections';
import { Space } from '../space.ts';
import { type Attack, attack as attackOf, type Network } from './attack.ts';
import { type DirectSettings, type DirectState, directStep, moved } from './directStep.ts';
import {
  BudgetSpent,
  type OutputConstraints,
  type OutputObjective,
  PenalisedNetwork,
  type SavedCalls,
} from './penalisedNetwork.ts';

/** Minimise f(Φ(x)) subject to lower ≤ x ≤ upper and c(x, Φ(x)) ≤ 0. */
export interface NetworkProblem {
  /** Φ, from n inputs to m outputs. */
  readonly network: Network;
  /** f. */
  readonly objective: OutputObjective;
  /** c. The sum of the squared violations is added to f. */
  readonly constraints?: OutputConstraints;
  /** Starting point within the bounds, n numbers. */
  readonly x0: ArrayLike<number>;
  /** Bounds, one for all coordinates or one for each. Default: none. */
  readonly lower?: number | ArrayLike<number>;
  readonly upper?: number | ArrayLike<number>;
}

/** Number of iterations in which each step was successful; an attack with a small gain may be followed by another step. */
export interface Successes {
  readonly attack: number;
  readonly covering: number;
  readonly search: number;
  readonly poll: number;
}

/** State to resume a run from, as plain data. */
export interface ThroughNetworkState extends SavedCalls {
  readonly iteration: number;
  readonly x: Float64Array;
  /** Outputs at x. */
  readonly outputs: Float64Array;
  readonly pollRadius: number;
  readonly attackRadius: number;
  /** Whether an attack of the smallest radius from x has failed. */
  readonly exhausted: boolean;
  /** Whether a poll around x has failed. */
  readonly polled: boolean;
  readonly searches: number;
  readonly successes: Successes;
  readonly random: readonly number[];
}

/** Factors of the attack radius after a sufficient decrease, a smaller one and none. */
const GROWTH = { large: 1.3, small: 1.1, none: 1 / 1.3 } as const;
/** Relative decrease of the objective from which an attack alone makes an iteration. */
const SUFFICIENT = 1e-3;

/** Advice where the budget has ended a run. */
const NEXT = 'Raise maxEvaluations, and resume from a checkpoint if one was saved.';

/** The settings of a run, without defaults. */
export interface NetworkDescentOptions extends DirectSettings {
  readonly attack: 'fgsm' | 'pgd' | Attack | false;
  readonly attackRadius: ArrayLike<number>;
  readonly maxEvaluations: number;
  readonly seed: number;
}

/** Attacks within a direct search, as an object whose state outlives its generator of iterates. */
export class NetworkDescent {
  readonly network: PenalisedNetwork;
  readonly successes = { attack: 0, covering: 0, search: 0, poll: 0 };
  /** Outputs at the point. */
  outputs: Float64Array = new Float64Array(0);
  /** Why the run ended, where it did so by itself. */
  message = '';
  private readonly space: Space;
  private readonly random: Random;
  private readonly state: DirectState;
  private readonly attack: Attack | undefined;
  private attackRadius: number;
  /** The point from which an attack of the smallest radius has failed: a deterministic attack would propose it again. */
  private exhausted: Float64Array | undefined;
  /** The point around which a poll has failed. */
  private polled: Float64Array | undefined;
  private iteration = 0;
  /** The state before an iteration that the budget has cut short. */
  private boundary: ThroughNetworkState | undefined;

  /** @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE. */
  constructor(
    { network, objective, constraints, x0, lower, upper }: NetworkProblem,
    private readonly options: NetworkDescentOptions,
  ) {
    const { attack, radius0, attackRadius, pollRadius, maxEvaluations, seed } = options;
    // With steps of 1, radii are in units of x.
    this.space = new Space({ x0, lower, upper, sigma: 1 });
    this.random = new Random(seed);
    this.network = new PenalisedNetwork(network, objective, constraints, maxEvaluations);
    if (typeof attack === 'function') this.attack = attack;
    else if (attack) {
      const bounds = { lower: this.space.lower, upper: this.space.upper };
      this.attack = (...of) => attackOf(...of, { method: attack, ...bounds });
    }
    this.attackRadius = Math.min(radius0, attackRadius[1]);
    const radius = Math.min(radius0, pollRadius[1]);
    this.state = { x: this.space.start, value: Number.POSITIVE_INFINITY, radius, searches: 0 };
  }

  /**
   * Continues a run.
   * @throws INVALID_PARAMETER for a state of a problem with another number of coordinates.
   */
  resume(saved: ThroughNetworkState): void {
    const { state, network, random } = this;
    if (saved.x.length !== this.space.dim)
      fail(
        'INVALID_PARAMETER',
        `The checkpoint is of a run with ${saved.x.length} coordinates, but x0 has ${this.space.dim}.`,
      );
    state.x = saved.x.slice();
    network.restore({ x: state.x, outputs: saved.outputs }, saved);
    state.value = network.merit(saved.outputs);
    [state.radius, state.searches] = [saved.pollRadius, saved.searches];
    this.attackRadius = saved.attackRadius;
    this.exhausted = saved.exhausted ? state.x : undefined;
    this.polled = saved.polled ? state.x : undefined;
    this.iteration = saved.iteration;
    Object.assign(this.successes, saved.successes);
    random.restore(saved.random);
  }

  *iterates(): Generator<Iterate<Float64Array>, void, undefined> {
    const { state, network } = this;
    // Known without a call after a checkpoint.
    state.value = network.merit(network.value(state.x));
    this.hold();
    for (let done = this.ended(true); ; done = this.step()) {
      yield this.iterate(done);
      if (done) return;
    }
  }

  /** One iteration; returns the status if it is the last one. */
  private step(): Status | undefined {
    const before = this.saved();
    this.iteration++;
    try {
      const attacked = this.attackStep();
      if (attacked === 'large') return this.ended(true);
      const polls = this.state.radius > this.options.pollRadius[0];
      const trials = directStep(this.space, this.state, this.options, this.random);
      let next = trials.next();
      while (!next.done) next = trials.next(this.network.merit(this.network.value(next.value)));
      if (next.value) this.successes[next.value]++;
      else if (polls) this.polled = this.state.x;
      return this.ended(attacked === 'small' || next.value !== undefined);
    } catch (error) {
      if (!(error instanceof BudgetSpent)) throw error;
      this.boundary = before;
      this.message = `The budget of ${this.network.evaluations} evaluations is spent.`;
      return 'iteration-limit';
    } finally {
      this.hold();
    }
  }

  private attackStep(): keyof typeof GROWTH {
    const { state } = this;
    const { attackRadius, pollRadius, attack } = this.options;
    if (!this.attack || (typeof attack === 'string' && this.exhausted === state.x)) return 'none';
    const before = state.value;
    const trial = this.attacked(this.attack);
    const value = trial ? this.network.merit(this.network.value(trial)) : Number.POSITIVE_INFINITY;
    let gain: keyof typeof GROWTH = 'none';
    if (trial && value < before) {
      [state.x, state.value] = [trial, value];
      this.hold();
      this.successes.attack++;
      // Any number is a sufficient decrease from +∞, and −∞ from any number.
      const large = !Number.isFinite(before - value) || before - value >= SUFFICIENT * (Math.abs(before) + 1e-10);
      gain = large ? 'large' : 'small';
    } else if (this.attackRadius <= attackRadius[0]) this.exhausted = state.x;
    this.attackRadius = clamp(GROWTH[gain] * this.attackRadius, attackRadius[0], attackRadius[1]);
    if (gain === 'large' && state.radius <= pollRadius[0]) state.radius = Math.min(2 * state.radius, pollRadius[1]);
    return gain;
  }

  /** The point that the attack proposes, if it is another one. */
  private attacked(attack: Attack): Float64Array | undefined {
    const { network, space, state, attackRadius: radius, outputs } = this;
    const u = network.descent(outputs);
    if (!u.every(Number.isFinite)) return undefined;
    const d = attack(network, state.x.slice(), u, radius);
    if (d.length !== space.dim)
      fail('INVALID_SHAPE', `The attack returned ${d.length} numbers for ${space.dim} inputs of the network.`);
    return moved(
      space,
      state.x,
      Float64Array.from(d, (v) => (Number.isNaN(v) ? 0 : clamp(v, -radius, radius))),
    );
  }

  private hold(): void {
    this.network.hold(this.state.x);
    this.outputs = this.network.value(this.state.x);
  }

  /** The status if the run is over. */
  private ended(improved: boolean): Status | undefined {
    const { state, attack } = this;
    const { attackRadius, pollRadius } = this.options;
    if (state.value === Number.NEGATIVE_INFINITY) {
      this.message = 'The objective is −∞ at the point.';
      return 'unbounded';
    }
    if (improved || state.radius > pollRadius[0] || (attack && this.attackRadius > attackRadius[0])) return undefined;
    if (this.polled !== state.x) {
      // Attacks and covering steps have moved the point since the poll radius has reached its minimum.
      state.radius = Math.min(2 * pollRadius[0], pollRadius[1]);
      return undefined;
    }
    if (state.value === Number.POSITIVE_INFINITY) {
      this.message = 'At no point that was tried is the objective a number.';
      return 'stalled';
    }
    this.message = attack
      ? 'The radii of attacks and polls are at their minima: the last ones from this point found no better one.'
      : 'The poll radius is at its minimum: the last poll found no better point.';
    return 'converged';
  }

  private iterate(done: Status | undefined): Iterate<Float64Array> {
    const { iteration, state, network, attackRadius, outputs, successes } = this;
    const { evaluations, gradientCalls } = network;
    return {
      ...{ iteration, done, objective: state.value, next: this.boundary && NEXT },
      metrics: {
        pollRadius: state.radius,
        ...(this.attack && { attackRadius }),
        constraintViolation: network.violation(outputs),
        ...successes,
      },
      work: { oracleCalls: evaluations, gradientCalls },
      snapshot: () => state.x.slice(),
      checkpoint: () => this.boundary ?? this.saved(),
    };
  }

  private saved(): ThroughNetworkState {
    const { iteration, state, network, attackRadius, outputs, successes, random } = this;
    return {
      ...{ iteration, x: state.x.slice(), outputs: outputs.slice(), ...network.saved() },
      ...{
        pollRadius: state.radius,
        attackRadius,
        exhausted: this.exhausted === state.x,
        polled: this.polled === state.x,
      },
      ...{ searches: state.searches, successes: { ...successes }, random: random.state() },
    };
  }
}
