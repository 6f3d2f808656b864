import * as compiled from '../generated/assignment/code.ts';
import { type Kernels, kernelArities } from '../generated/assignment/kernels.ts';
import { defineModule } from '../module.ts';
import { paths } from './paths.ts';

export type { Kernels as AssignmentKernels } from '../generated/assignment/kernels.ts';

/** Linear assignment. */
export const assignmentKernels = defineModule(
  'assignment',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({ ...paths(heap) }),
);
