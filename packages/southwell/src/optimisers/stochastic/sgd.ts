import { networkKernels } from '@southwell/kernels/networks';
import { checkOptions, fail, flagOption, numberOption, type OptionsNeeding } from '@southwell/numerics/core';
import { type TrainingOptimiser, trainingOptimiser } from './optimiser.ts';
import { rateRecords } from './schedules/schedules.ts';

const sgdRecords = {
  ...rateRecords,
  /** In [0, 1). Default 0. */
  momentum: numberOption({ min: 0, below: 1 }),
  /** Nesterov momentum. Default false. */
  nesterov: flagOption(),
  /** L2 penalty: adds decay·x to the gradient. Default 0. */
  weightDecay: numberOption({ min: 0, finite: true }),
};

export interface SgdOptions extends OptionsNeeding<typeof sgdRecords, 'rate'> {}

/**
 * Stochastic gradient descent: v ← momentum·v + g, x ← x − rate·v; with `nesterov` x ← x − rate·(g + momentum·v)
 * (Sutskever et al., ICML 2013, PyTorch's variant). The state is v, or nothing without momentum.
 * @throws INVALID_PARAMETER.
 */
export function sgd(options: SgdOptions): TrainingOptimiser {
  checkOptions('sgd', sgdRecords, options, ['rate']);
  const { rate, momentum = 0, nesterov = false, weightDecay = 0 } = options;
  if (nesterov && momentum === 0) fail('INVALID_PARAMETER', 'nesterov needs a momentum above 0.');
  return trainingOptimiser({
    ...{ name: 'sgd', rate, weightDecay },
    slots: momentum > 0 ? [{ name: 'momentum', uses: () => true }] : [],
    update: ({ state, index, at, n, g, p, rate: length, decay }) => {
      const kernels = state.arena.use(networkKernels);
      const v = momentum > 0 ? state.place(0, index, at) : 0;
      const threads = state.threads(n);
      if (threads) {
        const name = state.single ? 'ssgdStep' : 'sgdStep';
        threads.overValues(name, n, [length, momentum, decay, 1, +nesterov], [g, v, p]);
      } else if (state.single) kernels.ssgdStep(n, length, momentum, decay, 1, nesterov, g, v, p);
      else kernels.sgdStep(n, length, momentum, decay, 1, nesterov, g, v, p);
    },
  });
}
