import * as compiled from '../generated/fronts/code.ts';
import { type Kernels, kernelArities } from '../generated/fronts/kernels.ts';
import { defineModule } from '../module.ts';
import { assembly } from './assembly.ts';
import { columnLu } from './columnLu.ts';
import { columnSolves } from './columnSolves.ts';
import { frontSolves } from './frontSolves.ts';
import { ordering } from './ordering.ts';
import { pivots } from './pivots.ts';
import { preparation } from './preparation.ts';
import { reflectors } from './reflectors.ts';

export type { Kernels as FrontKernels } from '../generated/fronts/kernels.ts';
export { LU_TABLE, type LuTableEntry } from './columnLu.ts';

/** Dense fronts of sparse factorisations. */
export const frontKernels = defineModule(
  'fronts',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({
    ...assembly(heap),
    ...columnLu(heap),
    ...columnSolves(heap),
    ...frontSolves(heap),
    ...ordering(heap),
    ...pivots(heap),
    ...preparation(heap),
    ...reflectors(heap),
  }),
);
