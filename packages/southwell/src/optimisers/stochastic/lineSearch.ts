import {
  checkOptions,
  choiceOption,
  fail,
  limitOption,
  numberOption,
  type OptionsNeeding,
} from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { gradientNorm } from './clipping.ts';
import type { Numbers } from './state.ts';

const searchRecords = {
  /** Batches per epoch: step lengths may grow by `growth` over an epoch. */
  stepsPerEpoch: limitOption(1),
  /** Armijo constant c, in (0, 1). Default 0.1. */
  sufficient: numberOption({ min: 0, max: 1, open: true }),
  /** Backtracking factor, in (0, 1). Default 0.9. */
  shrink: numberOption({ min: 0, max: 1, open: true }),
  /** Growth of the step length per epoch, at least 1. Default 2. */
  growth: numberOption({ min: 1 }),
  /** Initial and maximum step length. Default 1. */
  longest: numberOption({ min: 0, open: true, finite: true }),
  /** First trial of a search: the last length increased, the last length, or the maximum. Default 'grow'. */
  reset: choiceOption({ grow: 'the last length increased', last: 'the last length', longest: 'the maximum' }),
};

export interface StochasticLineSearchOptions extends OptionsNeeding<typeof searchRecords, 'stepsPerEpoch'> {}

/** Maximum trials per step. */
const TRIALS = 100;

/** State of the line search as plain data. */
export interface SavedSearch {
  readonly length: number;
  readonly steps: number;
  readonly evaluations: number;
  readonly failures: number;
}

/**
 * Stochastic gradient descent with Armijo line search on each batch (Vaswani et al., NeurIPS 2019):
 * f(x − ηg) ≤ f(x) − c·η‖g‖². For models that interpolate the data it converges at the rate of full-batch gradient descent, and needs
 * no learning rate. The state is one number, plus copies of the parameters and the gradient during a search.
 */
export class StochasticLineSearch {
  readonly name = 'stochastic line search';
  /** The last length. */
  length: number;
  /** Number of steps, extra function evaluations, and steps without an acceptable length. */
  steps = 0;
  evaluations = 0;
  failures = 0;
  private readonly options: Required<StochasticLineSearchOptions>;
  private readonly growth: number;
  private before: Numbers = new Float64Array(0);
  private direction: Numbers = new Float64Array(0);

  /** @throws INVALID_PARAMETER. */
  constructor(options: StochasticLineSearchOptions) {
    checkOptions('StochasticLineSearch', searchRecords, options, ['stepsPerEpoch']);
    const { stepsPerEpoch, sufficient = 0.1, shrink = 0.9, growth = 2, longest = 1, reset = 'grow' } = options;
    this.options = { stepsPerEpoch, sufficient, shrink, growth, longest, reset };
    this.growth = elementary.power(growth, 1 / stepsPerEpoch);
    this.length = longest;
  }

  /**
   * One step, in place. `value` and `gradient` are those of the batch at the parameters; `evaluate` returns the value
   * of the same batch at the contents of `parameters` when it is called. Returns whether a length was found; if none of
   * a hundred trials is accepted, the parameters are unchanged. O(size) per trial, besides the values.
   * @throws NON_FINITE if the value or the gradient is not finite; INVALID_SHAPE.
   */
  step(parameters: Numbers, gradient: Numbers, value: number, evaluate: () => number): boolean {
    if (!Number.isFinite(value))
      fail('NON_FINITE', `The value of the batch is ${value}: the line search needs a finite one.`);
    if (parameters.length !== gradient.length) {
      fail(
        'INVALID_SHAPE',
        `There are ${parameters.length} parameters, but the gradient has ${gradient.length} values.`,
      );
    }
    const { sufficient, shrink, longest, reset } = this.options;
    const norm = gradientNorm(gradient);
    // Copied, since evaluation may overwrite the gradient, and only the initial one is a descent direction.
    this.before = copied(parameters, this.before);
    this.direction = copied(gradient, this.direction);
    let length = reset === 'longest' ? longest : this.length;
    if (reset === 'grow' && this.steps > 0) length = Math.min(longest, length * this.growth);
    this.steps++;
    for (let trial = 0; trial < TRIALS; trial++) {
      const { before, direction } = this;
      for (let k = 0; k < before.length; k++) parameters[k] = before[k] - length * direction[k];
      this.evaluations++;
      const there = evaluate();
      if (there <= value - sufficient * length * norm * norm) {
        this.length = length;
        return true;
      }
      length *= shrink;
    }
    this.failures++;
    parameters.set(this.before);
    return false;
  }

  /** A copy of the state. */
  state(): SavedSearch {
    const { length, steps, evaluations, failures } = this;
    return { length, steps, evaluations, failures };
  }

  restore({ length, steps, evaluations, failures }: SavedSearch): void {
    Object.assign(this, { length, steps, evaluations, failures });
  }
}

/** A copy, reusing the memory of an earlier one if its size matches. */
function copied(values: Numbers, into: Numbers): Numbers {
  if (into.length !== values.length || into.constructor !== values.constructor) return values.slice();
  into.set(values);
  return into;
}
