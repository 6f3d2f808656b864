import { defineModule } from '../module.ts';
import * as compiled from '../generated/transforms/code.ts';
import { kernelArities, type Kernels } from '../generated/transforms/kernels.ts';
import { fourier } from './fourier.ts';
import { sketch } from './sketch.ts';

export type { Kernels as TransformsKernels } from '../generated/transforms/kernels.ts';

/** Fourier transforms and the mixing of rows for sketches. */
export const transforms = defineModule('transforms', compiled, Object.keys(kernelArities), (heap): Kernels => ({ ...fourier(heap), ...sketch(heap) }));
