import { penaltyKernels } from '@southwell/kernels/models';
import { type CoordinatePenalty, concavePenalty } from './coordinate.ts';
import type { Penalty } from './penalty.ts';

/** Smoothly clipped absolute deviation: L1 up to alpha, constant beyond γ·alpha; γ > 2 (Fan & Li 2001). a1 is alpha. */
export const scadPenalty = {
  ...penaltyKernels.scad,
  name: 'scad',
  title: 'SCAD',
  parameters: { gamma: { default: 3.7, allows: (g) => g > 2, range: 'above 2' } },
  convex: false,
  screenable: true,
  bounded: false,
  // Alpha is both a slope and a breakpoint, so that the penalty keeps its form only in its own units (t = 1).
  rescalable: false,
  followsTarget: true,
  quadraticFaces: false,
  unit: ({ gamma }, factor, t) => ({ a1: factor * t, a2: 0, gamma }),
  threshold: (a1) => a1,
  derivative(b, a1, _, gamma) {
    const x = Math.abs(b);
    return Math.sign(b) * (x <= a1 ? a1 : Math.max(gamma * a1 - x, 0) / (gamma - 1));
  },
  curvature(b, a1, _, gamma) {
    const x = Math.abs(b);
    return x > a1 && x < gamma * a1 ? -1 / (gamma - 1) : 0;
  },
} satisfies Penalty;

/** {@link scadPenalty} at an alpha. */
export const scad = (alpha: number, gamma?: number): CoordinatePenalty => concavePenalty(scadPenalty, alpha, { gamma });
