import * as compiled from '../generated/factorisation/code.ts';
import { type Kernels, kernelArities } from '../generated/factorisation/kernels.ts';
import { defineModule } from '../module.ts';
import { factors } from './factors.ts';
import { klDescent } from './klDescent.ts';

export type { Kernels as FactorisationKernels } from '../generated/factorisation/kernels.ts';

/** Rows of factors, and coordinate descent for the Kullback–Leibler divergence. */
export const factorisationKernels = defineModule(
  'factorisation',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({ ...factors(heap), ...klDescent(heap) }),
);
