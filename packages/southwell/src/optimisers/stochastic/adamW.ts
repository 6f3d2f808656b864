import { networkKernels } from '@southwell/kernels/networks';
import { checkOptions, flagOption, numberOption, type OptionsNeeding, type OptionsOf } from '@southwell/numerics/core';
import { type TrainingOptimiser, trainingOptimiser } from './optimiser.ts';
import { rateRecords } from './schedules/schedules.ts';
import type { OptimiserState } from './state.ts';

export const momentRecords = {
  /** Decay rates of the moments, in [0, 1). Defaults 0.9, 0.999. */
  beta1: numberOption({ min: 0, below: 1 }),
  beta2: numberOption({ min: 0, below: 1 }),
  /** Above 0. Default 1e-8. */
  epsilon: numberOption({ min: 0, open: true, finite: true }),
};

const adamWRecords = {
  ...rateRecords,
  ...momentRecords,
  /** Decoupled weight decay. Default 0.01; 0 is Adam. */
  weightDecay: numberOption({ min: 0, finite: true }),
  /** Whether weight decay is added to the gradient instead, as an L2 penalty. Default false. */
  coupled: flagOption(),
  /** AMSGrad: uses the running maximum of second moments (Reddi, Kale & Kumar, ICLR 2018). Default false. */
  amsgrad: flagOption(),
};

export interface AdamMoments extends OptionsOf<typeof momentRecords> {}
export interface AdamWOptions extends OptionsNeeding<typeof adamWRecords, 'rate'> {}

/** Updates the powers of the decay rates for one more step. */
export function advance({ scalars }: OptimiserState, beta1: number, beta2: number): void {
  scalars[0] *= beta1;
  scalars[1] *= beta2;
}

/**
 * Adam with decoupled weight decay (Kingma & Ba, ICLR 2015; Loshchilov & Hutter, ICLR 2019): x ← (1 − rate·decay)x −
 * rate·m̂/(√v̂ + ε). The state is two numbers per parameter, three with `amsgrad`.
 * @throws INVALID_PARAMETER.
 */
export function adamW(options: AdamWOptions): TrainingOptimiser {
  checkOptions('adamW', adamWRecords, options, ['rate']);
  const { rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { weightDecay = 0.01, coupled = false, amsgrad = false } = options;
  const names = ['mean', 'square', ...(amsgrad ? ['largest square'] : [])];
  return trainingOptimiser({
    ...{ name: 'adamW', rate, weightDecay, scalars: [1, 1] },
    slots: names.map((name) => ({ name, uses: () => true })),
    begin: (state) => advance(state, beta1, beta2),
    update: ({ state, index, at, n, g, p, rate: length, decay }) => {
      const kernels = state.arena.use(networkKernels);
      const [m, v] = [state.place(0, index, at), state.place(1, index, at)];
      const most = amsgrad ? state.place(2, index, at) : 0;
      const [step, c2] = [length / (1 - state.scalars[0]), 1 / (1 - state.scalars[1])];
      const [keep, l2] = coupled ? [1, decay] : [1 - length * decay, 0];
      const threads = state.threads(n);
      if (threads) {
        const name = state.single ? 'sadamStep' : 'adamStep';
        threads.overValues(name, n, [beta1, beta2, step, c2, epsilon, keep, l2], [g, m, v, most, p]);
      } else if (state.single) kernels.sadamStep(n, beta1, beta2, step, c2, epsilon, keep, l2, g, m, v, most, p);
      else kernels.adamStep(n, beta1, beta2, step, c2, epsilon, keep, l2, g, m, v, most, p);
    },
  });
}
