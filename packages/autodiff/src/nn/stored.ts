import { fail, knownKeys, type NumericArray, type OptionKeys } from '@southwell/numerics/core';
import { cast, type HalfDType, type Shape, type Tensor, tensor, tensorOver, withLine } from '../index.ts';
import { needObject, needTensors } from './given.ts';
import type { WeightDType } from './layer.ts';

// Tensors as plain data with the dtype names of safetensors. Serialisation is in @southwell/data.

/** Values of a stored tensor in row-major order. */
export type StoredValues = NumericArray;

/** A tensor as the readers of `@southwell/data` return it. `values` may be decoded lazily. */
export interface StoredTensor {
  /** dtype in the file: F64, F32, F16, BF16, I32, BOOL … */
  readonly dtype: string;
  readonly shape: Shape;
  readonly values: StoredValues;
  /** The bytes of the file, if they are at hand; those of F16 and BF16 need not be decoded. */
  readonly bytes?: Uint8Array;
}

/** Named stored tensors with string metadata. */
export interface Stored<T extends StoredTensor = StoredTensor> {
  readonly tensors: Readonly<Record<string, T>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Whether a dtype is integer or boolean. */
export const isWhole = (dtype: string): boolean => /^([IU]\d|BOOL)/.test(dtype);

/** Options of {@link toTensors}. */
export interface ToTensorsOptions {
  /**
   * Floating-point dtype. Default: f64 for F64, otherwise f32, which is exact. With f16 and bf16 numbers take two bytes:
   * those of such a file are kept as they are, others are rounded.
   */
  readonly dtype?: WeightDType;
}
const toTensorsKeys: OptionKeys<ToTensorsOptions> = { dtype: true };

/**
 * Converts stored tensors: F16, BF16 and smaller exactly to f32, integers and booleans (1 and 0) to i32. O(size).
 * @throws INVALID_FORMAT for integers outside the i32 range, and numbers beyond the largest of a dtype of two bytes, with
 * their tensor and how many there are; INVALID_SHAPE if the number of values does not match the shape.
 */
export const toTensors = withLine(
  (
    tensors: Readonly<Record<string, StoredTensor>>,
    options: ToTensorsOptions = {},
  ): Readonly<Record<string, Tensor>> => {
    knownKeys('toTensors', options, toTensorsKeys);
    needObject('toTensors', 'an object of stored tensors', tensors);
    const one = (name: string, stored: StoredTensor): Tensor => {
      const { dtype, shape } = stored ?? {};
      const half = options.dtype === 'f16' || options.dtype === 'bf16' ? options.dtype : undefined;
      const kept = half && bitsOf(stored, half);
      if (kept) return tensorOver(kept, shape, half);
      const { values } = stored ?? {};
      if (typeof dtype !== 'string' || !Array.isArray(shape) || values === undefined)
        fail(
          'INVALID_PARAMETER',
          `toTensors: '${name}' must have a dtype, a shape and values, as readers of files return them.`,
        );
      if (!isWhole(dtype)) {
        const own =
          values instanceof Float32Array || values instanceof Float64Array ? values : Float64Array.from(values);
        if (!half) return tensor(own, { shape, dtype: options.dtype ?? (dtype === 'F64' ? 'f64' : 'f32') });
        const rounded = cast(tensor(own, { shape }), half);
        const lost = finite(own) - finite(rounded.data());
        if (lost > 0)
          fail(
            'INVALID_FORMAT',
            `'${name}' of ${dtype} has ${lost === 1 ? 'a number' : `${lost} numbers`} beyond the largest of ${half}: read it as ${half === 'f16' ? "'bf16' or " : ''}'f32'.`,
          );
        return rounded;
      }
      const wide = values.findIndex((v) => v !== (v | 0));
      if (wide >= 0)
        fail('INVALID_FORMAT', `'${name}' of ${dtype} has ${values[wide]}, which is outside the range of i32.`);
      return tensor(Int32Array.from(values), { shape, dtype: 'i32' });
    };
    return Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, one(name, t)]));
  },
);

/** How many numbers are finite. */
function finite(values: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) count++;
  return count;
}

/** The bits of a tensor that a file has in this dtype of two bytes; undefined for others. A copy. */
function bitsOf(stored: StoredTensor | undefined, dtype: HalfDType): Uint16Array | undefined {
  if (stored?.dtype !== STORED_AS[dtype] || !stored.bytes) return undefined;
  const { bytes } = stored;
  const out = new Uint16Array(bytes.length >> 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < out.length; i++) out[i] = view.getUint16(2 * i, true);
  return out;
}

const STORED_AS = { f32: 'F32', f64: 'F64', i32: 'I32', f16: 'F16', bf16: 'BF16' } as const;

/** A stored tensor with a dtype that tensors support. */
export type PlainTensor = StoredTensor & { readonly dtype: 'F32' | 'F64' | 'I32' | 'F16' | 'BF16' };

/** Inverse of {@link toTensors}. Data is not copied. O(tensors). */
export const storedTensors = withLine(
  (tensors: Readonly<Record<string, Tensor>>): Readonly<Record<string, PlainTensor>> => {
    needObject('storedTensors', 'an object of tensors', tensors);
    needTensors('storedTensors', tensors);
    return Object.fromEntries(
      Object.entries(tensors).map(([name, t]) => [
        name,
        { dtype: STORED_AS[t.dtype], shape: t.shape, values: t.data() },
      ]),
    );
  },
);
