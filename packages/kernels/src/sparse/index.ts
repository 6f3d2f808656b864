import { defineModule } from '../module.ts';
import * as compiled from '../generated/sparse/code.ts';
import { kernelArities, type Kernels } from '../generated/sparse/kernels.ts';
import { sparse as sparseProducts } from './sparse.ts';

export type { Kernels as SparseKernels } from '../generated/sparse/kernels.ts';

/** Products with sparse matrices of compressed columns. */
export const sparse = defineModule('sparse', compiled, Object.keys(kernelArities), (heap): Kernels => ({ ...sparseProducts(heap) }));
