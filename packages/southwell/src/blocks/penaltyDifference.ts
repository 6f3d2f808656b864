import type { SeparablePenalty } from '../penalties/index.ts';

/**
 * g_j(to) − g_j(from). Within a linear or quadratic piece it equals ½(g_j′(from) + g_j′(to))·(to − from), which is
 * accurate even if the values agree in all but the last digits; used where the two agree up to rounding.
 */
export function penaltyDifference(penalty: SeparablePenalty, j: number, from: number, to: number): number {
  if (from === to) return 0;
  const a = penalty.value(j, from);
  const b = penalty.value(j, to);
  const plain = b - a;
  if (!penalty.inSupport(j, from) || !penalty.inSupport(j, to)) return plain;
  const smooth = 0.5 * (penalty.derivative(j, from) + penalty.derivative(j, to)) * (to - from);
  return Math.abs(smooth - plain) <= 4 * Number.EPSILON * (Math.abs(a) + Math.abs(b)) ? smooth : plain;
}
