import { fail } from '@southwell/numerics/core';
import { polarFactor } from '@southwell/numerics/linalg';

/** The parts of a step of the online orthogonal dictionary (Xue and Lau 2021). */

/** ρ_t = t^(−1/2), the weight of batch t in the averaged gradient. */
export const averagingWeight = (t: number): number => 1 / Math.sqrt(t);

/** γ_t = t^(−3/4), the step size of step t. */
export const stepLength = (t: number): number => 1 / (Math.sqrt(t) * Math.sqrt(Math.sqrt(t)));

/**
 * A schedule with a lower bound.
 * @throws INVALID_PARAMETER if it leaves [0, 1].
 */
export function floored(schedule: (t: number) => number, floor: number, name: string): (t: number) => number {
  return (t) => {
    const value = Math.max(floor, schedule(t));
    if (!(value >= 0 && value <= 1)) {
      fail('INVALID_PARAMETER', `${name} must give numbers from 0 to 1, but gives ${value} at step ${t}.`);
    }
    return value;
  };
}

/**
 * Linear maximisation over the unit ball of the spectral norm: the polar factor of G, completed by that of `near`.
 * O(n³).
 */
export const farthestAlong = (G: Float64Array, n: number, near: Float64Array): Float64Array => polarFactor(G, n, near);
