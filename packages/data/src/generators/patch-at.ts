import type { Random } from '@southwell/numerics/core';

/** The patch that has the pattern: the one that is fixed, or any. */
export const patchAt = (patches: number, fixed: number | undefined, random: Random): number =>
  fixed ?? random.integer(patches);
