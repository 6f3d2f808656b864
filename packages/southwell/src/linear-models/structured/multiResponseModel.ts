import { type AnyMatrixLike, asMatrix, checkFinite, DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import type { FitReport, FittedModel, Label } from '../model.ts';
import { product } from '../product.ts';
import { SparseVector } from '../sparseVector.ts';

/** A fitted model with one linear predictor for each class or task. */
export class MultiResponseModel implements FittedModel {
  /** The non-zero coefficients of each class or task. */
  readonly sparseCoef: readonly SparseVector[];

  constructor(
    readonly loss: 'multinomial' | 'squared',
    coef: readonly Float64Array[],
    /** Length K; those of a multinomial model sum to 0. */
    readonly intercepts: Float64Array,
    readonly alpha: number,
    readonly report: FitReport,
    /** The K labels of a multinomial model, sorted. */
    readonly classes?: readonly Label[],
    readonly featureNames?: readonly string[],
  ) {
    this.sparseCoef = coef.map((b) => new SparseVector(b));
  }

  /** K vectors of length p; copies. */
  get coef(): Float64Array[] {
    return this.sparseCoef.map((b) => b.dense);
  }

  get status(): FitReport['status'] {
    return this.report.status;
  }

  get activeCount(): number {
    return this.sparseCoef.reduce((sum, b) => sum + b.indices.length, 0);
  }

  get parameterCount(): number {
    return this.activeCount + this.intercepts.reduce((k, x) => k + (x !== 0 ? 1 : 0), 0);
  }

  /** Features with a non-zero coefficient in some class or task. */
  get activeFeatures(): number[] {
    return [...new Set(this.sparseCoef.flatMap((b) => [...b.indices]))].sort((a, b) => a - b);
  }

  /**
   * The K linear predictors of every row: n × K.
   * @throws INVALID_SHAPE.
   */
  decisionFunction(X: AnyMatrixLike): DenseMatrix {
    const matrix = asMatrix(X);
    const p = this.sparseCoef[0].length;
    if (matrix.cols !== p) fail('INVALID_SHAPE', `The model was fitted on ${p} columns but X has ${matrix.cols}.`);
    checkFinite(matrix);
    const out = DenseMatrix.create(matrix.rows, this.sparseCoef.length);
    const eta = new Float64Array(matrix.rows);
    this.coef.forEach((b, k) => {
      eta.fill(0);
      product(matrix, b, eta);
      const column = out.column(k);
      for (let i = 0; i < eta.length; i++) column[i] = eta[i] + this.intercepts[k];
    });
    return out;
  }

  /**
   * Predicted tasks, n × K. Classifiers throw: use predictClass or predictProba.
   * @throws NOT_SUPPORTED.
   */
  predict(X: AnyMatrixLike): DenseMatrix {
    if (this.classes) fail('NOT_SUPPORTED', 'A classifier predicts with predictClass or predictProba.');
    return this.decisionFunction(X);
  }

  /**
   * The most likely label of each row.
   * @throws NOT_SUPPORTED.
   */
  predictClass(X: AnyMatrixLike): Label[] {
    const { classes } = this;
    if (!classes) fail('NOT_SUPPORTED', 'This model predicts numbers: use predict.');
    const eta = this.decisionFunction(X);
    const columns = classes.map((_, k) => eta.column(k));
    return Array.from({ length: eta.rows }, (_, i) => classes[likeliest(columns, i)]);
  }

  /**
   * Class probabilities, n × K, columns in the order of `classes`; rows sum to 1.
   * @throws NOT_SUPPORTED.
   */
  predictProba(X: AnyMatrixLike): DenseMatrix {
    if (!this.classes) fail('NOT_SUPPORTED', 'Probabilities need a multinomial model.');
    const eta = this.decisionFunction(X);
    const columns = this.classes.map((_, k) => eta.column(k));
    for (let i = 0; i < eta.rows; i++) {
      let top = Number.NEGATIVE_INFINITY;
      for (const c of columns) top = Math.max(top, c[i]);
      let sum = 0;
      for (const c of columns) {
        c[i] = Math.exp(c[i] - top);
        sum += c[i];
      }
      for (const c of columns) c[i] /= sum;
    }
    return eta;
  }
}

/** The class with the largest predictor in row i. */
export function likeliest(eta: readonly Float64Array[], i: number): number {
  let best = 0;
  for (let k = 1; k < eta.length; k++) if (eta[k][i] > eta[best][i]) best = k;
  return best;
}
