import { penaltyKernels } from '@southwell/kernels/models';
import { type CoordinatePenalty, concavePenalty } from './coordinate.ts';
import type { Penalty } from './penalty.ts';

/** alpha·|b|^⅔ (Cao, Sun & Xu 2013). a1 is alpha. */
export const lTwoThirdsPenalty = {
  ...penaltyKernels.lTwoThirds,
  name: 'l2/3',
  title: 'L⅔',
  parameters: {},
  convex: false,
  screenable: false,
  bounded: false,
  rescalable: true,
  followsTarget: false,
  quadraticFaces: false,
  unit: (_, factor, t) => ({ a1: factor * t ** (2 / 3), a2: 0, gamma: 0 }),
  threshold: (a1) => a1,
  derivative: (b, a1) => (Math.sign(b) * (2 / 3) * a1) / Math.cbrt(Math.abs(b)),
  curvature: (b, a1) => (-2 / 9) * a1 * Math.abs(b) ** (-4 / 3),
} satisfies Penalty;

/** {@link lTwoThirdsPenalty} at an alpha. */
export const lTwoThirds = (alpha: number): CoordinatePenalty => concavePenalty(lTwoThirdsPenalty, alpha);
