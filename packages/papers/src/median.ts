/** The middle value, or the mean of the two in the middle; infinite values count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return sorted[Math.floor(half)] === sorted[Math.ceil(half)]
    ? sorted[Math.floor(half)]
    : (sorted[Math.floor(half)] + sorted[Math.ceil(half)]) / 2;
}
