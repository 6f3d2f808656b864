import type { Random } from '@southwell/numerics/core';

/** The patch that contains the pattern: the fixed one, or a random one. */
export const patchAt = (patches: number, fixed: number | undefined, random: Random): number =>
  fixed ?? random.integer(patches);
