import { asMatrix, checkFinite, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { checkOptions, fail } from '@southwell/numerics/core';
import { matrixProduct } from '@southwell/numerics/linalg';
import { farScales, type SampleOptions, sampleRecords, samples, tooFewRows } from './samples.ts';

/** Second moments of the data, sufficient for linear scores. */
export interface Moments {
  /** C = XᵀX/n, d × d; the covariance where columns are centred. */
  readonly C: DenseMatrix;
  /** Number of rows; 0 for a population covariance. */
  readonly n: number;
  readonly d: number;
  /** Column names for messages. */
  readonly names?: readonly string[];
  /** Warnings about the data. */
  readonly warnings: readonly string[];
}

export type MomentOptions = SampleOptions;

/** Data (rows are samples), or the moments themselves. */
export type GraphData = MatrixLike | Moments;

/**
 * Second moments of data. Warns about standardised columns, duplicate columns, too few rows, and variances far from 1.
 * O(nd²).
 * @throws as {@link samples} does: EMPTY, NON_FINITE, INVALID_PARAMETER, NUMERICAL.
 */
export function moments(X: GraphData, options: MomentOptions = {}): Moments {
  checkOptions('moments', sampleRecords, options);
  if (typeof X === 'object' && 'C' in X) return X;
  const { X: centred, n, d } = samples(X, options);
  const name = (j: number) => options.names?.[j] ?? `column ${j}`;
  const C = DenseMatrix.create(d, d, { arena: centred.arena });
  matrixProduct(centred, centred, C, { transA: true, alpha: 1 / n });
  centred.free();
  return { C, n, d, names: options.names, warnings: warningsOf(C, n, name) };
}

/**
 * Moments of a population with the given covariance.
 * @throws INVALID_SHAPE, EMPTY, NON_FINITE, INVALID_PARAMETER.
 */
export function populationMoments(covariance: MatrixLike, n = 0): Moments {
  const given = asMatrix(covariance);
  if (given.kind !== 'dense' || given.rows !== given.cols) {
    fail('INVALID_SHAPE', `A covariance is a square dense matrix, not ${given.rows} × ${given.cols}.`);
  }
  if (given.rows === 0) fail('EMPTY', 'The covariance has no columns.');
  checkFinite(given, 'The covariance');
  for (let j = 0; j < given.rows; j++) {
    const variance = given.data[j * given.rows + j];
    if (!(variance > 0))
      fail('INVALID_PARAMETER', `The variance of column ${j} is ${variance}, but it must be above 0.`);
  }
  const C = DenseMatrix.fromColumnMajor(given.data, given.rows, given.cols);
  return { C, n, d: C.rows, warnings: warningsOf(C, n, (j) => `column ${j}`) };
}

/** Residual variances of each column under W: the diagonal of (I − W)ᵀC(I − W). O(d³). */
export function residualVariances(C: DenseMatrix, W: DenseMatrix): Float64Array {
  const d = C.rows;
  const R = DenseMatrix.create(d, d, { arena: C.arena });
  R.data.set(C.data);
  matrixProduct(C, W, R, { alpha: -1, beta: 1 });
  const out = Float64Array.from({ length: d }, (_, j) => {
    let q = R.get(j, j);
    for (let i = 0; i < d; i++) q -= W.get(i, j) * R.get(i, j);
    return Math.max(q, 0);
  });
  R.free();
  return out;
}

function warningsOf(C: DenseMatrix, n: number, name: (j: number) => string): string[] {
  const d = C.rows;
  const warnings: string[] = [];
  let ones = 0;
  for (let j = 0; j < d; j++) {
    const v = C.get(j, j);
    // With either divisor of the variance, n or n − 1.
    if (Math.abs(v - 1) < 1e-6 || (n > 1 && Math.abs((v * n) / (n - 1) - 1) < 1e-6)) ones++;
  }
  if (d > 1 && ones === d) {
    warnings.push(
      'All variances are 1, as of standardised columns: scores of linear effects with Gaussian noise then hardly determine the directions of edges. Columns with a common unit can be given in it.',
    );
  }
  warnings.push(...tooFewRows(n, d));
  warnings.push(...farScales(Array.from({ length: d }, (_, j) => C.get(j, j))));
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) {
      // Divides first, since products of variances may overflow.
      if ((C.get(i, j) / C.get(i, i)) * (C.get(i, j) / C.get(j, j)) >= 1 - 1e-12) {
        warnings.push(`${name(j)} and ${name(i)} are multiples of each other: no method can tell them apart.`);
      }
    }
  }
  return warnings;
}
