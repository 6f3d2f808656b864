import { penaltyKernels } from '@southwell/kernels/models';
import { type CoordinatePenalty, concavePenalty } from './coordinate.ts';
import type { Penalty } from './penalty.ts';

/** alpha·|b|^½ (Xu, Chang, Xu & Zhang 2012). a1 is alpha. */
export const lHalfPenalty = {
  ...penaltyKernels.lHalf,
  name: 'l1/2',
  title: 'L½',
  parameters: {},
  convex: false,
  screenable: false,
  bounded: false,
  rescalable: true,
  followsTarget: false,
  quadraticFaces: false,
  unit: (_, factor, t) => ({ a1: factor * t ** 0.5, a2: 0, gamma: 0 }),
  threshold: (a1) => a1,
  derivative: (b, a1) => (Math.sign(b) * 0.5 * a1) / Math.sqrt(Math.abs(b)),
  curvature: (b, a1) => -0.25 * a1 * Math.abs(b) ** -1.5,
} satisfies Penalty;

/** {@link lHalfPenalty} at an alpha. */
export const lHalf = (alpha: number): CoordinatePenalty => concavePenalty(lHalfPenalty, alpha);
