import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkOptions,
  countOption,
  fail,
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

/** A map of inputs under which a model may stay the same, and what it makes of weights and of whatever is drawn like them. */
export interface Symmetry {
  /** Of rows of inputs. */
  readonly inputs: (values: Float64Array) => Float64Array;
  /** Of rows of weights: f with these on mapped inputs is f with the former ones on the former. */
  readonly weights: (values: Float64Array) => Float64Array;
}

/**
 * A random symmetry of a {@link patchNet}: for 'fcn' a rotation (or reflection) of the whole input; for 'lcn' one of each patch, and patches in another
 * order; for 'cnn' the same one of all patches, and another order. Rotations are uniform. O(width³) once, O(width) a number after.
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
      fail('INVALID_SHAPE', `The symmetry is of rows of ${width} numbers, but there are ${values.length} in all.`);
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
  /** Patch `order[p]` of the former input comes to place p, turned by its own rotation. */
  const ordered = (values: Float64Array) =>
    rotated(values, (block) => {
      const p = block % parts;
      return { from: block - p + order[p], Q: rotations[rotations.length === 1 ? 0 : order[p]] };
    });
  return {
    inputs: ordered,
    // Rows of 'lcn' go with their patches; the one of 'cnn' and those of 'fcn' are no patches.
    weights: arch === 'lcn' ? ordered : (values) => rotated(values, (block) => ({ from: block, Q: rotations[0] })),
  };
}

/** An orthogonal matrix, uniform: Q of a normal matrix, its columns' signs by coins. */
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

/** What a model is trained on, and looked at. */
export interface EquivarianceData {
  readonly train: Examples;
  readonly validation?: Examples;
  /** Where predictions are compared. Default the training examples. */
  readonly probe?: Examples;
}
const dataKeys: OptionKeys<EquivarianceData> = { train: true, validation: true, probe: true };

/**
 * Trains on examples, with all that it draws taken from `normals`, rows at a time that turn as weights do, and gives what predicts rows of
 * inputs.
 */
export type EquivariantTrainer = (
  data: EquivarianceData,
  normals: Normals,
) => (inputs: Float64Array) => ArrayLike<number>;

const equivarianceRecords = {
  /** Tolerance relative to the largest prediction, or to 1 if that is smaller. Default 1e-8. */
  tolerance: numberOption({ min: 0 }),
  /** Default 0. */
  seed: countOption({ min: 0 }),
};

export interface EquivarianceOptions extends OptionsOf<typeof equivarianceRecords> {}

export interface Equivariance {
  /** The largest difference of predictions. */
  readonly difference: number;
  /** The largest prediction, in size. */
  readonly scale: number;
  /** Whether the difference is within the tolerance. */
  readonly equivariant: boolean;
}

/**
 * Whether training turns along with its inputs: trains once on the examples and once on their image under a symmetry, with what is drawn
 * mapped too, and compares predictions at each input and its image. Normal numbers are as likely as their image, so a trainer that
 * passes learns as well from turned inputs. Weights that start from anything else, or coordinates that are treated apart, fail.
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
    fail('INVALID_SHAPE', `Predictions are ${plain.length} in number, and ${turned.length} of mapped inputs.`);
  }
  let [difference, scale] = [0, 0];
  for (let i = 0; i < plain.length; i++) {
    if (!Number.isFinite(plain[i] + turned[i])) {
      fail('NON_FINITE', `Prediction ${i + 1} is ${plain[i]}, and ${turned[i]} of the mapped input.`);
    }
    difference = Math.max(difference, Math.abs(plain[i] - turned[i]));
    scale = Math.max(scale, Math.abs(plain[i]));
  }
  return { difference, scale, equivariant: difference <= tolerance * Math.max(1, scale) };
}

/** Inputs one after another, whatever their stride. */
function rowsOf({ count, inputs }: Examples): Float64Array {
  const size = inputs.shape.reduce((a, b) => a * b, 1);
  const out = new Float64Array(count * size);
  for (let i = 0; i < count; i++) {
    const from = i * (inputs.stride ?? size);
    out.set(inputs.values.subarray(from, from + size), i * size);
  }
  return out;
}
