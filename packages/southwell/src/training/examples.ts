import * as ad from '@southwell/autodiff';
import type { Precision } from '@southwell/autodiff/nn';
import { fail, knownKeys, type OptionKeys, wholeNumber } from '@southwell/numerics/core';
import { areFinite } from './finite.ts';

/** One array of the data set: example i has a fixed shape and starts at i·stride. */
export interface Part {
  readonly values: Float32Array | Float64Array | Int32Array;
  /** Shape of one example; [] for a scalar. */
  readonly shape: readonly number[];
  /** Distance between examples. Default: the size of the shape; less if examples overlap, as text windows do. */
  readonly stride?: number;
}

/** Training data. */
export interface Examples {
  readonly count: number;
  readonly inputs: Part;
  /** Targets; class indices from 0 as Int32Array. */
  readonly targets: Part;
  /** Sample weights, at least 0. Default 1. */
  readonly weights?: ArrayLike<number>;
}

const partKeys: OptionKeys<Part> = { values: true, shape: true, stride: true };
const examplesKeys: OptionKeys<Examples> = { count: true, inputs: true, targets: true, weights: true };

/** Number of values of an example. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * @throws INVALID_PARAMETER for values that are not a typed array, INVALID_SHAPE, NON_FINITE with the example, from 1.
 */
export function checkPart(name: string, part: Part, count: number): void {
  knownKeys(name, part, partKeys);
  if (![Float32Array, Float64Array, Int32Array].some((kind) => part.values instanceof kind))
    fail(
      'INVALID_PARAMETER',
      `The values of ${name} must be a Float32Array, Float64Array or, for whole numbers, Int32Array.`,
    );
  const size = sizeOf(part.shape);
  const stride = part.stride ?? size;
  if (!(Number.isSafeInteger(size) && size >= 0 && Number.isSafeInteger(stride) && stride >= 0)) {
    fail(
      'INVALID_SHAPE',
      `The shape and stride of ${name} must be whole numbers, but the shape is [${part.shape}] and the stride ${stride}.`,
    );
  }
  const needed = count === 0 ? 0 : (count - 1) * stride + size;
  if (part.values.length < needed) {
    fail(
      'INVALID_SHAPE',
      `${name} has ${part.values.length} numbers, but ${count} examples of shape [${part.shape}] need ${needed}.`,
    );
  }
  if (part.values instanceof Int32Array || areFinite(part.values, needed)) return;
  const bad = part.values.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0 && bad < needed) {
    const example = Math.min(count, Math.floor(bad / Math.max(1, stride)) + 1);
    fail('NON_FINITE', `${name} has ${part.values[bad]} in example ${example}: fill it in, or leave the example out.`);
  }
}

/** @throws EMPTY, INVALID_SHAPE, INVALID_PARAMETER, NON_FINITE. */
export function checkExamples(name: string, data: Examples): void {
  knownKeys(name, data, examplesKeys);
  wholeNumber(`The count of ${name}`, data.count, 0);
  if (data.count === 0) fail('EMPTY', `${name} is empty: training needs examples.`);
  checkPart(`inputs of ${name}`, data.inputs, data.count);
  checkPart(`targets of ${name}`, data.targets, data.count);
  const { weights } = data;
  if (!weights) return;
  if (weights.length !== data.count) {
    fail('INVALID_SHAPE', `${name} has ${data.count} examples, but ${weights.length} weights.`);
  }
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i] >= 0 && Number.isFinite(weights[i])))
      fail(
        'INVALID_PARAMETER',
        `Weights must be at least 0, but that of example ${i + 1} of ${name} is ${weights[i]}.`,
      );
    total += weights[i];
  }
  if (total === 0) fail('INVALID_PARAMETER', `All weights of ${name} are 0.`);
}

/** Zeros for a batch of parts, of the type that programs need. */
export const emptyBatch = ({ values, shape }: Part, rows: number, dtype: Precision): ad.Tensor =>
  ad.full([rows, ...shape], 0, values instanceof Int32Array ? 'i32' : dtype);

/** Writes the parts of some examples contiguously. */
export function fillBatch(
  into: { set(v: ArrayLike<number>, at: number): void },
  part: Part,
  batch: ArrayLike<number>,
): void {
  const size = sizeOf(part.shape);
  const stride = part.stride ?? size;
  for (let row = 0; row < batch.length; row++) {
    const from = batch[row] * stride;
    into.set(part.values.subarray(from, from + size), row * size);
  }
}
