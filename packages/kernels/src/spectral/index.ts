import * as compiled from '../generated/spectral/code.ts';
import { type Kernels, kernelArities } from '../generated/spectral/kernels.ts';
import { defineModule } from '../module.ts';
import { bulge } from './bulge.ts';

export type { Kernels as SpectralKernels } from '../generated/spectral/kernels.ts';

/** Rotations and shifted sweeps of dense eigenvalue problems. */
export const spectralKernels = defineModule(
  'spectral',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({ ...bulge(heap) }),
);
