import * as compiled from '../generated/packed/code.ts';
import { type Kernels, kernelArities } from '../generated/packed/kernels.ts';
import { defineModule } from '../module.ts';
import { bitmap } from './bitmap.ts';
import { codes } from './codes.ts';
import { diagonal } from './diagonal.ts';
import { groups } from './groups.ts';

export type { Kernels as PackedKernels } from '../generated/packed/kernels.ts';

/** Products by matrices that are kept in fewer bytes than their numbers have. */
export const packedKernels = defineModule(
  'packed',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({ ...groups(heap), ...bitmap(heap), ...codes(heap), ...diagonal(heap) }),
);
