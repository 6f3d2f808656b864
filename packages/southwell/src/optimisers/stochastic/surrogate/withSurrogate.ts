import { checkOptions, integerOption, numberOption, type OptionsNeeding } from '@southwell/numerics/core';
import type { TrainingOptimiser } from '../optimiser.ts';
import { rateAt } from '../schedules/schedules.ts';
import type { Numbers, OptimiserState } from '../state.ts';

/** A batch in a training loop: its outputs at the current parameters. */
export interface OutputsOracle {
  /**
   * ∇ℓ in the outputs at the parameters before the step, evaluated once: that of the loss itself, e.g. for a mean
   * divided by the batch size.
   */
  readonly slope: Numbers;
  /** z ← the outputs at the current parameters. */
  forward(z: Float64Array): void;
  /** gradient ← Jᵀv at the current parameters. */
  pull(v: Float64Array, gradient: Numbers): void;
}

const surrogateRecords = {
  /** Optimiser steps per surrogate. With one, the optimiser is unchanged. */
  steps: integerOption({ min: 1 }),
  /**
   * Positive, at most 1/L for the loss in the outputs that `slope` belongs to: for a mean over n examples, n times that
   * of one example.
   */
  eta: numberOption({ min: 0, open: true, finite: true }),
};

export interface SurrogateOptions extends OptionsNeeding<typeof surrogateRecords, 'steps' | 'eta'> {}

/** An optimiser that takes several steps per gradient in the outputs. */
export interface SurrogateOptimiser {
  readonly name: string;
  readonly init: TrainingOptimiser['init'];
  /**
   * Takes several steps in place, all at the given rate or that of the optimiser's schedule at the number of outer
   * steps. Needs one forward and one backward pass per step; a single step needs no forward pass.
   * @throws the errors of the optimiser's step; INVALID_SHAPE for a slope whose length differs from the outputs.
   */
  step(state: OptimiserState, parameters: Numbers, oracle: OutputsOracle, rate?: number): void;
}

/**
 * Wraps an optimiser for custom training loops with target surrogates (Lavington et al., ICML 2023, arXiv 2302.02607):
 * in each step of the loop the gradient of the loss in the model's outputs is evaluated once, and the optimiser takes
 * `steps` steps on ⟨∇ℓ, f(θ)⟩ + ‖f(θ) − z‖²/(2η), which only evaluates the model. The state, saved or loaded, is that
 * of the optimiser.
 * @throws INVALID_PARAMETER.
 */
export function withSurrogate(optimiser: TrainingOptimiser, options: SurrogateOptions): SurrogateOptimiser {
  checkOptions('withSurrogate', surrogateRecords, options, ['steps', 'eta']);
  const { steps, eta } = options;
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
