import { seedOption } from '@southwell/numerics/core';

/** The seed of whatever a method draws. */
export const graphSeed = seedOption('seed of bootstrap samples, and of the random starts of topo and mlp');
