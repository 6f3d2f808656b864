import type { Random } from '@southwell/numerics/core';

/** What the tests of the room share. */

export const normalRows = (random: Random, n: number, d: number): number[][] =>
  Array.from({ length: n }, () => Array.from({ length: d }, () => random.normal()));
