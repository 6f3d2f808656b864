import { asMatrix, checkFinite, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkOptions,
  fail,
  flagOption,
  knownKeys,
  type OptionKeys,
  type OptionsOf,
  otherOption,
} from '@southwell/numerics/core';

/** The rows themselves, for scores that second moments do not determine. */
export interface Samples {
  /** n × d, or fewer rows with `shares`. */
  readonly X: DenseMatrix;
  /** Number of rows of the data. */
  readonly n: number;
  readonly d: number;
  /** Whether all values are 0 or 1. */
  readonly binary: boolean;
  /** Weight of each row of X as a fraction of the data. Default 1/n each. */
  readonly shares?: Float64Array;
  /** Column names for messages. */
  readonly names?: readonly string[];
  /** Warnings about the data, one sentence each. */
  readonly warnings: readonly string[];
}

export const sampleRecords = {
  /** Subtract column means. Default true. */
  centre: flagOption(),
  /** Column names for messages. Default: column 0, column 1 … */
  names: otherOption<readonly string[]>('the names of the columns'),
};

export interface SampleOptions extends OptionsOf<typeof sampleRecords> {}

/**
 * A dense copy of data (rows are samples), centred by default. Warns about too few rows and variances far from 1.
 * O(nd).
 * @throws EMPTY without rows or columns, NON_FINITE, INVALID_PARAMETER for constant columns and a single row, and
 * NUMERICAL if a variance over- or underflows.
 */
export function samples(X: MatrixLike, options: SampleOptions = {}): Samples {
  checkOptions('samples', sampleRecords, options);
  const { centre = true, names } = options;
  const matrix = asMatrix(X);
  const { rows: n, cols: d } = matrix;
  if (n === 0 || d === 0) fail('EMPTY', `There is nothing to learn a graph from: the data are ${n} × ${d}.`);
  checkFinite(matrix);
  const name = (j: number) => names?.[j] ?? `column ${j}`;
  const copy = DenseMatrix.create(n, d);
  const values = copy.data;
  if (matrix.kind === 'dense') values.set(matrix.data);
  else {
    const { colPointers, rowIndices } = matrix;
    for (let j = 0; j < d; j++) {
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) values[j * n + rowIndices[k]] = matrix.values[k];
    }
  }
  const binary = values.every((v) => v === 0 || v === 1);
  const refuse = (code: 'INVALID_PARAMETER' | 'NUMERICAL', message: string): never => {
    copy.free();
    return fail(code, message);
  };
  if (n === 1) refuse('INVALID_PARAMETER', 'There is only one row, from which nothing can be learned.');
  const variances = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    const column = copy.column(j);
    const first = column[0];
    if (column.every((v) => v === first)) {
      refuse('INVALID_PARAMETER', `${name(j)} is constant: nothing can be learned about it. Leave it out.`);
    }
    let mean = 0;
    for (const v of column) mean += v / n;
    for (const v of column) variances[j] += ((v - mean) * (v - mean)) / n;
    if (!(variances[j] > 0 && Number.isFinite(variances[j]))) {
      refuse('NUMERICAL', `The variance of ${name(j)} overflows or underflows: ${OTHER_UNIT}`);
    }
    if (centre) for (let i = 0; i < n; i++) column[i] -= mean;
  }
  return { X: copy, n, d, binary: binary && !centre, names, warnings: [...tooFewRows(n, d), ...farScales(variances)] };
}

const OTHER_UNIT = 'multiply all columns by a common factor.';

/** A warning where variances are far from 1. */
export function farScales(variances: ArrayLike<number>): string[] {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (let j = 0; j < variances.length; j++) {
    least = Math.min(least, variances[j]);
    most = Math.max(most, variances[j]);
  }
  if (least >= 1e-8 && most <= 1e8) return [];
  return [
    `Variances range from ${least.toPrecision(2)} to ${most.toPrecision(2)}, but penalties, step sizes and thresholds are meant for values near 1: ${OTHER_UNIT}`,
  ];
}

/**
 * {@link samples} of binary variables (0 or 1), as the logistic score needs them; equal rows are merged. O(nd).
 * @throws as samples does, and INVALID_PARAMETER for other values.
 */
export function binarySamples(X: MatrixLike, options: Omit<SampleOptions, 'centre'> = {}): Samples {
  knownKeys('binarySamples', options, { names: true } satisfies OptionKeys<typeof options>);
  const data = samples(X, { ...options, centre: false });
  if (data.binary) return withoutRepeats(data);
  const { n, d } = data;
  const at = data.X.data.findIndex((v) => v !== 0 && v !== 1);
  const value = data.X.data[at];
  data.X.free();
  const [row, column] = [at % n, Math.floor(at / n)];
  const name = options.names?.[column] ?? `column ${column}`;
  return fail(
    'INVALID_PARAMETER',
    `The logistic score needs binary variables, 0 or 1 (${d} columns), but ${name} has ${value} in row ${row + 1}.`,
  );
}

/** Each distinct row once, in the order of first occurrence. */
function withoutRepeats(data: Samples): Samples {
  const { X, n, d } = data;
  const first = new Map<string, number>();
  const counts: number[] = [];
  const rows: number[] = [];
  const bits = new Uint8Array(d);
  const text = new TextDecoder();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) bits[j] = 48 + X.data[j * n + i];
    const key = text.decode(bits);
    const at = first.get(key);
    if (at !== undefined) counts[at]++;
    else {
      first.set(key, counts.length);
      counts.push(1);
      rows.push(i);
    }
  }
  const distinct = DenseMatrix.create(rows.length, d, { fill: false });
  for (let j = 0; j < d; j++) {
    const [from, to] = [X.column(j), distinct.column(j)];
    rows.forEach((i, k) => {
      to[k] = from[i];
    });
  }
  X.free();
  return { ...data, X: distinct, shares: Float64Array.from(counts, (c) => c / n) };
}

export const sharesOf = ({ X, n, shares }: Samples): Float64Array => shares ?? new Float64Array(X.rows).fill(1 / n);

export const tooFewRows = (n: number, d: number): string[] =>
  n > 0 && n <= d
    ? [`There are ${n} rows for ${d} columns: residuals can vanish, and edges are hardly determined.`]
    : [];
