import * as compiled from '../generated/sparse/code.ts';
import { type Kernels, kernelArities } from '../generated/sparse/kernels.ts';
import { defineModule } from '../module.ts';
import { sparse } from './sparse.ts';

export type { Kernels as SparseKernels } from '../generated/sparse/kernels.ts';

/** Products with compressed sparse column matrices. */
export const sparseKernels = defineModule(
  'sparse',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({ ...sparse(heap) }),
);
