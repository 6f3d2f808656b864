import * as compiled from '../generated/systems/code.ts';
import { type Kernels, kernelArities } from '../generated/systems/kernels.ts';
import { defineModule } from '../module.ts';
import { coarsening } from './coarsening.ts';
import { graphs } from './graphs.ts';
import { incomplete } from './incomplete.ts';
import { multigrid } from './multigrid.ts';
import { sweeps } from './sweeps.ts';

export type { Kernels as SystemKernels } from '../generated/systems/kernels.ts';

/** Sparse linear systems: relaxation sweeps, incomplete factorisations, multigrid, properties of matrices. */
export const systemKernels = defineModule(
  'systems',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({
    ...coarsening(heap),
    ...graphs(heap),
    ...incomplete(heap),
    ...multigrid(heap),
    ...sweeps(heap),
  }),
);
