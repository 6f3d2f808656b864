import { fail } from '@southwell/numerics/core';

/** Sizes of the modes of a tensor, whose product is the number of values. */
export type Shape = readonly number[];

export const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** Distances between values whose index differs by one; 1 for the last mode. */
export const stridesOf = (shape: Shape): number[] => shape.map((_, k) => sizeOf(shape.slice(k + 1)));

export const shapeText = (shape: Shape): string => shape.join(' × ');

/** @throws INVALID_SHAPE, EMPTY. */
export function checkShape(shape: Shape): void {
  if (shape.length === 0) fail('INVALID_SHAPE', 'A tensor has at least one mode.');
  shape.forEach((n, k) => {
    if (!Number.isInteger(n) || n < 0) {
      fail('INVALID_SHAPE', `The size of mode ${k + 1} must be a whole number, but is ${n}.`);
    }
  });
  if (shape.includes(0)) fail('EMPTY', `A tensor of ${shapeText(shape)} has no values.`);
}

/** @throws INVALID_PARAMETER if the mode does not exist; modes count from 0. */
export function checkMode(shape: Shape, mode: number): void {
  if (!Number.isInteger(mode) || mode < 0 || mode >= shape.length) {
    fail('INVALID_PARAMETER', `mode must be a whole number from 0 to ${shape.length - 1}, but is ${mode}.`);
  }
}

/**
 * A dense tensor with any number of modes, in row-major order: the last index varies fastest, as in NumPy. `data` is
 * the given array, not a copy. NaN is a missing value, for methods that support them.
 */
export class Tensor {
  readonly kind = 'dense';
  readonly shape: Shape;
  readonly strides: readonly number[];

  /** @throws INVALID_SHAPE, EMPTY. */
  constructor(
    shape: Shape,
    readonly data: Float64Array,
  ) {
    checkShape(shape);
    this.shape = [...shape];
    if (sizeOf(shape) !== data.length) {
      fail('INVALID_SHAPE', `${shapeText(shape)} needs ${sizeOf(shape)} values, but ${data.length} were given.`);
    }
    this.strides = stridesOf(shape);
  }

  /** @throws INVALID_SHAPE, EMPTY. */
  static zeros(shape: Shape): Tensor {
    checkShape(shape);
    return new Tensor(shape, new Float64Array(sizeOf(shape)));
  }

  /**
   * Copies values of any list, in row-major order.
   * @throws INVALID_SHAPE, EMPTY.
   */
  static from(shape: Shape, values: ArrayLike<number>): Tensor {
    return new Tensor(shape, Float64Array.from(values));
  }

  /** A tensor from a function of the indices. @throws INVALID_SHAPE, EMPTY. */
  static fromFunction(shape: Shape, value: (indices: readonly number[]) => number): Tensor {
    const out = Tensor.zeros(shape);
    const at = shape.map(() => 0);
    for (let e = 0; e < out.data.length; e++) {
      out.data[e] = value(at);
      advance(at, shape);
    }
    return out;
  }

  get order(): number {
    return this.shape.length;
  }

  /** @throws INVALID_PARAMETER for indices outside of the shape. */
  at(indices: readonly number[]): number {
    checkIndices(this.shape, indices);
    return this.data[indices.reduce((sum, i, k) => sum + i * this.strides[k], 0)];
  }
}

/** Advances indices in row-major order; after the last come the first. */
export function advance(at: number[], shape: Shape): void {
  for (let k = shape.length - 1; k >= 0; k--) {
    if (++at[k] < shape[k]) return;
    at[k] = 0;
  }
}

/** @throws INVALID_PARAMETER. */
export function checkIndices(shape: Shape, indices: readonly number[]): void {
  if (indices.length !== shape.length) {
    fail(
      'INVALID_PARAMETER',
      `A tensor of ${shape.length} modes needs ${shape.length} indices, not ${indices.length}.`,
    );
  }
  indices.forEach((i, k) => {
    if (!Number.isInteger(i) || i < 0 || i >= shape[k]) {
      fail('INVALID_PARAMETER', `Index ${i} of mode ${k + 1} must be a whole number from 0 to ${shape[k] - 1}.`);
    }
  });
}

/** Sizes before, of and after a mode: a row-major tensor is a stack of `before` matrices of `size` × `after`. */
export interface Stack {
  readonly before: number;
  readonly size: number;
  readonly after: number;
}

export const stackOf = (shape: Shape, mode: number): Stack => ({
  before: sizeOf(shape.slice(0, mode)),
  size: shape[mode],
  after: sizeOf(shape.slice(mode + 1)),
});

/** @throws NON_FINITE if a value is not finite; NaN is allowed with `missing`. */
export function checkValues({ data, shape }: Tensor, missing: boolean): void {
  // A product with zero is NaN for what is not finite: one sum instead of a test of every value.
  let probe = 0;
  for (let e = 0; e < data.length; e++) probe += 0 * data[e];
  if (probe === 0) return;
  for (let e = 0; e < data.length; e++) {
    if (Number.isFinite(data[e]) || (missing && Number.isNaN(data[e]))) continue;
    const at = stridesOf(shape).map((stride, k) => (Math.floor(e / stride) % shape[k]) + 1);
    const advice = Number.isNaN(data[e])
      ? 'a missing value, which needs a method with the option missing'
      : 'correct it';
    fail('NON_FINITE', `The tensor has ${data[e]} at (${at.join(', ')}), counted from 1: ${advice}.`);
  }
}

/** Sums of squares outside of this range may have overflowed or underflowed. */
const inRange = (squares: number): boolean => squares > 1e-280 && squares < 1e280;

/** Euclidean norm without missing values; squares neither overflow nor underflow. */
export function normOf(data: ArrayLike<number>): number {
  let sum = 0;
  for (let e = 0; e < data.length; e++) sum += data[e] * data[e];
  if (Number.isNaN(sum)) {
    sum = 0;
    for (let e = 0; e < data.length; e++) if (!Number.isNaN(data[e])) sum += data[e] * data[e];
  }
  if (inRange(sum)) return Math.sqrt(sum);
  let most = 0;
  for (let e = 0; e < data.length; e++) most = Math.max(most, Math.abs(data[e]) || 0);
  if (most === 0 || most === Number.POSITIVE_INFINITY) return most;
  sum = 0;
  for (let e = 0; e < data.length; e++) if (!Number.isNaN(data[e])) sum += (data[e] / most) ** 2;
  return most * Math.sqrt(sum);
}

/** The norm of the difference of two arrays, as {@link normOf}. */
export function distanceOf(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let e = 0; e < a.length; e++) {
    const d = a[e] - b[e];
    sum += d * d;
  }
  return inRange(sum) ? Math.sqrt(sum) : normOf(a.map((v, e) => v - b[e]));
}

/**
 * The norm of values that are checked as by {@link checkValues}, in one pass where their sum of squares is within range,
 * and they are thus finite.
 * @throws NON_FINITE.
 */
export function checkedNorm(tensor: Tensor, missing: boolean): number {
  const { data } = tensor;
  let sum = 0;
  for (let e = 0; e < data.length; e++) sum += data[e] * data[e];
  if (inRange(sum)) return Math.sqrt(sum);
  checkValues(tensor, missing);
  return normOf(data);
}

/** Divisor of the values that keeps their squares within the range of doubles: 1 if they are. */
export const unitOf = (norm: number): number => (norm === 0 || (norm > 1e-100 && norm < 1e100) ? 1 : norm);
