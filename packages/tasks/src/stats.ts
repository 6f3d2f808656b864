import {
  type AnyMatrix,
  type CscMatrix,
  columnSums,
  columnsOfRows,
  type Matrix,
  storedCounts,
} from '@southwell/numerics/arrays';
import { largestOf, type SplitRows, sumOverRows } from '@southwell/numerics/core';
import { columnSpreads, SPREAD } from '@southwell/numerics/linalg';

/** Squares of larger numbers may overflow. */
export const MOST = 1e153;

// Indexed loops with several independent accumulators, as these see every value of a table.

/** Σ v/unit over values[from … to). */
function sumOf(values: Float64Array, from: number, to: number, unit: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = from;
  if (unit === 1) {
    for (; k + 4 <= to; k += 4) {
      s0 += values[k];
      s1 += values[k + 1];
      s2 += values[k + 2];
      s3 += values[k + 3];
    }
  }
  for (; k < to; k++) s0 += values[k] / unit;
  return s0 + s1 + (s2 + s3);
}

/** Σ (v/unit − mean)² over values[from … to). */
function squaresAbout(mean: number, values: Float64Array, from: number, to: number, unit: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = from;
  if (unit === 1) {
    for (; k + 4 <= to; k += 4) {
      const a = values[k] - mean;
      const b = values[k + 1] - mean;
      const c = values[k + 2] - mean;
      const d = values[k + 3] - mean;
      s0 += a * a;
      s1 += b * b;
      s2 += c * c;
      s3 += d * d;
    }
  }
  for (; k < to; k++) {
    const a = values[k] / unit - mean;
    s0 += a * a;
  }
  return s0 + s1 + (s2 + s3);
}

/** The maximum and minimum of values[from … to). */
function extremesOf(values: Float64Array, from: number, to: number): [largest: number, smallest: number] {
  let [largest, smallest] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let k = from; k < to; k++) {
    const v = values[k];
    if (v > largest) largest = v;
    if (v < smallest) smallest = v;
  }
  return [largest, smallest];
}

/** The index of the first value whose magnitude is larger, or −1. O(values). */
export function firstBeyond(values: Float64Array, size: number): number {
  for (let i = 0; i < values.length; i++) if (values[i] > size || values[i] < -size) return i;
  return -1;
}

/** Divisor of values whose squares would overflow or underflow. */
const unitOf = (largest: number): number => (largest > MOST || (largest > 0 && largest < 1 / MOST) ? largest : 1);

interface ValueMoments {
  readonly mean: number;
  readonly sd: number;
}

/** {@link moments} over all ranks' rows; distributed rows must have no missing values. */
export const momentsOf = (values: Float64Array, rows: SplitRows): ValueMoments =>
  rows.spread ? splitMoments(values, rows) : moments(values);

/** Mean and population standard deviation of the non-missing values. Does not overflow unless they do. O(values). */
export function moments(values: Float64Array): ValueMoments {
  let [largest, known] = [0, 0];
  const { length } = values;
  for (let i = 0; i < length; i++) {
    const v = Math.abs(values[i]);
    // For NaN neither comparison is true.
    if (v >= 0) known++;
    if (v > largest) largest = v;
  }
  const unit = unitOf(largest);
  // Differences from the first value, so that the mean of a constant is exact.
  let at = 0;
  while (Number.isNaN(values[at])) at++;
  const first = (values[at] ?? Number.NaN) / unit;
  let mean = first;
  for (let i = 0; i < length; i++) if (!Number.isNaN(values[i])) mean += (values[i] / unit - first) / known;
  let variance = 0;
  for (let i = 0; i < length; i++) if (!Number.isNaN(values[i])) variance += (values[i] / unit - mean) ** 2 / known;
  return { mean: mean * unit, sd: Math.sqrt(variance) * unit };
}

function splitMoments(values: Float64Array, rows: SplitRows): ValueMoments {
  const most = largestOf(
    rows,
    values.reduce((largest, v) => Math.max(largest, Math.abs(v)), 0),
  );
  const unit = unitOf(most);
  // Differences from the largest value, so that the mean of a constant is exact, and no rank tells a value of a row.
  const largest = largestOf(
    rows,
    values.reduce((so, v) => Math.max(so, v), Number.NEGATIVE_INFINITY),
  );
  const one = largest / unit;
  const mean = one + sumOverRows(rows, (i) => (values[i] / unit - one) / rows.all);
  const variance = sumOverRows(rows, (i) => (values[i] / unit - mean) ** 2 / rows.all);
  return { mean: mean * unit, sd: Math.sqrt(variance) * unit };
}

/** Column statistics, computed once for density and deviations; for a dense matrix that is not distributed. */
export const spreadsOf = (X: AnyMatrix, { spread }: SplitRows): Float64Array | undefined =>
  X.kind === 'dense' && !spread ? columnSpreads(X) : undefined;

/** Population standard deviation of every column, 0 for constant ones. O(stored values). */
export function columnDeviations(X: AnyMatrix, rows: SplitRows, spreads = spreadsOf(X, rows)): Float64Array {
  if (X.kind === 'parts') return X.exchange.gather(columnDeviations(X.own, rows));
  if (rows.spread) return splitDeviations(X, rows);
  const n = X.rows;
  return Float64Array.from({ length: X.cols }, (_, j) => {
    if (spreads) {
      const [largest, smallest, , , squares] = spreads.subarray(SPREAD.width * j, SPREAD.width * (j + 1));
      if (largest === smallest) return 0;
      if (unitOf(Math.max(Math.abs(largest), Math.abs(smallest))) === 1) return Math.sqrt(squares / n);
    }
    const stored = X.kind === 'dense' ? X.column(j) : X.values.subarray(X.colPointers[j], X.colPointers[j + 1]);
    const m = stored.length;
    const [largest, smallest] = extremesOf(stored, 0, m);
    if (m === n && largest === smallest) return 0;
    const unit = m === 0 ? 1 : unitOf(Math.max(Math.abs(largest), Math.abs(smallest)));
    const mean = sumOf(stored, 0, m, unit) / n;
    return Math.sqrt((squaresAbout(mean, stored, 0, m, unit) + (n - m) * mean * mean) / n) * unit;
  });
}

function splitDeviations(X: Matrix, rows: SplitRows): Float64Array {
  const { cols: p } = X;
  const { all: n } = rows;
  if (X.kind === 'csc') return sparseDeviations(X, rows);
  const columns = columnsOfRows(X);
  // By column: maximum, negated minimum, maximum magnitude.
  const extremes = new Float64Array(3 * p).fill(Number.NEGATIVE_INFINITY);
  columns(0, X.rows, (j, values, a, b) => {
    const [largest, smallest] = extremesOf(values, a, b);
    extremes.set([largest, -smallest, Math.max(Math.abs(largest), Math.abs(smallest))].slice(0, b > a ? 3 : 0), 3 * j);
  });
  rows.max(extremes);
  const units = Float64Array.from({ length: p }, (_, j) => {
    return unitOf(extremes[3 * j + 2]);
  });
  const means = new Float64Array(p);
  rows.sum(means, (_, from, to, part) =>
    columns(from, to, (j, values, a, b) => {
      part[j] = sumOf(values, a, b, units[j]) / n;
    }),
  );
  const variances = new Float64Array(p);
  rows.sum(variances, (_, from, to, part) =>
    columns(from, to, (j, values, a, b) => {
      part[j] = squaresAbout(means[j], values, a, b, units[j]) / n;
    }),
  );
  return variances.map((variance, j) =>
    extremes[3 * j] === -extremes[3 * j + 1] ? 0 : Math.sqrt(variance) * units[j],
  );
}

function sparseDeviations(X: CscMatrix, rows: SplitRows): Float64Array {
  const { cols: p, colPointers, values } = X;
  const { all: n } = rows;
  // By column: maximum, negated minimum.
  const extremes = new Float64Array(2 * p);
  for (let j = 0; j < p; j++) {
    const [largest, smallest] = extremesOf(values, colPointers[j], colPointers[j + 1]);
    extremes[2 * j] = largest;
    extremes[2 * j + 1] = -smallest;
  }
  rows.max(extremes);
  const units = Float64Array.from({ length: p }, (_, j) => unitOf(Math.max(extremes[2 * j], extremes[2 * j + 1])));
  const stored = storedCounts(X, rows);
  const means = columnSums(X, rows, (v, _, j) => v / units[j] / n);
  const variances = columnSums(X, rows, (v, _, j) => (v / units[j] - means[j]) ** 2 / n);
  return variances.map((variance, j) => {
    if (stored[j] === n && extremes[2 * j] === -extremes[2 * j + 1]) return 0;
    return Math.sqrt(variance + ((n - stored[j]) / n) * means[j] * means[j]) * units[j];
  });
}

/** Fraction of non-zero entries. */
export function density(X: Matrix, rows: SplitRows, spreads = spreadsOf(X, rows)): number {
  const stored = X.kind === 'dense' ? X.data : X.values;
  let filled = 0;
  if (spreads) for (let j = 0; j < X.cols; j++) filled += spreads[SPREAD.width * j + SPREAD.filled];
  else for (let k = 0; k < stored.length; k++) if (stored[k] !== 0) filled++;
  const all = rows.tell(filled).reduce((sum, count) => sum + count, 0);
  const n = rows.all;
  return n * X.cols === 0 ? 0 : all / (n * X.cols);
}

/**
 * Divides every column by its standard deviation, in place, and returns the deviations: 0 for constant columns, which
 * are unchanged. Entries that are not stored count as zeros. Deviations are over all ranks' rows. O(stored values).
 */
export function unitVariance(X: Matrix, rows: SplitRows): Float64Array {
  const storedOf = (j: number) =>
    X.kind === 'dense' ? X.column(j) : X.values.subarray(X.colPointers[j], X.colPointers[j + 1]);
  const sizes = Float64Array.from({ length: X.cols }, (_, j) => {
    const stored = storedOf(j);
    const [largest, smallest] = extremesOf(stored, 0, stored.length);
    return stored.length === 0 ? 0 : Math.max(Math.abs(largest), Math.abs(smallest));
  });
  rows.max(sizes);
  return columnDeviations(X, rows).map((deviation, j) => {
    const stored = storedOf(j);
    // Rounding errors of a constant column.
    if (!(deviation > 1e-12 * sizes[j])) return 0;
    for (let k = 0; k < stored.length; k++) stored[k] /= deviation;
    return deviation;
  });
}

/** Divides columns by the given deviations, in place; columns with 0 are unchanged. O(stored values). */
export function unscaled(X: Matrix, deviations: ArrayLike<number>): void {
  for (let j = 0; j < X.cols; j++) {
    if (!(deviations[j] > 0)) continue;
    const stored = X.kind === 'dense' ? X.column(j) : X.values.subarray(X.colPointers[j], X.colPointers[j + 1]);
    for (let k = 0; k < stored.length; k++) stored[k] /= deviations[j];
  }
}

/** Column means over all ranks' rows. Entries that are not stored count as zeros. O(stored values). */
export function columnMeans(X: Matrix, rows: SplitRows): Float64Array {
  if (X.kind === 'csc') return columnSums(X, rows, (v) => v / rows.all);
  const sums = new Float64Array(X.cols);
  const entries = columnsOfRows(X);
  rows.sum(sums, (_, from, to, part) =>
    entries(from, to, (j, values, a, b) => {
      for (let at = a; at < b; at++) part[j] += values[at] / rows.all;
    }),
  );
  return sums;
}
