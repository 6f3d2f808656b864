import { networkKernels } from '@southwell/kernels/networks';
import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { type TrainingOptimiser, trainingOptimiser } from './optimiser.ts';
import { atLeastZero } from './ranges.ts';
import type { Schedule } from './schedules/schedules.ts';

export interface AdagradOptions {
  /** Learning rate, or a schedule. */
  readonly rate: number | Schedule;
  /** Above 0. Default 1e-10. */
  readonly epsilon?: number;
  /** Initial value of the accumulators. Default 0. */
  readonly start?: number;
  /** L2 penalty: adds decay·x to the gradient. Default 0. */
  readonly weightDecay?: number;
}
const adagradKeys: OptionKeys<AdagradOptions> = { rate: true, epsilon: true, start: true, weightDecay: true };

/**
 * Adagrad (Duchi, Hazan & Singer, JMLR 2011): s ← s + g², x ← x − rate·g/(√s + ε). The state is s.
 * @throws INVALID_PARAMETER.
 */
export function adagrad(options: AdagradOptions): TrainingOptimiser {
  knownKeys('adagrad', options, adagradKeys);
  const { rate, epsilon = 1e-10, start = 0, weightDecay = 0 } = options;
  atLeastZero('start', start);
  if (!(epsilon > 0 && Number.isFinite(epsilon))) {
    fail('INVALID_PARAMETER', `epsilon must be a number above 0, but is ${epsilon}.`);
  }
  return trainingOptimiser({
    ...{ name: 'adagrad', rate, weightDecay },
    slots: [{ name: 'squares', uses: () => true, start }],
    update: ({ state, index, at, n, g, p, rate: length, decay }) => {
      const kernels = state.arena.use(networkKernels);
      const s = state.place(0, index, at);
      const threads = state.threads(n);
      if (threads) {
        threads.overValues(state.single ? 'sadagradStep' : 'adagradStep', n, [length, epsilon, decay], [g, s, p]);
      } else if (state.single) kernels.sadagradStep(n, length, epsilon, decay, g, s, p);
      else kernels.adagradStep(n, length, epsilon, decay, g, s, p);
    },
  });
}
