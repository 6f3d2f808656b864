import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkOptions,
  choiceOption,
  fail,
  integerOption,
  type OptionsNeeding,
  Random,
  wholeNumber,
} from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { allFinite, product } from './matrices.ts';

const activationTitles = { relu: 'ReLU', tanh: 'tanh', identity: 'identity' } as const;
export type Activation = keyof typeof activationTitles;

export const activationRecords = {
  /** Default 'relu'. */
  activation: choiceOption(activationTitles),
  /** Seed of the weights; those of fewer features are the first of those of more. Default 0. */
  seed: integerOption({ min: 0 }),
};

const featureRecords = {
  /** Number of input columns D. */
  inputDim: integerOption({ min: 1 }),
  /** Maximum number of features P. */
  features: integerOption({ min: 1 }),
  ...activationRecords,
};

export interface RandomFeaturesOptions extends OptionsNeeding<typeof featureRecords, 'inputDim' | 'features'> {}

export interface RandomFeatures {
  /** W₀, D × P, with entries of N(0, 1/D). */
  readonly weights: DenseMatrix;
  /**
   * act(X W₀) of N × D inputs, N × P, or only the first `count` features. O(N·D·P).
   * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
   */
  apply(X: DenseMatrix, count?: number): DenseMatrix;
}

const activations: Readonly<Record<Activation, (values: Float64Array) => void>> = {
  identity: () => {},
  relu: (values) => {
    for (let k = 0; k < values.length; k++) if (values[k] < 0) values[k] = 0;
  },
  tanh: (values) => {
    for (let k = 0; k < values.length; k++) {
      const e = elementary.exp(-2 * Math.abs(values[k]));
      values[k] = (Math.sign(values[k]) * (1 - e)) / (1 + e);
    }
  },
};

/**
 * Random features (Rahimi & Recht, NeurIPS 2007): a first layer with random weights that is never trained, act(X W₀)
 * without a bias. The same seed gives the same weights, feature after feature, so that models of growing size are
 * nested.
 *
 * @example const { apply } = randomFeatures({ inputDim: 64, features: 400, seed: 1 });
 * @throws INVALID_PARAMETER.
 */
export function randomFeatures(options: RandomFeaturesOptions): RandomFeatures {
  checkOptions('randomFeatures', featureRecords, options);
  const { inputDim, features, activation = 'relu', seed = 0 } = options;
  const random = new Random(seed);
  const weights = DenseMatrix.create(inputDim, features);
  const { data } = weights;
  const scale = 1 / Math.sqrt(inputDim);
  for (let k = 0; k < data.length; k++) data[k] = scale * random.normal();
  return {
    weights,
    apply(X, count = features) {
      wholeNumber('count', count, 1, features);
      if (X.cols !== inputDim) {
        fail('INVALID_SHAPE', `The features need ${inputDim} input columns, but there are ${X.cols}.`);
      }
      allFinite('inputs', X);
      const Z = product(X, firstColumns(weights, count));
      activations[activation](Z.data);
      return Z;
    },
  };
}

/** A copy of the first columns of A. */
export function firstColumns(A: DenseMatrix, count: number): DenseMatrix {
  const out = DenseMatrix.create(A.rows, count, { fill: false });
  out.data.set(A.data.subarray(0, A.rows * count));
  return out;
}
