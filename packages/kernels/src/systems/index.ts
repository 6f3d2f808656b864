import { defineModule } from '../module.ts';
import * as compiled from '../generated/systems/code.ts';
import { kernelArities, type Kernels } from '../generated/systems/kernels.ts';
import { coarsening } from './coarsening.ts';
import { direct } from './direct.ts';
import { graphs } from './graphs.ts';
import { incomplete } from './incomplete.ts';
import { multigrid } from './multigrid.ts';
import { sweeps } from './sweeps.ts';

export type { Kernels as SystemsKernels } from '../generated/systems/kernels.ts';

/** Sparse linear systems: relaxation sweeps, incomplete and direct factors, multigrid, facts of a matrix. */
export const systems = defineModule('systems', compiled, Object.keys(kernelArities), (heap): Kernels => ({ ...coarsening(heap), ...direct(heap), ...graphs(heap), ...incomplete(heap), ...multigrid(heap), ...sweeps(heap) }));
