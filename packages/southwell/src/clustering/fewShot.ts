import { asMatrix, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkGiven,
  choiceOption,
  fail,
  flagOption,
  keysOf,
  knownKeys,
  type OptionKeys,
  type OptionsOf,
  otherOption,
} from '@southwell/numerics/core';
import { type LaplacianOptions, laplacianClustering, laplacianKeys } from './laplacian.ts';

const featureRecords = {
  /** Mean of the features of base classes, subtracted first. Default: none. */
  baseMean: otherOption<ArrayLike<number>>('a number for each feature'),
  /** 'CL2N': normalise every feature vector to unit norm after that. Default 'CL2N'. */
  normalise: choiceOption({ CL2N: 'unit norm', none: 'none' }),
  /** Whether to shift the queries by the difference of the means of support and queries. Default true. */
  domainShift: flagOption(),
};

export interface FewShotOptions
  extends Omit<LaplacianOptions, 'labels' | 'init' | 'restarts' | 'emptyClusters'>,
    OptionsOf<typeof featureRecords> {}

const { labels: _, init: __, restarts: ___, emptyClusters: ____, ...sharedKeys } = laplacianKeys;

const fewShotKeys: OptionKeys<FewShotOptions> = { ...sharedKeys, ...keysOf(featureRecords) };

export interface FewShotResult {
  /** The class of every query, 0 … k−1. */
  readonly classes: Int32Array;
  readonly iterations: number;
}

/**
 * Classes of queries from a few labelled examples (the support), by clustering both with {@link laplacianClustering}
 * from the class means: λ = 0 is k-means, prototype 'fixed' with λ = 0 the nearest prototype (SimpleShot), with λ > 0
 * LaplacianShot, 'meanShift' SLK-MS. Default graph: two neighbours (knn = 3 in the authors' code). Support labels must
 * include every class 0 … k−1, otherwise INVALID_TARGET.
 * @throws INVALID_SHAPE, EMPTY, INVALID_PARAMETER.
 */
export function fewShotClassify(
  support: MatrixLike,
  supportLabels: ArrayLike<number>,
  query: MatrixLike,
  options: FewShotOptions = {},
): FewShotResult {
  knownKeys('fewShotClassify', options, fewShotKeys);
  checkGiven(featureRecords, options);
  const { baseMean, normalise = 'CL2N', domainShift = true, neighbours = 2, ...rest } = options;
  const [S, Q] = [asMatrix(support), asMatrix(query)];
  if (S.cols !== Q.cols) fail('INVALID_SHAPE', `The support has ${S.cols} features, the queries have ${Q.cols}.`);
  if (S.rows === 0 || Q.rows === 0) fail('EMPTY', 'A few-shot task needs labelled points and queries.');
  if (supportLabels.length !== S.rows) {
    fail('INVALID_SHAPE', `${S.rows} labelled points need as many labels, not ${supportLabels.length}.`);
  }
  if (baseMean && baseMean.length !== S.cols) {
    fail('INVALID_SHAPE', `baseMean must have ${S.cols} values, but has ${baseMean.length}.`);
  }
  const k = Array.from(supportLabels).reduce((most, c) => Math.max(most, c), -1) + 1;
  const n = S.rows + Q.rows;
  const d = S.cols;
  const X = DenseMatrix.create(n, d);
  const parts = [S, Q].map((M) => (M.kind === 'dense' ? M : M.toDense()));
  for (let j = 0; j < d; j++) {
    const column = X.column(j);
    column.set(parts[0].column(j));
    column.set(parts[1].column(j), S.rows);
    if (baseMean) for (let p = 0; p < n; p++) column[p] -= baseMean[j];
  }
  if (normalise === 'CL2N') unitRows(X);
  if (domainShift) {
    for (let j = 0; j < d; j++) {
      const column = X.column(j);
      let shift = 0;
      for (let p = 0; p < n; p++) shift += p < S.rows ? column[p] / S.rows : -column[p] / Q.rows;
      for (let p = S.rows; p < n; p++) column[p] += shift;
    }
  }
  const labels = new Int32Array(n).fill(-1);
  for (let p = 0; p < S.rows; p++) labels[p] = supportLabels[p];
  try {
    const { point, iterations } = laplacianClustering(X, k, {
      ...rest,
      neighbours,
      labels,
      init: 'labels',
      emptyClusters: 'stop',
    });
    return { classes: point.assignments.slice(S.rows), iterations };
  } finally {
    X.free();
  }
}

/** Normalises every row to unit norm; rows of zeros are unchanged. O(nd). */
export function unitRows(X: DenseMatrix): void {
  const squares = new Float64Array(X.rows);
  for (let j = 0; j < X.cols; j++) {
    const column = X.column(j);
    for (let p = 0; p < X.rows; p++) squares[p] += column[p] * column[p];
  }
  for (let j = 0; j < X.cols; j++) {
    const column = X.column(j);
    for (let p = 0; p < X.rows; p++) if (squares[p] > 0) column[p] /= Math.sqrt(squares[p]);
  }
}
