import { type AnyMatrix, columnSums, columnsOfRows, type Matrix } from '@southwell/numerics/arrays';
import { fail, largestOf, type SplitRows } from '@southwell/numerics/core';

/** Column scales beyond which squares would overflow or underflow. */
export const SAFE = 2 ** 100;

/** The largest absolute value among those on this rank. */
export function maxAbs(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    if (size > largest) largest = size;
  }
  return largest;
}

/** 1 for magnitudes whose squares are safe, otherwise the nearest power of two. */
export function powerOfTwo(size: number): number {
  if (!(size > 0 && size < Number.POSITIVE_INFINITY) || (size < SAFE && size > 1 / SAFE)) return 1;
  return 2 ** Math.floor(Math.log2(size));
}

/**
 * Powers of two that bring columns of extreme scale to unit size; undefined if there are none. One pass without
 * multiplications.
 */
export function extremeScales(X: AnyMatrix, rows: SplitRows): Float64Array | undefined {
  const own = X.kind === 'parts' ? X.own : X;
  const values = own.kind === 'dense' ? own.data : own.values;
  let largest = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (let k = 0; k < values.length; k++) {
    const size = Math.abs(values[k]);
    if (size > largest) largest = size;
    if (size !== 0 && size < smallest) smallest = size;
  }
  if (X.kind === 'parts') {
    const all = X.exchange.gather(Float64Array.of(largest, smallest));
    largest = Math.max(...all.filter((_, k) => k % 2 === 0));
    smallest = Math.min(...all.filter((_, k) => k % 2 === 1));
  }
  [largest, smallest] = [largestOf(rows, largest), -largestOf(rows, -smallest)];
  if (largest < SAFE && smallest > 1 / SAFE) return undefined;
  const scales = columnSizes(own, rows).map((size) => 1 / powerOfTwo(size));
  return X.kind === 'parts' ? X.exchange.gather(scales) : scales;
}

const storedOf = (X: Matrix, j: number): Float64Array =>
  X.kind === 'dense' ? X.column(j) : X.values.subarray(X.colPointers[j], X.colPointers[j + 1]);

/** The largest absolute value of every column. */
function columnSizes(X: Matrix, rows: SplitRows): Float64Array {
  const sizes = Float64Array.from({ length: X.cols }, (_, j) => maxAbs(storedOf(X, j)));
  rows.max(sizes);
  return sizes;
}

/**
 * Largest ratio of mean to standard deviation of a sparse column: beyond it, products about means lose half of the
 * digits.
 */
const FAR = 1e4;

/**
 * Products of sparse columns about their means are computed as differences, Σwx² − mean². This is harmless where there
 * are zeros: only a column without any, among the rows with weight, can be far from zero. One pass over the columns
 * that are at least half full; nothing for distributed rows.
 * @throws NUMERICAL for a column whose mean exceeds 10⁴ standard deviations.
 */
export function checkNearZero(
  X: AnyMatrix,
  w: Float64Array,
  names: readonly string[] | undefined,
  { spread }: SplitRows,
): void {
  if (X.kind !== 'csc' || spread) return;
  const { rows: n, cols: p, colPointers, rowIndices, values } = X;
  for (let j = 0; j < p; j++) {
    const [from, to] = [colPointers[j], colPointers[j + 1]];
    // Folds hold out at most half of the rows.
    if (2 * (to - from) < n) continue;
    let [present, mean, variance] = [0, 0, 0];
    for (let k = from; k < to; k++) {
      present += w[rowIndices[k]];
      mean += w[rowIndices[k]] * values[k];
    }
    if (1 - present > FAR ** -2) continue;
    for (let k = from; k < to; k++) variance += w[rowIndices[k]] * (values[k] - mean) ** 2;
    const ratio = Math.abs(mean) / Math.sqrt(variance);
    // Constant columns can never enter.
    if (!(ratio > FAR) || variance <= 1e-28 * mean * mean) continue;
    const near = Number(mean.toPrecision(6));
    fail(
      'NUMERICAL',
      `${names ? `Column ${names[j]}` : `Column ${j + 1}`} of sparse data has no zeros and a mean of ${ratio.toExponential(0)} standard deviations, so that centring it loses too many digits: ` +
        `subtract a constant from it, such as ${near}, or give the data as a dense table.`,
    );
  }
}

/** 1/sd of every column about its weighted mean; 1 for constant columns, which can never enter. */
export function standardDeviations(X: AnyMatrix, w: Float64Array, rows: SplitRows): Float64Array {
  if (X.kind === 'parts') return X.exchange.gather(standardDeviations(X.own, w, rows));
  if (rows.spread) return splitDeviations(X, w, rows);
  return Float64Array.from({ length: X.cols }, (_, j) => {
    const stored = storedOf(X, j);
    const rows = X.kind === 'dense' ? undefined : X.rowIndices.subarray(X.colPointers[j], X.colPointers[j + 1]);
    let unit = 1;
    let { mean, variance } = weightedMoments(stored, rows, w, 1);
    if (!(variance > SAFE ** -2 && variance < SAFE ** 2)) {
      // Squares may overflow or underflow, and the column would be taken for a constant.
      unit = 1 / powerOfTwo(maxAbs(stored));
      if (unit !== 1) ({ mean, variance } = weightedMoments(stored, rows, w, unit));
    }
    return inverse(mean, variance, unit);
  });
}

function inverse(mean: number, variance: number, unit: number): number {
  const sd = Math.sqrt(variance);
  return sd > 1e-13 * Math.abs(mean) && sd > 0 ? unit / sd : 1;
}

function splitDeviations(X: Matrix, w: Float64Array, rows: SplitRows): Float64Array {
  const units = new Float64Array(X.cols).fill(1);
  let found = splitMoments(X, w, units, rows);
  const odd = (variance: number) => !(variance > SAFE ** -2 && variance < SAFE ** 2);
  if (found.variances.some(odd)) {
    const sizes = columnSizes(X, rows);
    found.variances.forEach((variance, j) => {
      if (odd(variance)) units[j] = 1 / powerOfTwo(sizes[j]);
    });
    if (units.some((unit) => unit !== 1)) found = splitMoments(X, w, units, rows);
  }
  const { means, variances } = found;
  return units.map((unit, j) => inverse(means[j], variances[j], unit));
}

/** {@link weightedMoments} of all columns. */
function splitMoments(X: Matrix, w: Float64Array, units: Float64Array, rows: SplitRows) {
  const p = X.cols;
  if (X.kind === 'csc') {
    const means = columnSums(X, rows, (v, i, j) => w[i] * (v * units[j]));
    const present = columnSums(X, rows, (_, i) => w[i]);
    const variances = columnSums(X, rows, (v, i, j) => w[i] * (v * units[j] - means[j]) ** 2);
    for (let j = 0; j < p; j++) variances[j] += Math.max(0, 1 - present[j]) * means[j] * means[j];
    return { means, variances };
  }
  const columns = columnsOfRows(X);
  const means = new Float64Array(p);
  rows.sum(means, (_, from, to, part) =>
    columns(from, to, (j, values, a) => {
      const unit = units[j];
      let sum = 0;
      for (let i = from, q = a; i < to; i++, q++) sum += w[i] * (values[q] * unit);
      part[j] = sum;
    }),
  );
  const variances = new Float64Array(p);
  rows.sum(variances, (_, from, to, part) =>
    columns(from, to, (j, values, a) => {
      const [unit, mean] = [units[j], means[j]];
      let sum = 0;
      for (let i = from, q = a; i < to; i++, q++) {
        const t = values[q] * unit - mean;
        sum += w[i] * t * t;
      }
      part[j] = sum;
    }),
  );
  return { means, variances };
}

/** Weighted moments of the stored values, divided by `unit`, and of the zeros in the rows that are not stored. */
function weightedMoments(stored: Float64Array, rows: Int32Array | undefined, w: Float64Array, unit: number) {
  let mean = 0;
  let variance = 0;
  if (!rows) {
    for (let i = 0; i < stored.length; i++) mean += w[i] * (stored[i] * unit);
    for (let i = 0; i < stored.length; i++) variance += w[i] * (stored[i] * unit - mean) ** 2;
    return { mean, variance };
  }
  let present = 0;
  for (let k = 0; k < stored.length; k++) {
    mean += w[rows[k]] * (stored[k] * unit);
    present += w[rows[k]];
  }
  for (let k = 0; k < stored.length; k++) variance += w[rows[k]] * (stored[k] * unit - mean) ** 2;
  return { mean, variance: variance + Math.max(0, 1 - present) * mean * mean };
}
