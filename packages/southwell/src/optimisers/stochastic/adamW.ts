import { networkKernels } from '@southwell/kernels/networks';
import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { type TrainingOptimiser, trainingOptimiser } from './optimiser.ts';
import { belowOne } from './ranges.ts';
import type { Schedule } from './schedules/schedules.ts';
import type { OptimiserState } from './state.ts';

export interface AdamMoments {
  /** Decay rates of the moments, in [0, 1). Defaults 0.9, 0.999. */
  readonly beta1?: number;
  readonly beta2?: number;
  /** Above 0. Default 1e-8. */
  readonly epsilon?: number;
}

export interface AdamWOptions extends AdamMoments {
  /** Learning rate, or a schedule. */
  readonly rate: number | Schedule;
  /** Decoupled weight decay. Default 0.01; 0 is Adam. */
  readonly weightDecay?: number;
  /** Whether weight decay is added to the gradient instead, as an L2 penalty. Default false. */
  readonly coupled?: boolean;
  /** AMSGrad: uses the running maximum of second moments (Reddi, Kale & Kumar, ICLR 2018). Default false. */
  readonly amsgrad?: boolean;
}
const adamWKeys: OptionKeys<AdamWOptions> = {
  rate: true,
  beta1: true,
  beta2: true,
  epsilon: true,
  weightDecay: true,
  coupled: true,
  amsgrad: true,
};

/** @throws INVALID_PARAMETER. */
export function checkMoments({ beta1, beta2, epsilon }: Required<AdamMoments>): void {
  belowOne('beta1', beta1);
  belowOne('beta2', beta2);
  if (!(epsilon > 0 && Number.isFinite(epsilon))) {
    fail('INVALID_PARAMETER', `epsilon must be a number above 0, but is ${epsilon}.`);
  }
}

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
  knownKeys('adamW', options, adamWKeys);
  const { rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { weightDecay = 0.01, coupled = false, amsgrad = false } = options;
  checkMoments({ beta1, beta2, epsilon });
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
