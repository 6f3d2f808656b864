import type { Matrix } from '@southwell/numerics/arrays';

/** Squares of larger numbers may not be doubles. */
export const MOST = 1e153;

/** Mean and population standard deviation of the values that are there. Not beyond doubles where these are not. O(values). */
export function moments(values: Float64Array): { readonly mean: number; readonly sd: number } {
  let [largest, known] = [0, 0];
  for (const v of values) {
    if (Number.isNaN(v)) continue;
    known++;
    largest = Math.max(largest, Math.abs(v));
  }
  const unit = largest > MOST ? largest : 1;
  // From the first value, so that a constant has itself as its mean.
  const first = (values.find((v) => !Number.isNaN(v)) ?? Number.NaN) / unit;
  let mean = first;
  for (const v of values) if (!Number.isNaN(v)) mean += (v / unit - first) / known;
  let variance = 0;
  for (const v of values) if (!Number.isNaN(v)) variance += (v / unit - mean) ** 2 / known;
  return { mean: mean * unit, sd: Math.sqrt(variance) * unit };
}

/** Population standard deviation of every column, 0 of a constant one. O(stored values). */
export function columnDeviations(X: Matrix): Float64Array {
  const n = X.rows;
  return Float64Array.from({ length: X.cols }, (_, j) => {
    const stored = X.kind === 'dense' ? X.column(j) : X.values.subarray(X.colPointers[j], X.colPointers[j + 1]);
    if (stored.length === n && stored.every((v) => v === stored[0])) return 0;
    let largest = 0;
    for (const v of stored) largest = Math.max(largest, Math.abs(v));
    const unit = largest > MOST || (largest > 0 && largest < 1 / MOST) ? largest : 1;
    let mean = 0;
    for (const v of stored) mean += v / unit / n;
    let variance = ((n - stored.length) / n) * mean * mean;
    for (const v of stored) variance += (v / unit - mean) ** 2 / n;
    return Math.sqrt(variance) * unit;
  });
}

/** Share of entries that are not zero. */
export function density(X: Matrix): number {
  const stored = X.kind === 'dense' ? X.data : X.values;
  let filled = 0;
  for (const v of stored) if (v !== 0) filled++;
  return X.rows * X.cols === 0 ? 0 : filled / (X.rows * X.cols);
}

/**
 * Divides every column by its standard deviation, in place, and gives the deviations: 0 for constant ones, which stay as
 * they are. Entries that are not stored count as zeros. O(stored values).
 */
export function unitVariance(X: Matrix): Float64Array {
  return columnDeviations(X).map((deviation, j) => {
    const stored = X.kind === 'dense' ? X.column(j) : X.values.subarray(X.colPointers[j], X.colPointers[j + 1]);
    let largest = 0;
    for (const v of stored) largest = Math.max(largest, Math.abs(v));
    // What rounding leaves of a constant column.
    if (!(deviation > 1e-12 * largest)) return 0;
    for (let k = 0; k < stored.length; k++) stored[k] /= deviation;
    return deviation;
  });
}

/** Divides columns by what others were divided by, in place; by 0 they stay as they are. O(stored values). */
export function unscaled(X: Matrix, deviations: ArrayLike<number>): void {
  for (let j = 0; j < X.cols; j++) {
    if (!(deviations[j] > 0)) continue;
    const stored = X.kind === 'dense' ? X.column(j) : X.values.subarray(X.colPointers[j], X.colPointers[j + 1]);
    for (let k = 0; k < stored.length; k++) stored[k] /= deviations[j];
  }
}

/** Means of columns. Entries that are not stored count as zeros. O(stored values). */
export function columnMeans(X: Matrix): Float64Array {
  return Float64Array.from({ length: X.cols }, (_, j) => {
    const stored = X.kind === 'dense' ? X.column(j) : X.values.subarray(X.colPointers[j], X.colPointers[j + 1]);
    let sum = 0;
    for (const v of stored) sum += v / X.rows;
    return sum;
  });
}
