import * as compiled from '../generated/dense/code.ts';
import { type Kernels, kernelArities } from '../generated/dense/kernels.ts';
import { defineModule } from '../module.ts';
import { cholesky } from './cholesky.ts';
import { columns } from './columns.ts';
import { combine } from './combine.ts';
import { gemm } from './gemm.ts';
import { gradient } from './gradient.ts';
import { level1 } from './level1.ts';
import { level2 } from './level2.ts';
import { triangular } from './triangular.ts';

export type { Kernels as DenseKernels } from '../generated/dense/kernels.ts';

/**
 * Products, combinations, norms, factorisations and triangular systems of dense matrices (BLAS levels 1 to 3): every arena has them
 * as `kernels`.
 */
export const denseKernels = defineModule(
  'dense',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({
    ...cholesky(heap),
    ...columns(heap),
    ...combine(heap),
    ...gemm(heap),
    ...gradient(heap),
    ...level1(heap),
    ...level2(heap),
    ...triangular(heap),
  }),
);
