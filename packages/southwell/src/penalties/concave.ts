import { PenaltyKind } from '@southwell/kernels';
import { fail } from '@southwell/numerics/core';
import { type CoordinatePenalty, checkStrength, coordinatePenalty } from './coordinate.ts';

const FREE = { a2: 0, lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };

/** Minimax concave penalty: alpha·|x| − x²/(2γ) up to |x| = γ·alpha, constant beyond; γ > 0 (Zhang 2010). */
export function mcp(alpha: number, gamma = 3): CoordinatePenalty {
  checkStrength('alpha', alpha);
  if (!(gamma > 0)) fail('INVALID_PARAMETER', `MCP needs gamma above 0, but gamma is ${gamma}.`);
  return coordinatePenalty('mcp', { kind: PenaltyKind.mcp, a1: alpha, gamma, ...FREE });
}

/** Smoothly clipped absolute deviation: L1 up to alpha, flat beyond γ·alpha; γ > 2 (Fan & Li 2001, γ = 3.7). */
export function scad(alpha: number, gamma = 3.7): CoordinatePenalty {
  checkStrength('alpha', alpha);
  if (!(gamma > 2)) fail('INVALID_PARAMETER', `SCAD needs gamma above 2, but gamma is ${gamma}.`);
  return coordinatePenalty('scad', { kind: PenaltyKind.scad, a1: alpha, gamma, ...FREE });
}

/** alpha·|x|^½ (Xu, Chang, Xu & Zhang 2012). */
export function lHalf(alpha: number): CoordinatePenalty {
  checkStrength('alpha', alpha);
  return coordinatePenalty('l1/2', { kind: PenaltyKind.lHalf, a1: alpha, gamma: 0, ...FREE });
}

/** alpha·|x|^⅔ (Cao, Sun & Xu 2013). */
export function lTwoThirds(alpha: number): CoordinatePenalty {
  checkStrength('alpha', alpha);
  return coordinatePenalty('l2/3', { kind: PenaltyKind.lTwoThirds, a1: alpha, gamma: 0, ...FREE });
}
