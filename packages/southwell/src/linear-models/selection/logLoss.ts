/** −log P(y) of one label, above 0 or not, the probability kept 1e-15 away from 0 and 1. */
export function logLossOf(label: number, probability: number): number {
  const q = Math.min(1 - 1e-15, Math.max(1e-15, probability));
  return label > 0 ? -Math.log(q) : -Math.log1p(-q);
}
