import * as compiled from '../generated/networks/code.ts';
import { type Kernels, kernelArities } from '../generated/networks/kernels.ts';
import { defineModule } from '../module.ts';
import { bends } from './bends.ts';
import { direct } from './direct.ts';
import { elementwise } from './elementwise.ts';
import { gathers } from './gathers.ts';
import { halves } from './halves.ts';
import { recurrent } from './recurrent.ts';
import { reductions } from './reductions.ts';
import { rows } from './rows.ts';
import { special } from './special.ts';
import { training } from './training.ts';
import { windows } from './windows.ts';

export { bitsOfHalf, numberOfHalf } from '../common/halves.ts';
export type { Kernels as NetworkKernels } from '../generated/networks/kernels.ts';
export { type MapCode, mapCodes } from './elementwise.ts';
export { type SpecialCode, specialCodes } from './special.ts';

/** Elementwise operations, reductions, gathers, windows and recurrences of tensors; steps of optimisers. */
export const networkKernels = defineModule(
  'networks',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({
    ...bends(heap),
    ...direct(heap),
    ...elementwise(heap),
    ...gathers(heap),
    ...halves(heap),
    ...recurrent(heap),
    ...reductions(heap),
    ...rows(heap),
    ...special(heap),
    ...training(heap),
    ...windows(heap),
  }),
);
