import { assign } from '@southwell/numerics/assignment';
import { fail } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';

/** Contingency table of two labellings. */
function contingency(a: ArrayLike<number>, b: ArrayLike<number>) {
  if (a.length !== b.length)
    fail('INVALID_SHAPE', `Labellings of ${a.length} and ${b.length} points cannot be compared.`);
  if (a.length === 0) fail('EMPTY', 'There are no labels to compare.');
  const index = (labels: ArrayLike<number>) => {
    const seen = new Map<number, number>();
    const codes = Int32Array.from(labels, (v) => {
      let code = seen.get(v);
      if (code === undefined) seen.set(v, (code = seen.size));
      return code;
    });
    return { codes, size: seen.size };
  };
  const [x, y] = [index(a), index(b)];
  const counts = new Float64Array(x.size * y.size);
  const rows = new Float64Array(x.size);
  const cols = new Float64Array(y.size);
  for (let i = 0; i < a.length; i++) {
    counts[x.codes[i] * y.size + y.codes[i]]++;
    rows[x.codes[i]]++;
    cols[y.codes[i]]++;
  }
  return { n: a.length, counts, rows, cols };
}

const pairs = (counts: Float64Array): number => counts.reduce((sum, c) => sum + (c * (c - 1)) / 2, 0);

/**
 * The adjusted Rand index of Hubert and Arabie (1985): 1 for equal partitions, 0 in expectation for independent ones;
 * may be negative. Invariant to permutations of the clusters. O(n + clusters²).
 */
export function adjustedRandIndex(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { n, counts, rows, cols } = contingency(a, b);
  const [both, first, second] = [pairs(counts), pairs(rows), pairs(cols)];
  const all = (n * (n - 1)) / 2;
  const expected = all > 0 ? (first * second) / all : 0;
  const largest = (first + second) / 2;
  // Both have a single cluster, or only singletons.
  return largest === expected ? 1 : (both - expected) / (largest - expected);
}

/**
 * Mutual information divided by the mean of the entropies, 0 … 1 (scikit-learn's default form); 1 if both have a single
 * cluster. O(n + clusters²).
 */
export function normalizedMutualInformation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { n, counts, rows, cols } = contingency(a, b);
  const entropy = (c: Float64Array) => c.reduce((sum, v) => sum - (v / n) * elementary.log(v / n), 0);
  const mean = (entropy(rows) + entropy(cols)) / 2;
  if (mean === 0) return 1;
  let information = 0;
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < cols.length; j++) {
      const c = counts[i * cols.length + j];
      if (c > 0) information += (c / n) * elementary.log((c * n) / (rows[i] * cols[j]));
    }
  }
  return Math.min(1, Math.max(0, information / mean));
}

/** Clustering accuracy under the best one-to-one matching of clusters to classes. O(n + clusters³). */
export function clusterAccuracy(labels: ArrayLike<number>, assignments: ArrayLike<number>): number {
  const { n, counts, rows, cols } = contingency(labels, assignments);
  const { cost } = assign(counts, { rows: rows.length, columns: cols.length, maximise: true });
  return cost / n;
}

/**
 * A mean with the half-width of its 95 % normal confidence interval; infinite for fewer than two values. O(n).
 * @throws EMPTY.
 */
export function meanInterval(values: ArrayLike<number>): { readonly mean: number; readonly half: number } {
  const n = values.length;
  if (n === 0) fail('EMPTY', 'There are no values to average.');
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i] / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i] - mean) ** 2;
  return { mean, half: n > 1 ? 1.959963984540054 * Math.sqrt(squares / (n - 1) / n) : Number.POSITIVE_INFINITY };
}
