import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { checkOptions, fail, keysOf, type OptionsOf, otherOption } from '@southwell/numerics/core';
import { besides, denseSamples } from './samples.ts';

export type ClassLabel = number | string | boolean;

/** Checked samples, labels as class indices, and covariates; `free` releases their memory. */
export interface SupervisedData {
  /** n × p. */
  readonly X: DenseMatrix;
  /** n × (1 + q), a column of ones first. */
  readonly Z: DenseMatrix;
  /** 0 … κ − 1. */
  readonly labels: Int32Array;
  readonly classes: readonly ClassLabel[];
  free(): void;
}

/**
 * A column of ones, then covariates.
 * @throws INVALID_SHAPE.
 */
export function withOnes(X: DenseMatrix, covariates: MatrixLike | undefined, q?: number): DenseMatrix {
  const extra = covariates === undefined ? undefined : denseSamples(covariates, q, 'The covariates');
  if (extra && extra.rows !== X.rows) {
    fail('INVALID_SHAPE', `X has ${X.rows} rows but the covariates have ${extra.rows}.`);
  }
  if (!extra && q) fail('INVALID_SHAPE', `The model was fitted with ${q} covariates, but none are given.`);
  const ones = new Float64Array(X.rows).fill(1);
  const values = extra ? [...ones, ...extra.data] : ones;
  const Z = besides(X, values, X.rows, 1 + (extra?.cols ?? 0));
  extra?.free();
  return Z;
}

/** The squared products of larger entries overflow. */
const LARGEST = 1e75;

export const covariateRecords = {
  /** n × q: covariates of the labels, which are not reconstructed. */
  covariates: otherOption<MatrixLike>('a matrix'),
};

const dataRecords = {
  ...covariateRecords,
  /** All classes, if y may not contain each of them. */
  classes: otherOption<readonly ClassLabel[]>('a list of labels'),
};

export interface SupervisedDataOptions extends OptionsOf<typeof dataRecords> {}

export const dataKeys = keysOf(dataRecords);

/** @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_TARGET, INVALID_PARAMETER for entries beyond 1e75. */
export function supervisedData(
  samples: MatrixLike,
  y: ArrayLike<ClassLabel>,
  options: SupervisedDataOptions = {},
): SupervisedData {
  checkOptions('supervisedData', dataRecords, options);
  const X = denseSamples(samples, undefined, 'X');
  if (y.length !== X.rows) fail('INVALID_SHAPE', `X has ${X.rows} rows but the target has ${y.length} values.`);
  const beyond = X.data.find((v) => Math.abs(v) > LARGEST);
  if (beyond !== undefined) {
    fail('INVALID_PARAMETER', `X contains ${beyond}, whose fourth power overflows; scale the samples.`);
  }
  const seen = new Set<ClassLabel>(options.classes ?? Array.from(y));
  const classes = [...seen].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (classes.some((c) => typeof c === 'number' && !Number.isFinite(c))) {
    fail('NON_FINITE', 'The target contains a number that is not finite.');
  }
  if (classes.length < 2) {
    fail(
      'INVALID_TARGET',
      'The target has only one class; name the others with `classes`, or give samples of two classes.',
    );
  }
  const index = new Map(classes.map((c, k) => [c, k]));
  const labels = Int32Array.from({ length: y.length }, (_, s) => index.get(y[s]) ?? -1);
  const unknown = labels.indexOf(-1);
  if (unknown >= 0)
    fail('INVALID_TARGET', `The target contains ${String(y[unknown])}, which is not one of the classes.`);
  if (classes.length > Math.max(10, X.rows / 2)) {
    fail('INVALID_TARGET', `The target has ${classes.length} classes: it looks like numbers, not labels.`);
  }
  const Z = withOnes(X, options.covariates);
  return {
    X,
    Z,
    labels,
    classes,
    free() {
      X.free();
      Z.free();
    },
  };
}

/** The result of all algorithms for supervised dictionaries, column-major. */
export interface SupervisedPoint {
  /** W, p × r. */
  readonly dictionary: Float64Array;
  /** Hᵀ, n × r: the codes of the training samples. */
  readonly codes: Float64Array;
  /** β, r × (κ − 1). */
  readonly coefficients: Float64Array;
  /** Γ, (1 + q) × (κ − 1), the intercept first. */
  readonly auxiliary: Float64Array;
}

export interface SupervisedProblem {
  readonly rank: number;
  /** Weight of the reconstruction error relative to the classification loss. */
  readonly xi: number;
  /** Activations: of the filtered sample xᵀWβ, or of its code hᵀβ. */
  readonly model: 'filter' | 'feature';
  /** ½l2‖·‖² on coefficients. */
  readonly l2: number;
  readonly seed: number;
}

/** Matrices that are freed together. */
export class Held {
  private readonly all: DenseMatrix[] = [];

  constructor(private readonly besides: DenseMatrix) {}

  create(rows: number, cols: number): DenseMatrix {
    const matrix = DenseMatrix.create(rows, cols, { arena: this.besides.arena });
    this.all.push(matrix);
    return matrix;
  }

  free(): void {
    for (const matrix of this.all) matrix.free();
  }
}
