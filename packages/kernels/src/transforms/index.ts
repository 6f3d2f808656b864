import * as compiled from '../generated/transforms/code.ts';
import { type Kernels, kernelArities } from '../generated/transforms/kernels.ts';
import { defineModule } from '../module.ts';
import { fourier } from './fourier.ts';
import { sketch } from './sketch.ts';

export type { Kernels as TransformKernels } from '../generated/transforms/kernels.ts';

/** Fourier transforms, and mixing of rows for sketches. */
export const transformKernels = defineModule(
  'transforms',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({ ...fourier(heap), ...sketch(heap) }),
);
