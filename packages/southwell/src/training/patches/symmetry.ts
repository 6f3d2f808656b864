import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkOptions,
  fail,
  integerOption,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  Random,
  wholeNumber,
} from '@southwell/numerics/core';
import { qr } from '@southwell/numerics/linalg';
import type { Examples } from '../examples.ts';
import type { PatchNet } from './patchNet.ts';
import type { Normals } from './trainEquivariant.ts';

/**
 * A transformation of inputs under which a model may be equivariant, with its action on weights and on random numbers
 * for them.
 */
export interface Symmetry {
  /** Transforms rows of inputs. */
  readonly inputs: (values: Float64Array) => Float64Array;
  /** Transforms rows of weights: f with transformed weights on transformed inputs equals f with the original ones. */
  readonly weights: (values: Float64Array) => Float64Array;
}

/**
 * A random symmetry of a {@link patchNet}: for 'fcn' a rotation (or reflection) of the whole input; for 'lcn' one for
 * each patch, and a permutation of patches; for 'cnn' the same one for all patches, and a permutation. Rotations are
 * uniformly distributed. O(width³) once, then O(width) per value.
 * @throws INVALID_PARAMETER.
 */
export function patchSymmetry(net: Pick<PatchNet, 'arch' | 'patches' | 'patchDim'>, seed = 0): Symmetry {
  wholeNumber('seed', seed, 0);
  const { arch, patches, patchDim } = net;
  const random = new Random(seed);
  const [parts, width] = arch === 'fcn' ? [1, patches * patchDim] : [patches, patchDim];
  const order = random.permutation(parts);
  const rotations = Array.from({ length: arch === 'cnn' ? 1 : parts }, () => rotation(width, random));
  const rotated = (values: Float64Array, blocks: (at: number) => { from: number; Q: DenseMatrix }): Float64Array => {
    if (values.length % width !== 0) {
      fail('INVALID_SHAPE', `The symmetry needs rows of ${width} numbers, but there are ${values.length} numbers.`);
    }
    const out = new Float64Array(values.length);
    for (let block = 0; block < values.length / width; block++) {
      const { from, Q } = blocks(block);
      for (let j = 0; j < width; j++) {
        const column = Q.column(j);
        let sum = 0;
        for (let i = 0; i < width; i++) sum += column[i] * values[from * width + i];
        out[block * width + j] = sum;
      }
    }
    return out;
  };
  /** Patch `order[p]` of the original input moves to position p, rotated by its own rotation. */
  const ordered = (values: Float64Array) =>
    rotated(values, (block) => {
      const p = block % parts;
      return { from: block - p + order[p], Q: rotations[rotations.length === 1 ? 0 : order[p]] };
    });
  return {
    inputs: ordered,
    // Rows of 'lcn' move with their patches; those of 'cnn' and 'fcn' do not correspond to patches.
    weights: arch === 'lcn' ? ordered : (values) => rotated(values, (block) => ({ from: block, Q: rotations[0] })),
  };
}

/** A uniformly distributed orthogonal matrix: Q of a normal matrix, with random signs of columns. */
function rotation(n: number, random: Random): DenseMatrix {
  const A = DenseMatrix.create(n, n);
  for (let k = 0; k < A.data.length; k++) A.data[k] = random.normal();
  const Q = qr(A).thinQ();
  for (let j = 0; j < n; j++) {
    if (random.uniform() < 0.5) continue;
    const column = Q.column(j);
    for (let i = 0; i < n; i++) column[i] = -column[i];
  }
  return Q;
}

/** Data of a model for training and evaluation. */
export interface EquivarianceData {
  readonly train: Examples;
  readonly validation?: Examples;
  /** Inputs at which predictions are compared. Default: the training examples. */
  readonly probe?: Examples;
}
const dataKeys: OptionKeys<EquivarianceData> = { train: true, validation: true, probe: true };

/**
 * Trains on examples, taking all random numbers from `normals`, in rows that transform like weights, and returns a
 * predictor of rows of inputs.
 */
export type EquivariantTrainer = (
  data: EquivarianceData,
  normals: Normals,
) => (inputs: Float64Array) => ArrayLike<number>;

const equivarianceRecords = {
  /** Tolerance relative to the largest prediction, or to 1 if that is smaller. Default 1e-8. */
  tolerance: numberOption({ min: 0 }),
  /** Default 0. */
  seed: integerOption({ min: 0 }),
};

export interface EquivarianceOptions extends OptionsOf<typeof equivarianceRecords> {}

export interface Equivariance {
  /** Maximum absolute difference of predictions. */
  readonly difference: number;
  /** Maximum absolute prediction. */
  readonly scale: number;
  /** Whether the difference is within the tolerance. */
  readonly equivariant: boolean;
}

/**
 * Tests whether training is equivariant: trains once on the examples and once on their image under a symmetry, with all
 * random numbers transformed too, and compares predictions at each input and its image. Normal random numbers and their
 * images have the same distribution, so a trainer that passes learns equally well from rotated inputs. Other
 * initialisations of weights, or coordinate-wise optimisers, fail.
 *
 * @example checkEquivariance((data, normals) => { … }, patchSymmetry(net), { train: task.sample(64) }).equivariant;
 * @throws EMPTY, INVALID_SHAPE, INVALID_PARAMETER; NON_FINITE if a prediction is.
 */
export function checkEquivariance(
  trainer: EquivariantTrainer,
  symmetry: Symmetry,
  data: EquivarianceData,
  options: EquivarianceOptions = {},
): Equivariance {
  checkOptions('checkEquivariance', equivarianceRecords, options);
  knownKeys('data', data, dataKeys);
  const { tolerance = 1e-8, seed = 0 } = options;
  const normalsOf = (map: (values: Float64Array) => Float64Array): Normals => {
    const random = new Random(seed);
    return (rows, width) => map(Float64Array.from({ length: rows * width }, () => random.normal()));
  };
  const image = (set: Examples): Examples => ({
    ...set,
    inputs: { ...set.inputs, values: symmetry.inputs(rowsOf(set)), stride: undefined },
  });
  const mapped: EquivarianceData = {
    train: image(data.train),
    ...(data.validation && { validation: image(data.validation) }),
  };
  const probe = rowsOf(data.probe ?? data.train);
  const plain = trainer(
    { train: data.train, ...(data.validation && { validation: data.validation }) },
    normalsOf((v) => v),
  )(probe);
  const turned = trainer(mapped, normalsOf(symmetry.weights))(symmetry.inputs(probe));
  if (plain.length !== turned.length || plain.length === 0) {
    fail('INVALID_SHAPE', `There are ${plain.length} predictions, but ${turned.length} for transformed inputs.`);
  }
  let [difference, scale] = [0, 0];
  for (let i = 0; i < plain.length; i++) {
    if (!Number.isFinite(plain[i] + turned[i])) {
      fail('NON_FINITE', `Prediction ${i + 1} is ${plain[i]}, and ${turned[i]} for the transformed input.`);
    }
    difference = Math.max(difference, Math.abs(plain[i] - turned[i]));
    scale = Math.max(scale, Math.abs(plain[i]));
  }
  return { difference, scale, equivariant: difference <= tolerance * Math.max(1, scale) };
}

/** Contiguous inputs, whatever their stride. */
function rowsOf({ count, inputs }: Examples): Float64Array {
  const size = inputs.shape.reduce((a, b) => a * b, 1);
  const out = new Float64Array(count * size);
  for (let i = 0; i < count; i++) {
    const from = i * (inputs.stride ?? size);
    out.set(inputs.values.subarray(from, from + size), i * size);
  }
  return out;
}
