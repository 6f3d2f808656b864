import { asMatrix, checkFinite, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { fail, knownKeys } from '@southwell/numerics/core';
import { matrixProduct } from '@southwell/numerics/linalg';
import { farScales, type SampleOptions, sampleKeys, samples, tooFewRows } from './samples.ts';

/** Second moments of the data, sufficient for linear scores. */
export interface Moments {
  /** C = XᵀX/n, d × d; the covariance where columns were centred. */
  readonly C: DenseMatrix;
  /** Rows; 0 for a covariance of a whole population. */
  readonly n: number;
  readonly d: number;
  /** Of the columns, for messages. */
  readonly names?: readonly string[];
  /** Warnings about the data. */
  readonly warnings: readonly string[];
}

export type MomentOptions = SampleOptions;

/** Data (rows are samples), or the moments themselves. */
export type GraphData = MatrixLike | Moments;

/**
 * Second moments of data. Warns of standardised, duplicate and too few data, and of values far from 1. O(nd²).
 * @throws as {@link samples} does: EMPTY, NON_FINITE, INVALID_PARAMETER, NUMERICAL.
 */
export function moments(X: GraphData, options: MomentOptions = {}): Moments {
  knownKeys('moments', options, sampleKeys);
  if (typeof X === 'object' && 'C' in X) return X;
  const { X: centred, n, d } = samples(X, options);
  const name = (j: number) => options.names?.[j] ?? `column ${j}`;
  const C = DenseMatrix.create(d, d, { arena: centred.arena });
  matrixProduct(centred, centred, C, { transA: true, alpha: 1 / n });
  centred.free();
  return { C, n, d, names: options.names, warnings: warningsOf(C, n, name) };
}

/**
 * Moments of a population with this covariance.
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

/** Variances of what W leaves of each column: the diagonal of (I − W)ᵀC(I − W). O(d³). */
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
    // Either divisor of the variance.
    if (Math.abs(v - 1) < 1e-6 || (n > 1 && Math.abs((v * n) / (n - 1) - 1) < 1e-6)) ones++;
  }
  if (d > 1 && ones === d) {
    warnings.push(
      'All variances are 1: the columns seem standardised, but these scores read the direction of edges from the variances. Give data in their own units.',
    );
  }
  warnings.push(...tooFewRows(n, d));
  warnings.push(...farScales(Array.from({ length: d }, (_, j) => C.get(j, j))));
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) {
      // Divided first: products of variances may overflow.
      if ((C.get(i, j) / C.get(i, i)) * (C.get(i, j) / C.get(j, j)) >= 1 - 1e-12) {
        warnings.push(`${name(j)} and ${name(i)} are multiples of each other: no method can tell them apart.`);
      }
    }
  }
  return warnings;
}
