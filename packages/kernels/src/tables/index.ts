import * as compiled from '../generated/tables/code.ts';
import { type Kernels, kernelArities } from '../generated/tables/kernels.ts';
import { defineModule } from '../module.ts';
import { cells } from './cells.ts';

export type { Kernels as TableKernels } from '../generated/tables/kernels.ts';

/** Parsing of numbers in text files. */
export const tableKernels = defineModule(
  'tables',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({ ...cells(heap) }),
);
