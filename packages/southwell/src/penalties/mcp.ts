import { penaltyKernels } from '@southwell/kernels/models';
import { type CoordinatePenalty, concavePenalty } from './coordinate.ts';
import type { Penalty } from './penalty.ts';

/** Minimax concave penalty: alpha·|b| − b²/(2γ) up to |b| = γ·alpha, constant beyond; γ > 0 (Zhang 2010). a1 is alpha. */
export const mcpPenalty = {
  ...penaltyKernels.mcp,
  name: 'mcp',
  title: 'MCP',
  parameters: { gamma: { default: 3, allows: (g) => g > 0, range: 'above 0' } },
  convex: false,
  screenable: true,
  bounded: false,
  rescalable: true,
  followsTarget: true,
  quadraticFaces: false,
  unit: ({ gamma }, factor, t) => ({ a1: factor * t, a2: 0, gamma: gamma / (t * t) }),
  threshold: (a1) => a1,
  derivative: (b, a1, _, gamma) => Math.sign(b) * Math.max(a1 - Math.abs(b) / gamma, 0),
  curvature: (b, a1, _, gamma) => (Math.abs(b) < gamma * a1 ? -1 / gamma : 0),
} satisfies Penalty;

/** {@link mcpPenalty} at an alpha. */
export const mcp = (alpha: number, gamma?: number): CoordinatePenalty => concavePenalty(mcpPenalty, alpha, { gamma });
