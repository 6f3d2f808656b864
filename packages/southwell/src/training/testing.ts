import type { Random } from '@southwell/numerics/core';

/** Shared by the tests of this folder. */

export const normalRows = (random: Random, n: number, d: number): number[][] =>
  Array.from({ length: n }, () => Array.from({ length: d }, () => random.normal()));
