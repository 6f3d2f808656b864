import { cholesky } from '../dense/cholesky.ts';
import * as compiled from '../generated/models/code.ts';
import { type Kernels, kernelArities } from '../generated/models/kernels.ts';
import { defineModule } from '../module.ts';
import { descent } from './descent.ts';
import { faces } from './faces.ts';
import { gram } from './gram.ts';
import { groupDescent } from './groupDescent.ts';
import { logistic } from './logistic.ts';
import { moments } from './moments.ts';
import { packed } from './packed.ts';
import { passes } from './passes.ts';
import { penalties } from './penalties.ts';
import { squared } from './squared.ts';
import { step } from './step.ts';

export type { Kernels as ModelKernels } from '../generated/models/kernels.ts';
export { type PenaltyKernel, penaltyKernels } from './penalties.ts';

/** Linear models: Gram matrices, coordinate descent, passes over columns, losses and penalties. */
export const modelKernels = defineModule(
  'models',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({
    ...descent(heap),
    ...faces(heap, { ...descent(heap), ...cholesky(heap) }),
    ...gram(heap),
    ...groupDescent(heap),
    ...logistic(heap),
    ...moments(heap),
    ...packed(heap),
    ...passes(heap),
    ...penalties(),
    ...squared(heap),
    ...step(heap),
  }),
);
