import {
  checkGiven,
  choiceOption,
  flagOption,
  type Iterate,
  keysOf,
  knownKeys,
  limitOption,
  numberOption,
  numbersOption,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  Random,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  type Status,
  seedOption,
} from '@southwell/numerics/core';
import { clamp } from '@southwell/numerics/projections';
import { checkRadii } from '../methods/directSearch.ts';
import { stopReasons } from '../minimize.ts';
import { Space } from '../space.ts';
import { type Attack, attack as attackOf, type Network } from './attack.ts';
import { type DirectState, directStep, moved } from './directStep.ts';
import { BudgetSpent, type OutputConstraints, type OutputObjective, PenalisedNetwork } from './penalised.ts';

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
const problemKeys: OptionKeys<NetworkProblem> = {
  ...{ network: true, objective: true, constraints: true },
  ...{ x0: true, lower: true, upper: true },
};

export const throughNetworkRecords = {
  /** An attack by its name, a function, or false for the direct search alone. Default 'fgsm'. */
  attack: otherOption<'fgsm' | 'pgd' | Attack | false>(
    "'fgsm', 'pgd', a function or false",
    (v) => v === 'fgsm' || v === 'pgd' || v === false || typeof v === 'function',
  ),
  /** Initial radius of attacks and polls, and the scale of covering and search steps, in units of x. Default 0.1. */
  radius0: numberOption({ min: 0, open: true, finite: true }),
  /** Smallest and largest radius of attacks. Default [1e-6, 10]. */
  attackRadius: numbersOption({ min: 0, open: true }),
  /** Smallest and largest radius of polls. Default [1e-5, 10]. */
  pollRadius: numbersOption({ min: 0, open: true }),
  /** Number of poll directions. Default 'n+1' with attacks, '2n' without. */
  poll: choiceOption({ 'n+1': 'n + 1 directions', '2n': '2n directions' }),
  /** Whether to try a random point in each iteration. Default true. */
  covering: flagOption(),
  /** Whether to try a random direction before each poll. Default true. */
  search: flagOption(),
  /** Maximum number of calls of the network's `value`; calls of `vjp` are counted separately. Default 20,000. */
  maxEvaluations: limitOption(1),
  /** Default 0. */
  seed: seedOption(),
};

export interface ThroughNetworkOptions extends OptionsOf<typeof throughNetworkRecords> {}
const optionKeys: OptionKeys<ThroughNetworkOptions> = keysOf(throughNetworkRecords);

/** Number of iterations in which each step was successful; an attack with a small gain may be followed by another step. */
export interface Successes {
  readonly attack: number;
  readonly covering: number;
  readonly search: number;
  readonly poll: number;
}

export interface ThroughNetworkResult extends Solution<Float64Array> {
  /** f(Φ(x)) at the point. `objective` includes the penalty. */
  readonly value: number;
  /** Φ(x) at the point. */
  readonly output: Float64Array;
  /** Largest constraint violation at the point, at least 0. */
  readonly constraintViolation: number;
  /** Number of calls of the network's `value`. */
  readonly evaluations: number;
  /** Number of calls of its `vjp`. */
  readonly gradientCalls: number;
  readonly successes: Successes;
  /** Why the run ended. */
  readonly message: string;
}

/** Factors of the attack radius after a sufficient decrease, a smaller one and none. */
const GROWTH = { large: 1.3, small: 1.1, none: 1 / 1.3 } as const;
/** Relative decrease of the objective from which an attack alone makes an iteration. */
const SUFFICIENT = 1e-3;

/** A run, whose state outlives its generator of iterates. */
class ThroughNetwork {
  readonly network: PenalisedNetwork;
  message = '';
  private readonly space: Space;
  private readonly random: Random;
  private readonly state: DirectState;
  private readonly successes = { attack: 0, covering: 0, search: 0, poll: 0 };
  private readonly attack: Attack | undefined;
  private readonly attackRange: ArrayLike<number>;
  private readonly settings;
  private attackRadius: number;
  /** Outputs at the point, those of the network followed by the positive parts of the constraints. */
  private outputs: Float64Array = new Float64Array(0);

  /** @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE. */
  constructor(problem: NetworkProblem, options: ThroughNetworkOptions) {
    knownKeys('problem', problem, problemKeys);
    checkGiven(throughNetworkRecords, options);
    const { attack = 'fgsm', radius0 = 0.1, attackRadius = [1e-6, 10], pollRadius = [1e-5, 10] } = options;
    const { poll = attack ? 'n+1' : '2n', covering = true, search = true, maxEvaluations = 20_000 } = options;
    const { network, objective, constraints, x0, lower, upper } = problem;
    checkRadii('pollRadius', pollRadius, radius0);
    if (attack) checkRadii('attackRadius', attackRadius, radius0);
    // With steps of 1, radii are in units of x.
    this.space = new Space({ x0, lower, upper, sigma: 1 });
    this.random = new Random(options.seed ?? 0);
    this.network = new PenalisedNetwork(network, objective, constraints, maxEvaluations);
    this.attackRange = attackRadius;
    this.attackRadius = Math.min(radius0, attackRadius[1]);
    this.settings = { radius0, pollRadius, poll, covering, search, searchGrows: attack !== false };
    if (typeof attack === 'function') this.attack = attack;
    else if (attack) {
      const bounds = { lower: this.space.lower, upper: this.space.upper };
      this.attack = (...of) => attackOf(...of, { method: attack, ...bounds });
    }
    const radius = Math.min(radius0, pollRadius[1]);
    this.state = { x: this.space.start, value: Number.POSITIVE_INFINITY, radius, searches: 0 };
  }

  *iterates(): Generator<Iterate<Float64Array>, void, undefined> {
    const { state, network } = this;
    state.value = network.merit(network.value(state.x));
    this.hold();
    for (let iteration = 0; ; iteration++) {
      const done = iteration === 0 ? this.ended(true) : this.step();
      yield this.iterate(iteration, done);
      if (done) return;
    }
  }

  result(solution: Solution<Float64Array>): ThroughNetworkResult {
    const { network, outputs } = this;
    const output = network.ownOf(outputs);
    return {
      ...solution,
      value: network.valueOf(outputs),
      output,
      constraintViolation: network.violation(outputs),
      evaluations: network.evaluations,
      gradientCalls: network.gradientCalls,
      successes: { ...this.successes },
      message: this.message || (stopReasons[solution.status] ?? ''),
    };
  }

  /** One iteration; returns the status if it is the last one. */
  private step(): Status | undefined {
    try {
      const attacked = this.attackStep();
      if (attacked === 'large') return this.ended(true);
      const found = this.answered(directStep(this.space, this.state, this.settings, this.random));
      if (found) this.successes[found]++;
      return this.ended(attacked !== 'none' || found !== undefined);
    } catch (error) {
      if (!(error instanceof BudgetSpent)) throw error;
      this.message = `The budget of ${this.network.evaluations} evaluations is spent.`;
      return 'iteration-limit';
    } finally {
      this.hold();
    }
  }

  private attackStep(): keyof typeof GROWTH {
    const { state, settings, attackRange } = this;
    if (!this.attack) return 'none';
    const before = state.value;
    const trial = this.attacked(this.attack);
    let gain: keyof typeof GROWTH = 'none';
    if (trial) {
      const value = this.network.merit(this.network.value(trial));
      if (value < before) {
        [state.x, state.value] = [trial, value];
        this.hold();
        this.successes.attack++;
        // Any number is a sufficient decrease from +∞, and −∞ from any number.
        const sufficient =
          !Number.isFinite(before - value) || before - value >= SUFFICIENT * (Math.abs(before) + 1e-10);
        gain = sufficient ? 'large' : 'small';
      }
    }
    this.attackRadius = clamp(GROWTH[gain] * this.attackRadius, attackRange[0], attackRange[1]);
    if (gain === 'large' && state.radius <= settings.pollRadius[0]) state.radius *= 2;
    return gain;
  }

  /** The point that the attack proposes, if it is another one. */
  private attacked(attack: Attack): Float64Array | undefined {
    const { network, space, state, attackRadius, outputs } = this;
    const u = network.descent(outputs);
    if (!u.every(Number.isFinite)) return undefined;
    const d = attack(network, state.x.slice(), u, attackRadius);
    return moved(
      space,
      state.x,
      state.x.map((_, i) => clamp(d[i], -attackRadius, attackRadius) || 0),
    );
  }

  /** Answers the trials of a step with values of the network. */
  private answered<R>(trials: Generator<Float64Array, R, number>): R {
    let next = trials.next();
    while (!next.done) next = trials.next(this.network.merit(this.network.value(next.value)));
    return next.value;
  }

  private hold(): void {
    this.network.hold(this.state.x);
    this.outputs = this.network.value(this.state.x);
  }

  /** The status if the run is over. */
  private ended(improved: boolean): Status | undefined {
    const { state, settings, attack, attackRange } = this;
    if (state.value === Number.NEGATIVE_INFINITY) {
      this.message = 'The objective is −∞ at the point.';
      return 'unbounded';
    }
    if (improved || state.radius > settings.pollRadius[0]) return undefined;
    if (attack && this.attackRadius > attackRange[0]) return undefined;
    if (state.value === Number.POSITIVE_INFINITY) {
      this.message = 'No point was found at which the objective is a number.';
      return 'stalled';
    }
    const radii = attack ? 'The radii of attacks and polls are at their minima' : 'The poll radius is at its minimum';
    this.message = `${radii}, and no step found a better point.`;
    return 'converged';
  }

  private iterate(iteration: number, done: Status | undefined): Iterate<Float64Array> {
    const { state, network, attack, attackRadius, outputs, successes } = this;
    const { evaluations, gradientCalls } = network;
    return {
      ...{ iteration, done, objective: state.value },
      metrics: {
        pollRadius: state.radius,
        ...(attack && { attackRadius }),
        constraintViolation: network.violation(outputs),
        ...successes,
      },
      work: { oracleCalls: evaluations, gradientCalls },
      snapshot: () => state.x.slice(),
    };
  }
}

/**
 * The iterates of {@link optimizeThroughNetwork}, for core's `run`. The objective of an iterate includes the penalty;
 * metrics are both radii, the constraint violation and how many iterations each step has made successful; work is
 * `oracleCalls` and `gradientCalls`.
 * @throws as {@link optimizeThroughNetwork}.
 */
export function throughNetworkIterates(
  problem: NetworkProblem,
  options: ThroughNetworkOptions = {},
): Generator<Iterate<Float64Array>, void, undefined> {
  knownKeys('throughNetworkIterates', options, optionKeys);
  return new ThroughNetwork(problem, options).iterates();
}

/**
 * Minimises f(Φ(x)) over the inputs of a trained network Φ by directional attacks within a direct search (Bouchet and
 * Vidal 2025). Each iteration first attacks the network: it asks for a displacement of at most the attack radius in each
 * coordinate that moves the outputs along −∇f. If f decreases by a thousandth, this is the whole iteration; otherwise
 * the covering, search and poll steps of the direct search follow, which make the limit points local solutions under
 * mild assumptions whatever the attacks do. A point is accepted only if it is better, so that the objective never
 * increases. Bounds are kept by projection, and constraints c(x, Φ(x)) ≤ 0 are replaced by the penalty ‖max(c, 0)‖². To
 * maximise f, minimise −f.
 *
 * `converged` means that the radii of attacks and polls have reached their minima and no step of the last iteration was
 * better; it is not a proof of a minimum, and no step looks for distant minima systematically. An attack costs one `vjp`
 * and one `value` ('pgd': 10 and 11), the direct search up to n + 3 calls of `value` (2n + 2 with 2n directions), and
 * O(n) memory.
 *
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE for options, bounds and starting points that do not fit each
 * other, and for functions with results of wrong lengths; what these functions throw.
 */
export function optimizeThroughNetwork(
  problem: NetworkProblem,
  options: ThroughNetworkOptions & Omit<RunOptions<Float64Array>, 'tol'> = {},
): ThroughNetworkResult {
  const { tol: _, ...watchKeys } = runKeys;
  knownKeys('optimizeThroughNetwork', options, { ...optionKeys, ...watchKeys });
  const method = new ThroughNetwork(problem, only<ThroughNetworkOptions>(options, optionKeys));
  const { maxIter, timeLimit, signal, onIterate } = options;
  return method.result(run(method.iterates(), { maxIter, timeLimit, signal, onIterate }));
}
