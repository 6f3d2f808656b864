import { fail, knownKeys, type OptionKeys, wholeNumber } from '@southwell/numerics/core';
import type { TrainingOptimiser } from '../optimiser.ts';
import { rateAt } from '../schedules/schedules.ts';
import type { Numbers, OptimiserState } from '../state.ts';

/** What a loop knows of a batch: its outputs at the parameters, as they are when it is asked. */
export interface OutputsOracle {
  /** ∇ℓ by the outputs at the parameters before the step, paid for once: of the loss as it is, a mean over the batch divided by its size. */
  readonly slope: Numbers;
  /** z ← the outputs at the parameters. */
  forward(z: Float64Array): void;
  /** gradient ← Jᵀv at the parameters. */
  pull(v: Float64Array, gradient: Numbers): void;
}

export interface SurrogateOptions {
  /** Steps of the optimiser on each surrogate. One is the optimiser as it is. */
  readonly steps: number;
  /** Above 0, at most 1/L of the loss by its outputs, as its gradient is: of a mean over n examples, n times that of an example. */
  readonly eta: number;
}
const keys: OptionKeys<SurrogateOptions> = { steps: true, eta: true };

/** An optimiser that goes many steps for one gradient by the outputs. */
export interface SurrogateOptimiser {
  readonly name: string;
  readonly init: TrainingOptimiser['init'];
  /**
   * So many steps, in place, all at the rate given or that of the optimiser's schedule at the number of outer steps.
   * Forwards and pulls as many as steps, one forward of the first aside.
   * @throws As the optimiser's own step; INVALID_SHAPE for a slope of another length than the outputs.
   */
  step(state: OptimiserState, parameters: Numbers, oracle: OutputsOracle, rate?: number): void;
}

/**
 * Any optimiser of a loop of one's own on target surrogates (Lavington et al., ICML 2023, arXiv 2302.02607): at each step of the loop the gradient of the loss by the
 * model's outputs is paid for once, and the optimiser makes `steps` steps on ⟨∇ℓ, f(θ)⟩ + ‖f(θ) − z‖²/(2η), which asks the model alone. State,
 * saved or loaded, is the optimiser's.
 * @throws INVALID_PARAMETER.
 */
export function withSurrogate(optimiser: TrainingOptimiser, options: SurrogateOptions): SurrogateOptimiser {
  knownKeys('withSurrogate', options, keys);
  const { steps, eta } = options;
  wholeNumber('steps', steps, 1);
  if (!(eta > 0 && Number.isFinite(eta))) fail('INVALID_PARAMETER', `eta must be a number above 0, but is ${eta}.`);
  return {
    name: `${optimiser.name} on surrogates`,
    init: (parameters, ranges) => optimiser.init(parameters, ranges),
    step(state, parameters, { slope, forward, pull }, rate = rateAt(optimiser.rate, state.steps / steps)) {
      const start = new Float64Array(slope.length);
      const v = Float64Array.from(slope);
      const gradient = parameters.slice();
      if (steps > 1) forward(start);
      for (let k = 0; k < steps; k++) {
        if (k > 0) {
          forward(v);
          for (let i = 0; i < v.length; i++) v[i] = slope[i] + (v[i] - start[i]) / eta;
        }
        pull(v, gradient);
        optimiser.step(state, parameters, gradient, rate);
      }
    },
  };
}
