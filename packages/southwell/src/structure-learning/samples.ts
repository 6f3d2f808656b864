import { asMatrix, checkFinite, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';

/** The rows themselves, for scores that second moments do not determine. */
export interface Samples {
  /** n × d, or fewer rows where `shares` says so. */
  readonly X: DenseMatrix;
  /** Rows of the data. */
  readonly n: number;
  readonly d: number;
  /** Whether all values are 0 or 1. */
  readonly binary: boolean;
  /** What share of the data each row of X stands for. Default 1/n each. */
  readonly shares?: Float64Array;
  /** Of the columns, for messages. */
  readonly names?: readonly string[];
  /** What may make results on these data useless, one sentence each. */
  readonly warnings: readonly string[];
}

export interface SampleOptions {
  /** Subtract column means. Default true. */
  readonly centre?: boolean;
  /** For messages; default column 0, column 1 … */
  readonly names?: readonly string[];
}

export const sampleKeys: OptionKeys<SampleOptions> = {
  centre: true,
  names: true,
};

/**
 * A dense copy of data (rows are samples), centred by default. Warns of few rows and of values far from 1. O(nd).
 * @throws EMPTY without rows or columns, NON_FINITE, INVALID_PARAMETER for constant columns and a single row, and
 * NUMERICAL if a variance over- or underflows.
 */
export function samples(X: MatrixLike, options: SampleOptions = {}): Samples {
  knownKeys('samples', options, sampleKeys);
  const { centre = true, names } = options;
  const matrix = asMatrix(X);
  const { rows: n, cols: d } = matrix;
  if (n === 0 || d === 0) fail('EMPTY', `Graphs are learned from rows and columns, but there are ${n} × ${d} values.`);
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
  if (n === 1) refuse('INVALID_PARAMETER', 'There is one row only: nothing varies, so that nothing can be learned.');
  const variances = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    const column = copy.column(j);
    const first = column[0];
    if (column.every((v) => v === first)) {
      refuse('INVALID_PARAMETER', `${name(j)} is constant: nothing can be learned of it. Leave it out.`);
    }
    let mean = 0;
    for (const v of column) mean += v / n;
    for (const v of column) variances[j] += ((v - mean) * (v - mean)) / n;
    if (!(variances[j] > 0 && Number.isFinite(variances[j]))) {
      refuse('NUMERICAL', `The variance of ${name(j)} is beyond the range of numbers: ${OTHER_UNIT}`);
    }
    if (centre) for (let i = 0; i < n; i++) column[i] -= mean;
  }
  return { X: copy, n, d, binary: binary && !centre, names, warnings: [...tooFewRows(n, d), ...farScales(variances)] };
}

const OTHER_UNIT = 'multiply all columns by one number.';

/** A warning where variances are far from 1. */
export function farScales(variances: ArrayLike<number>): string[] {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (let j = 0; j < variances.length; j++) {
    least = Math.min(least, variances[j]);
    most = Math.max(most, variances[j]);
  }
  if (least >= 1e-8 && most <= 1e8) return [];
  return [
    `Variances reach from ${least.toPrecision(2)} to ${most.toPrecision(2)}, but penalties, steps and thresholds are made for values near 1: ${OTHER_UNIT}`,
  ];
}

/**
 * {@link samples} of binary variables (0 or 1), as the logistic score needs them; equal rows become one. O(nd).
 * @throws INVALID_PARAMETER for other values too.
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
    `The logistic score needs binary variables, 0 or 1 (${d} columns), but ${name} holds ${value} in row ${row + 1}.`,
  );
}

/** Each distinct row once, in the order in which they come first. */
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
