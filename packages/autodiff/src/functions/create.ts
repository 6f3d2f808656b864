import { fail, knownKeys } from '@southwell/numerics/core';
import { DTYPES, isHalf, overflow } from '../dtypes.ts';
import { described, isTensor, needDtype, needShape, refuse } from '../given.ts';
import { atLine } from '../line.ts';
import { constant } from '../ops/constants.ts';
import { broadcastTo } from '../ops/views.ts';
import { type Shape, show, sizeOf } from '../shapes.ts';
import {
  type DType,
  type NestedNumbers,
  owning,
  type Tensor,
  type TensorOptions,
  type Values,
  zeros,
} from '../tensor.ts';

const kindOf = (values: Values): DType =>
  values instanceof Float32Array ? 'f32' : values instanceof Float64Array ? 'f64' : 'i32';

/**
 * Creates a tensor by copying a number, nested lists or a typed array, whose dtype it keeps (lists are f64 unless
 * `dtype` says otherwise).
 * @throws INVALID_SHAPE for ragged lists, or a shape with another number of elements; INVALID_PARAMETER for finite
 * numbers beyond the largest of a dtype of two bytes (65504 for f16).
 */
export function tensor(values: NestedNumbers | Values, options: TensorOptions = {}): Tensor {
  knownKeys('tensor', options, { dtype: true, shape: true });
  if (isTensor(values)) refuse('tensor', 'values is a tensor already; cast(x, dtype) converts it.');
  const typed = ArrayBuffer.isView(values);
  const found: number[] = [];
  const numbers: ArrayLike<number> = typed ? (values as Values) : found;
  const natural = typed ? [(values as Values).length] : boxOf(values as NestedNumbers, found);
  const { dtype = typed ? kindOf(values as Values) : 'f64', shape = natural } = options;
  needShape('tensor', shape);
  needDtype('tensor', dtype, DTYPES);
  if (sizeOf(shape) !== numbers.length || !shape.every((n) => Number.isInteger(n) && n >= 0)) {
    fail('INVALID_SHAPE', `tensor${atLine()}: ${numbers.length} numbers do not fill ${show(shape)}.`);
  }
  const out = zeros(dtype, numbers.length);
  out.set(numbers);
  const made = owning(out, dtype, [...shape]);
  const beyond = isHalf(dtype) ? overflow(numbers, made.data(), dtype) : undefined;
  if (beyond) refuse('tensor', `${beyond}; cast(x, '${dtype}') makes such numbers infinite.`);
  return made;
}

/** The shape of nested lists, whose numbers are appended to `out`. */
function boxOf(values: NestedNumbers, out: number[]): number[] {
  if (typeof values === 'number') {
    out.push(values);
    return [];
  }
  if (!Array.isArray(values))
    refuse('tensor', `it takes numbers, lists of them or a typed array, not ${described(values)}.`);
  const inner = values.map((part) => boxOf(part, out));
  for (const other of inner) {
    if (other.length !== inner[0].length || other.some((n, d) => n !== inner[0][d])) {
      fail(
        'INVALID_SHAPE',
        `tensor${atLine()}: lists in a list must be of the same shape, not ${show(inner[0])} and ${show(other)}.`,
      );
    }
  }
  return [values.length, ...(inner[0] ?? [])];
}

/** A tensor filled with one value, stored once. */
export function full(shape: Shape, value: number, dtype: DType = 'f64'): Tensor {
  needShape('full', shape);
  if (typeof value !== 'number') refuse('full', `value must be a number, not ${described(value)}.`);
  needDtype('full', dtype, DTYPES);
  return broadcastTo(constant(value, dtype), shape);
}

/** n numbers from, from + 1, …; `dtype` i32 for indices. */
export function range(n: number, dtype: DType = 'f64', from = 0): Tensor {
  if (!Number.isSafeInteger(n) || n < 0)
    refuse('range', `n must be a whole number of at least 0, not ${described(n)}.`);
  needDtype('range', dtype, DTYPES);
  if (typeof from !== 'number' || Number.isNaN(from)) refuse('range', `from must be a number, not ${described(from)}.`);
  return owning(zeros(dtype, n).map((_: number, i: number) => from + i) as Values, dtype, [n]);
}
