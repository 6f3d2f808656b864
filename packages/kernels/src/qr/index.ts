import * as compiled from '../generated/qr/code.ts';
import { type Kernels, kernelArities } from '../generated/qr/kernels.ts';
import { defineModule } from '../module.ts';
import { reflectors } from './reflectors.ts';

export type { Kernels as QrKernels } from '../generated/qr/kernels.ts';

/** QR factors of sparse matrices, by fronts. */
export const qrKernels = defineModule(
  'qr',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({ ...reflectors(heap) }),
);
