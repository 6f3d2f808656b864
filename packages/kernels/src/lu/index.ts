import * as compiled from '../generated/lu/code.ts';
import { type Kernels, kernelArities } from '../generated/lu/kernels.ts';
import { defineModule } from '../module.ts';
import { columnLu } from './columnLu.ts';
import { columnSolves } from './columnSolves.ts';
import { pivots } from './pivots.ts';
import { preparation } from './preparation.ts';

export type { Kernels as LuKernels } from '../generated/lu/kernels.ts';
export { LU_TABLE, type LuTableEntry } from './columnLu.ts';

/** LU factors of sparse matrices, by columns and by fronts. */
export const luKernels = defineModule(
  'lu',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({
    ...columnLu(heap),
    ...columnSolves(heap),
    ...pivots(heap),
    ...preparation(heap),
  }),
);
