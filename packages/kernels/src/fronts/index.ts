import * as compiled from '../generated/fronts/code.ts';
import { type Kernels, kernelArities } from '../generated/fronts/kernels.ts';
import { defineModule } from '../module.ts';
import { assembly } from './assembly.ts';
import { frontSolves } from './frontSolves.ts';
import { ordering } from './ordering.ts';

export type { Kernels as FrontKernels } from '../generated/fronts/kernels.ts';

/** Orderings for sparse factorisations, their dense fronts, and solves with supernodes. */
export const frontKernels = defineModule(
  'fronts',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({
    ...assembly(heap),
    ...frontSolves(heap),
    ...ordering(heap),
  }),
);
