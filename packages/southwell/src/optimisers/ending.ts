import type { Status } from '@southwell/numerics/core';

/**
 * The status with which a descent ends at a point, if it does. @param steepness the largest entry of the gradient
 * there.
 */
export function ending(value: number, steepness: number): Status | undefined {
  if (value === Number.NEGATIVE_INFINITY) return 'unbounded';
  if (!Number.isFinite(value) || !Number.isFinite(steepness)) return 'diverged';
  return steepness === 0 ? 'converged' : undefined;
}
