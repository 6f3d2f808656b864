import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { type Shape, type Tensor, tensor } from '../index.ts';

// Tensors as plain data, by the names that files of safetensors have for types of numbers. No bytes: readers and writers are in @southwell/data.

/** Numbers of a stored tensor, row by row. */
export type StoredValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** A tensor as files have it: what readers of `@southwell/data` give. `values` may be decoded as they are asked for. */
export interface StoredTensor {
  /** The type of its numbers in the file: F64, F32, F16, BF16, I32, BOOL … */
  readonly dtype: string;
  readonly shape: Shape;
  readonly values: StoredValues;
}

/** Stored tensors by names, and texts beside them. */
export interface Stored<T extends StoredTensor = StoredTensor> {
  readonly tensors: Readonly<Record<string, T>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Whether a type is one of whole numbers or truths. */
export const isWhole = (dtype: string): boolean => /^([IU]\d|BOOL)/.test(dtype);

/** Options of {@link toTensors}. */
export interface ToTensorsOptions {
  /** The kind of floating-point numbers; by default f64 for F64, else f32, which holds them all. */
  readonly dtype?: 'f32' | 'f64';
}
const toTensorsKeys: OptionKeys<ToTensorsOptions> = { dtype: true };

/**
 * Tensors of stored ones: halves and smaller ones exactly as f32, whole numbers and truths (1 and 0) as i32. O(numbers).
 * @throws INVALID_FORMAT for whole numbers that 32 bits do not hold; INVALID_SHAPE for numbers that are not of their shape.
 */
export function toTensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  options: ToTensorsOptions = {},
): Readonly<Record<string, Tensor>> {
  knownKeys('toTensors', options, toTensorsKeys);
  const one = (name: string, { dtype, shape, values }: StoredTensor): Tensor => {
    if (!isWhole(dtype)) {
      const own = values instanceof Float32Array || values instanceof Float64Array ? values : Float64Array.from(values);
      return tensor(own, { shape, dtype: options.dtype ?? (dtype === 'F64' ? 'f64' : 'f32') });
    }
    const wide = values.findIndex((v) => v !== (v | 0));
    if (wide >= 0)
      fail(
        'INVALID_FORMAT',
        `'${name}' of ${dtype} has ${values[wide]}, which does not fit into 32 bits with a sign, as tensors have.`,
      );
    return tensor(Int32Array.from(values), { shape, dtype: 'i32' });
  };
  return Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, one(name, t)]));
}

const STORED_AS = { f32: 'F32', f64: 'F64', i32: 'I32' } as const;

/** A stored tensor of one of the types that tensors have. */
export type PlainTensor = StoredTensor & { readonly dtype: 'F32' | 'F64' | 'I32' };

/** Tensors as they are stored; what {@link toTensors} makes tensors of. Numbers are not copied. O(tensors). */
export const storedTensors = (tensors: Readonly<Record<string, Tensor>>): Readonly<Record<string, PlainTensor>> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, t]) => [name, { dtype: STORED_AS[t.dtype], shape: t.shape, values: t.data() }]),
  );
