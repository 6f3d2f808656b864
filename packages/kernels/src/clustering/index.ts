import * as compiled from '../generated/clustering/code.ts';
import { type Kernels, kernelArities } from '../generated/clustering/kernels.ts';
import { defineModule } from '../module.ts';
import { mixture } from './mixture.ts';
import { neighbours } from './neighbours.ts';
import { pairs } from './pairs.ts';
import { smallest } from './smallest.ts';

export type { Kernels as ClusteringKernels } from '../generated/clustering/kernels.ts';

/** Distances between points, nearest neighbours, Gaussian mixtures. */
export const clusteringKernels = defineModule(
  'clustering',
  compiled,
  Object.keys(kernelArities),
  (heap): Kernels => ({ ...mixture(heap), ...neighbours(heap), ...pairs(heap), ...smallest(heap) }),
);
