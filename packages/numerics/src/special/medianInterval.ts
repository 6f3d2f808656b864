/** A median, and the interval that holds the true one. */
export interface MedianInterval {
  readonly value: number;
  /** The ends; infinite where the values are too few for one. */
  readonly low: number;
  readonly high: number;
}

/**
 * The median of independent values and its two-sided interval at a level such as 0.95 by order statistics, which is right for any
 * distribution; values may be infinite. Six values are the fewest that have an interval at 0.95. NaN where there are none. O(n log n).
 */
export function medianInterval(values: ArrayLike<number>, level: number): MedianInterval {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (n === 0) return { value: Number.NaN, low: Number.NaN, high: Number.NaN };
  // Halves first, for one of the two may be infinite.
  const value = n % 2 === 1 ? sorted[(n - 1) / 2] : sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
  // The k-th lowest and highest hold the median unless fewer than k of n fair coins fall on one side.
  let below = 0;
  let chance = 0.5 ** n;
  let k = 0;
  while (below + chance <= (1 - level) / 2) {
    below += chance;
    chance *= (n - k) / (k + 1);
    k++;
  }
  return k === 0 ? { value, low: -Infinity, high: Infinity } : { value, low: sorted[k - 1], high: sorted[n - k] };
}
