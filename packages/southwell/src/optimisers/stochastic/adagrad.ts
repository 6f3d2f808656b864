import { networkKernels } from '@southwell/kernels/networks';
import { checkOptions, numberOption, type OptionsNeeding } from '@southwell/numerics/core';
import { type TrainingOptimiser, trainingOptimiser } from './optimiser.ts';
import { rateRecords } from './schedules/schedules.ts';

const adagradRecords = {
  ...rateRecords,
  /** Above 0. Default 1e-10. */
  epsilon: numberOption({ min: 0, open: true, finite: true }),
  /** Initial value of the accumulators. Default 0. */
  start: numberOption({ min: 0, finite: true }),
  /** L2 penalty: adds decay·x to the gradient. Default 0. */
  weightDecay: numberOption({ min: 0, finite: true }),
};

export interface AdagradOptions extends OptionsNeeding<typeof adagradRecords, 'rate'> {}

/**
 * Adagrad (Duchi, Hazan & Singer, JMLR 2011): s ← s + g², x ← x − rate·g/(√s + ε). The state is s.
 * @throws INVALID_PARAMETER.
 */
export function adagrad(options: AdagradOptions): TrainingOptimiser {
  checkOptions('adagrad', adagradRecords, options, ['rate']);
  const { rate, epsilon = 1e-10, start = 0, weightDecay = 0 } = options;
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
