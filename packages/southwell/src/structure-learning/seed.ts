import { wholeOption } from '@southwell/numerics/core';

/** The seed of whatever a method draws. */
export const seedOption = wholeOption(0, {
  title: 'Seed',
  about: 'seed of bootstrap samples, and of the random starts of topo and mlp',
  argument: 'number',
  default: 0,
  form: { advanced: true },
});
