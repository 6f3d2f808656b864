import type { Matrix } from '@southwell/numerics/arrays';
import type { SplitRows } from '@southwell/numerics/core';
import { fail } from '@southwell/numerics/core';
import type { LossRows } from 'southwell/distributed-methods';

/** A column with a smaller deviation relative to its mean is constant but for rounding. */
const CONSTANT = 1e-12;

/** Sums of `width` numbers over all rows, given those of a row. */
function summed(rows: SplitRows, width: number, add: (row: number, into: Float64Array) => void): Float64Array {
  const into = new Float64Array(width);
  rows.sum(into, (_, from, to, part) => {
    for (let i = from; i < to; i++) add(i, part);
  });
  return into;
}

/** Columns sums Σ wᵢ of(xᵢⱼ) over stored entries of all rows. */
function columnTotals(X: Matrix, rows: SplitRows, w: Float64Array, of: (v: number, j: number) => number) {
  const into = new Float64Array(X.cols);
  rows.sum(into, (_, __, ___, part) => {
    eachEntry(X, (i, j, v) => {
      part[j] += w[i] * of(v, j);
    });
  });
  return into;
}

function eachEntry(X: Matrix, see: (row: number, column: number, value: number) => void): void {
  if (X.kind === 'dense') {
    for (let j = 0; j < X.cols; j++) X.column(j).forEach((v, i) => void see(i, j, v));
    return;
  }
  const { colPointers, rowIndices, values } = X;
  for (let j = 0; j < X.cols; j++)
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) see(rowIndices[k], j, values[k]);
}

/** What all ranks know about the rows of all of them, from sums alone, and how it makes the columns alike. */
export interface Standardised {
  /** Weights of the rows of this rank; those of all rows sum to 1. */
  readonly weights: Float64Array;
  readonly targetMean: number;
  /** What is subtracted from each column, and what it is then divided by. */
  readonly centres: Float64Array;
  readonly scales: Float64Array;
  /** The columns that vary: others have no coefficient. */
  readonly kept: Int32Array;
  /** Factors of the penalty of each column in its own units. */
  readonly units: Float64Array;
}

/**
 * Weights, means and deviations of columns by sums over all rows. Columns of a dense matrix are centred if there is an intercept.
 * @throws INVALID_PARAMETER for weights that are all 0, negative or not finite; NUMERICAL for values whose squares overflow.
 */
export function standardised(
  X: Matrix,
  y: ArrayLike<number>,
  rows: SplitRows,
  {
    sampleWeight,
    intercept,
    standardize,
    names,
  }: {
    readonly sampleWeight: ArrayLike<number> | undefined;
    readonly intercept: boolean;
    readonly standardize: boolean;
    readonly names: readonly string[];
  },
): Standardised {
  const raw = sampleWeight ? Float64Array.from(sampleWeight) : new Float64Array(X.rows).fill(1);
  const bad = raw.findIndex((w) => !(w >= 0 && Number.isFinite(w)));
  if (bad >= 0)
    fail(
      'INVALID_PARAMETER',
      `Sample weights must be finite and at least 0; row ${rows.first + bad + 1} has ${raw[bad]}.`,
    );
  const [sum] = summed(rows, 1, (i, into) => {
    into[0] += raw[i];
  });
  if (!(sum > 0)) fail('INVALID_PARAMETER', 'All sample weights are 0: there is nothing to fit.');
  const weights = raw.map((w) => w / sum);
  const [targetMean] = summed(rows, 1, (i, into) => {
    into[0] += weights[i] * y[i];
  });
  const means = columnTotals(X, rows, weights, (v) => v);
  const squares = columnTotals(X, rows, weights, (v, j) => (v - means[j]) ** 2);
  const stored = columnTotals(X, rows, weights, () => 1);
  const variances = squares.map((s, j) => s + Math.max(0, 1 - stored[j]) * means[j] ** 2);
  const far = variances.findIndex((v) => !Number.isFinite(v));
  if (far >= 0)
    fail('NUMERICAL', `The squares of feature '${names[far]}' overflow: divide the column by a power of ten.`);
  const deviations = variances.map((v, j) => {
    const deviation = Math.sqrt(v);
    return deviation > CONSTANT * Math.abs(means[j]) ? deviation : 0;
  });
  const scales = intercept ? deviations : variances.map((v, j) => Math.sqrt(v + means[j] ** 2));
  const kept = Int32Array.from(scales.keys()).filter((j) => scales[j] > 0);
  return {
    ...{ weights, targetMean, kept, scales },
    centres: intercept && X.kind === 'dense' ? means : new Float64Array(X.cols),
    units: standardize ? deviations.map((d) => (d > 0 ? d : 1)) : new Float64Array(X.cols).fill(1),
  };
}

/** The rows of a list in the units of {@link Standardised}, with a last column of ones for an intercept. */
export function rowsOfClient(
  X: Matrix,
  y: ArrayLike<number>,
  of: Standardised,
  intercept: boolean,
  lists: ReadonlyArray<readonly number[]>,
): LossRows[] {
  const { kept, centres, scales, weights } = of;
  const width = kept.length + (intercept ? 1 : 0);
  const place = new Int32Array(X.cols).fill(-1);
  kept.forEach((j, k) => {
    place[j] = k;
  });
  const out = Array.from({ length: X.rows }, () => {
    const row = new Float64Array(width);
    if (intercept) row[width - 1] = 1;
    return row;
  });
  eachEntry(X, (i, j, v) => {
    if (place[j] >= 0) out[i][place[j]] = (v - centres[j]) / scales[j];
  });
  return lists.map((list) => ({
    X: list.map((i) => out[i]),
    y: Float64Array.from(list, (i) => y[i]),
    weights: Float64Array.from(list, (i) => weights[i]),
  }));
}
