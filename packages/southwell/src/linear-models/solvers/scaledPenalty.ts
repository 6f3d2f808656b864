import { PenaltyKind, penaltyDerivative, penaltyValue } from '@southwell/kernels';

/** A coordinate penalty laid out feature by feature, in the scaled coordinates of a {@link Design}. */
export interface ScaledPenalty {
  readonly kind: PenaltyKind;
  readonly a1: Float64Array;
  readonly a2: Float64Array;
  readonly gamma: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

export function valueAt(P: ScaledPenalty, j: number, b: number): number {
  return penaltyValue(P.kind, b, P.a1[j], P.a2[j], P.gamma[j], P.lower[j], P.upper[j]);
}

/** sup over b in [lower, upper] of u·b − a1|b| − a2·b²/2: the conjugate of a convex penalty at u. */
export function conjugateAt(P: ScaledPenalty, j: number, u: number): number {
  const excess = u > P.a1[j] ? u - P.a1[j] : u < -P.a1[j] ? u + P.a1[j] : 0;
  if (excess === 0) return 0;
  const bound = excess > 0 ? P.upper[j] : P.lower[j];
  if (bound === 0) return 0;
  const a2 = P.a2[j];
  const free = a2 > 0 ? excess / a2 : excess > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const b = Math.abs(free) < Math.abs(bound) ? free : bound;
  return Number.isFinite(b) ? excess * b - 0.5 * a2 * b * b : Number.POSITIVE_INFINITY;
}

/** Largest s ≤ 1 for which the conjugate at s·u is finite. */
export function feasibleScale(P: ScaledPenalty, j: number, u: number): number {
  const size = Math.abs(u);
  if (size <= P.a1[j] || P.a2[j] > 0) return 1;
  if (Number.isFinite(u > 0 ? P.upper[j] : P.lower[j])) return 1;
  return P.a1[j] / size;
}

/** Distance of g = −∂f/∂b_j to the subdifferential of the penalty at b. */
export function stationarity(P: ScaledPenalty, j: number, b: number, g: number): number {
  const a1 = P.a1[j];
  let left: number;
  let right: number;
  if (b === 0) {
    if (P.kind === PenaltyKind.lHalf || P.kind === PenaltyKind.lTwoThirds) return 0;
    left = -a1;
    right = a1;
  } else {
    left = right = penaltyDerivative(P.kind, b, a1, P.a2[j], P.gamma[j]);
  }
  if (b <= P.lower[j]) left = Number.NEGATIVE_INFINITY;
  if (b >= P.upper[j]) right = Number.POSITIVE_INFINITY;
  return g < left ? left - g : g > right ? g - right : 0;
}
