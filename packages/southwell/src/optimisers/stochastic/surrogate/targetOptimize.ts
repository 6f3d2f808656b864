import {
  checkOption,
  checkOptions,
  choiceOption,
  fail,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  otherOption,
  Random,
  type RunOptions,
  run,
  type Solution,
  seedOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { finiteStart } from '../../descent.ts';
import { largest } from '../../oracle.ts';
import { innerTitles, lowerSurrogate, SHRINK, TRIALS } from './lowerSurrogate.ts';
import { Surrogate } from './quadratic.ts';
import type { Divergence, TargetLoss, TargetModel } from './targets.ts';

/** A loss of a model's outputs for a set of examples. */
export interface TargetProblem {
  readonly examples: number;
  readonly model: TargetModel;
  readonly loss: TargetLoss;
  /** Initial parameters. They are copied. */
  readonly start: ArrayLike<number>;
}

const etaRules = ['1/L', 'sls', 'adagrad', 'sqrt', 'exp'] as const;
const aboveZero = numberOption({ min: 0, open: true, finite: true });

const targetRecords = {
  /**
   * How the surrogate is minimised: gradient steps with Armijo backtracking or of constant length, L-BFGS, or exactly
   * if outputs are linear. Default 'armijo'.
   */
  inner: choiceOption(innerTitles),
  /** Number of steps on a surrogate, m. With one step this is gradient descent. Default 10. */
  steps: integerOption({ min: 1 }),
  /** Length of constant inner steps, or initial length of Armijo backtracking for each surrogate. Default: eta; 10. */
  length: aboveZero,
  /** Constant of the sufficient-decrease (Armijo) condition, in (0, 1). Default 0.5. */
  sufficient: numberOption({ min: 0, max: 1, open: true }),
  /** Inner steps end when no entry of the surrogate's gradient is larger. Default 1e-6; for full batches 0. */
  innerTol: numberOption({ min: 0, finite: true }),
  /**
   * The η of surrogates: a number; 1/L; Armijo line search on the loss along its gradient in the outputs ('sls');
   * divided by the root of the sum of squared gradients ('adagrad'); divided by the root of the step number ('sqrt');
   * decaying by a factor of T in T steps ('exp'). Default '1/L'.
   */
  eta: otherOption<number | (typeof etaRules)[number]>(
    `finite and above 0, or one of ${etaRules.join(', ')}`,
    (eta) => aboveZero.allows(eta) || (etaRules as readonly unknown[]).includes(eta),
  ),
  /** Initial value of the rules for η. Default 1/L. */
  firstEta: aboveZero,
  /** Default 'euclidean'. */
  divergence: otherOption<Divergence>(
    "'euclidean', 'kl' or a function",
    (value) => value === 'euclidean' || value === 'kl' || typeof value === 'function',
  ),
  /** Number of examples in a batch. Default: all. */
  batchSize: integerOption({ min: 1 }),
  /** Number of evaluations of the loss after which no further step is begun. Default 1000. */
  oracleCalls: integerOption({ min: 1 }),
  /** Seed of the order of examples, which differs in each epoch. Default 0. */
  seed: seedOption(),
};

export interface TargetOptions extends OptionsOf<typeof targetRecords> {}

/**
 * Minimises the mean of ℓ(f(θ)) with target surrogates (SSO; Lavington et al., ICML 2023, arXiv 2302.02607): the loss
 * and its gradient in the outputs are evaluated once per step; then `steps` steps on the parameters decrease a
 * surrogate of it, which only evaluates the model. With full batches and η ≤ 1/L the loss never increases. One inner
 * step of constant length is gradient descent with that length.
 *
 * An iterate is an evaluation: the objective is the loss of its batch at the point before its steps; metrics are `eta`,
 * `innerDecrease` (of the last surrogate) and `modelPasses`, the total number of forward and backward passes;
 * `work.oracleCalls` includes the trials of 'sls'. For full batches the certificate is the largest entry of the
 * gradient relative to that at the initial point. Ends with `completed` after `oracleCalls`, `converged` if the
 * gradient of a full batch is 0, `stalled` if no step decreases the surrogate of a full batch, `diverged` if the loss
 * is not finite.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE; NOT_SUPPORTED for an exact inner solution of a model that has
 * none.
 */
export function* targetIterates(problem: TargetProblem, options: TargetOptions = {}): Generator<Iterate<Float64Array>> {
  checkOptions('targetIterates', targetRecords, options);
  const { examples, model, loss } = problem;
  wholeNumber('examples', examples, 1);
  wholeNumber('outputs', model.outputs, 1);
  const { inner = 'armijo', steps = 10, sufficient = 0.5, divergence = 'euclidean', seed = 0 } = options;
  const { batchSize = examples, oracleCalls = 1000, eta: rule = '1/L' } = options;
  wholeNumber('batchSize', batchSize, 1, examples);
  const whole = batchSize === examples;
  const { innerTol = whole ? 0 : 1e-6 } = options;
  if (inner === 'exact' && (!model.solve || divergence !== 'euclidean')) {
    fail(
      'NOT_SUPPORTED',
      "An exact inner solution is for models with 'solve', such as linearTargets, and the Euclidean divergence: take the inner method 'lbfgs'.",
    );
  }
  const lengths = new Lengths(rule, options.firstEta, loss, oracleCalls);
  const perPass = Math.floor(examples / batchSize);
  const random = new Random(seed);
  const x = finiteStart(problem.start);
  const gradient = new Float64Array(x.length);
  const [z, slope] = [new Float64Array(batchSize * model.outputs), new Float64Array(batchSize * model.outputs)];
  let batch: Int32Array = Int32Array.from({ length: batchSize }, (_, i) => i);
  let order = batch;
  let [passes, decrease, first] = [0, 0, 0];
  let calls = 0;
  for (let step = 0; ; step++) {
    if (!whole) {
      if (step % perPass === 0) order = random.split(step / perPass).permutation(examples);
      batch = order.slice((step % perPass) * batchSize, ((step % perPass) + 1) * batchSize);
    }
    const ended = calls >= oracleCalls;
    model.forward(x, batch, z);
    const value = loss.evaluate(z, batch, slope);
    passes++;
    calls++;
    const finite = Number.isFinite(value) && slope.every(Number.isFinite);
    let surrogate: Surrogate | undefined;
    let eta = Number.NaN;
    let steepness = Number.NaN;
    if (finite) {
      if (!ended) {
        eta = lengths.next(value, z, slope, batch, step);
        calls += lengths.trials;
      }
      surrogate = new Surrogate(model, batch, z, slope, ended ? 1 : eta, divergence);
      surrogate.evaluate(x, gradient);
      steepness = largest(gradient);
      if (step === 0) first = steepness;
    }
    const done = !finite ? 'diverged' : whole && steepness === 0 ? 'converged' : ended ? 'completed' : undefined;
    const iterate = (status: Iterate<Float64Array>['done']): Iterate<Float64Array> => ({
      iteration: step,
      objective: value,
      ...(whole &&
        finite && {
          certificate: { kind: 'gradientNorm', value: steepness, relative: first === 0 ? 0 : steepness / first },
        }),
      metrics: { eta, innerDecrease: decrease, modelPasses: passes },
      work: { oracleCalls: calls },
      mayFail: true,
      done: status,
      snapshot: () => x.slice(),
    });
    yield iterate(done);
    if (done) return;
    const lowered = lowerSurrogate(surrogate!, x, gradient, {
      inner,
      steps,
      sufficient,
      innerTol,
      first: options.length ?? (inner === 'gradient' ? eta : 10),
      growth: elementary.power(2, batchSize / examples),
      exact: () => {
        const change = new Float64Array(x.length);
        model.solve!(
          batch,
          slope.map((v) => -eta * v),
          change,
        );
        for (let k = 0; k < x.length; k++) x[k] += change[k];
      },
    });
    decrease = lowered.decrease;
    passes += surrogate!.passes;
    if (whole && !(decrease > 0) && inner !== 'gradient') {
      yield iterate('stalled');
      return;
    }
  }
}

/** Options of {@link targetOptimize}. */
export type TargetRunOptions = TargetOptions &
  Pick<RunOptions<Float64Array>, 'tol' | 'maxIter' | 'timeLimit' | 'signal' | 'onIterate'>;
const runKeys: OptionKeys<TargetRunOptions> = {
  ...keysOf(targetRecords),
  ...{ tol: true, maxIter: true, timeLimit: true, signal: true, onIterate: true },
};

/**
 * Runs {@link targetIterates} to their end, or to a limit.
 * @throws the same errors.
 */
export function targetOptimize(problem: TargetProblem, options: TargetRunOptions = {}): Solution<Float64Array> {
  knownKeys('targetOptimize', options, runKeys);
  const { tol, maxIter, timeLimit, signal, onIterate, ...own } = options;
  return run(targetIterates(problem, own), { tol, maxIter, timeLimit, signal, onIterate });
}

/** η of each step by its rule. */
class Lengths {
  /** Evaluations of the loss for the last η. */
  trials = 0;
  private squares = 0;
  private last: number;
  private readonly first: number;

  constructor(
    private readonly rule: number | (typeof etaRules)[number],
    first: number | undefined,
    private readonly loss: TargetLoss,
    private readonly steps: number,
  ) {
    const { smoothness } = loss;
    if (smoothness !== undefined) checkOption('smoothness', aboveZero, smoothness);
    if (typeof rule !== 'number' && smoothness === undefined && (first === undefined || rule === '1/L')) {
      fail(
        'INVALID_PARAMETER',
        `The loss does not say its smoothness: give eta as a number${rule === '1/L' ? '' : ', or a firstEta'}.`,
      );
    }
    this.first = typeof rule === 'number' ? rule : rule === '1/L' ? 1 / smoothness! : (first ?? 1 / smoothness!);
    this.last = this.first;
  }

  next(value: number, z: Float64Array, slope: Float64Array, batch: Int32Array, step: number): number {
    this.trials = 0;
    const { first, rule, steps } = this;
    if (rule === 'sqrt') return first / Math.sqrt(step + 1);
    if (rule === 'exp') return first * elementary.power(1 / steps, step / steps);
    if (rule !== 'adagrad' && rule !== 'sls') return first;
    const square = slope.reduce((sum, g) => sum + g * g, 0) / batch.length;
    if (rule === 'adagrad') {
      this.squares += square;
      return this.squares > 0 ? first / Math.sqrt(this.squares) : first;
    }
    // At most twice the last one.
    let eta = step === 0 ? first : Math.min(1e4, 2 * this.last);
    const there = new Float64Array(z.length);
    for (; this.trials < TRIALS && eta > 1e-4; eta *= SHRINK) {
      for (let k = 0; k < z.length; k++) there[k] = z[k] - eta * slope[k];
      this.trials++;
      if (this.loss.evaluate(there, batch) <= value - 0.5 * eta * square) break;
    }
    this.last = Math.max(1e-4, eta);
    return this.last;
  }
}
