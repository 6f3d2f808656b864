/** −log P(y) of one label (positive or not), with the probability clipped to [1e-15, 1 − 1e-15]. */
export function logLossOf(label: number, probability: number): number {
  const q = Math.min(1 - 1e-15, Math.max(1e-15, probability));
  return label > 0 ? -Math.log(q) : -Math.log1p(-q);
}
