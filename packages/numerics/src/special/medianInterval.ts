/** A sample median with a confidence interval. */
export interface MedianInterval {
  readonly value: number;
  /** Ends of the interval; infinite if there are too few values. */
  readonly low: number;
  readonly high: number;
}

/**
 * The median of independent values with its two-sided confidence interval at a level such as 0.95, by order statistics,
 * valid for any distribution; values may be infinite. An interval at 0.95 needs at least six values. NaN if there are
 * no values. O(n log n).
 */
export function medianInterval(values: ArrayLike<number>, level: number): MedianInterval {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (n === 0) return { value: Number.NaN, low: Number.NaN, high: Number.NaN };
  // Halved before adding, because one of the two may be infinite.
  const value = n % 2 === 1 ? sorted[(n - 1) / 2] : sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
  // The k-th lowest and k-th highest values enclose the median unless fewer than k of n fair coins land on one side.
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
