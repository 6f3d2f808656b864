import { penaltyKernels } from '@southwell/kernels/models';
import { type CoordinatePenalty, concavePenalty } from './coordinate.ts';
import type { Penalty } from './penalty.ts';

/**
 * alpha·log(1 + |b|/γ), γ > 0 in units of b: the objective of reweighted L1 (Candès, Wakin & Boyd 2008). Its slope at 0
 * is alpha/γ; for γ → ∞ at a fixed slope it is the lasso, for γ → 0 it counts non-zeros. a1 is alpha.
 */
export const logSumPenalty = {
  ...penaltyKernels.logSum,
  name: 'log-sum',
  title: 'Log-sum',
  parameters: { gamma: { default: 1, allows: (g) => g > 0, range: 'above 0' } },
  convex: false,
  screenable: true,
  bounded: false,
  rescalable: true,
  followsTarget: false,
  quadraticFaces: false,
  unit: ({ gamma }, factor, t) => ({ a1: factor, a2: 0, gamma: gamma / t }),
  threshold: (a1, gamma) => a1 / gamma,
  derivative: (b, a1, _, gamma) => (Math.sign(b) * a1) / (gamma + Math.abs(b)),
  curvature: (b, a1, _, gamma) => -a1 / (gamma + Math.abs(b)) ** 2,
} satisfies Penalty;

/** {@link logSumPenalty} at an alpha. */
export const logSum = (alpha: number, gamma?: number): CoordinatePenalty =>
  concavePenalty(logSumPenalty, alpha, { gamma });
