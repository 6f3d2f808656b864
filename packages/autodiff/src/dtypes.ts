import { bitsOfHalf, numberOfHalf } from '@southwell/kernels/networks';

/** Data types of two bytes, which are stored and moved; all arithmetic on them is in f32. */
export type HalfDType = 'f16' | 'bf16';

/**
 * Data types: single and double precision; 32-bit integers for indices, which have no derivatives; half precision (IEEE
 * 754 binary16) and bfloat16, for storage.
 */
export type DType = 'f32' | 'f64' | 'i32' | HalfDType;

/** The typed array of numbers of a dtype; those of two bytes are read as a Float32Array. */
export type Values = Float32Array | Float64Array | Int32Array;

/** Numbers as they are stored: those of two bytes as their bits. */
export type StoredNumbers = Values | Uint16Array;

export const BYTES: Readonly<Record<DType, number>> = { f32: 4, f64: 8, i32: 4, f16: 2, bf16: 2 };

/** All dtypes, for checks of those given. */
export const DTYPES = Object.keys(BYTES) as readonly DType[];

export const isHalf = (dtype: DType): dtype is HalfDType => dtype === 'f16' || dtype === 'bf16';

/** The dtype in which numbers of a dtype are computed. */
export const computed = (dtype: DType): Exclude<DType, HalfDType> => (isHalf(dtype) ? 'f32' : dtype);

/** An array of zeros, in which numbers of a dtype are written; those of two bytes in single precision. */
export function zeros(dtype: DType, length: number): Values {
  if (dtype === 'f64') return new Float64Array(length);
  return dtype === 'i32' ? new Int32Array(length) : new Float32Array(length);
}

/** An array of zeros, in which numbers of a dtype are stored. */
export const roomFor = (dtype: DType, length: number): StoredNumbers =>
  isHalf(dtype) ? new Uint16Array(length) : zeros(dtype, length);

/** Numbers as a dtype stores them: for two bytes the bits of the nearest ones, unless they are bits already. */
export function stored(values: StoredNumbers, dtype: DType): StoredNumbers {
  if (!isHalf(dtype) || values instanceof Uint16Array) return values;
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = bitsOfHalf(values[i], dtype === 'bf16');
  return out;
}

/** The inverse of {@link stored}; numbers of more than two bytes are not copied. */
export function numbersOf(values: StoredNumbers, dtype: DType): Values {
  if (!(values instanceof Uint16Array)) return values;
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = numberOfHalf(values[i], dtype === 'bf16');
  return out;
}

/** What to say of finite numbers that became infinite when they were rounded; undefined if there are none. */
export function overflow(before: ArrayLike<number>, after: ArrayLike<number>, dtype: DType): string | undefined {
  let [count, first] = [0, -1];
  for (let i = 0; i < after.length; i++) {
    if (Number.isFinite(after[i]) || !Number.isFinite(before[i])) continue;
    if (count++ === 0) first = i;
  }
  if (count === 0) return undefined;
  const which = `${before[first]} at position ${first + 1}`;
  return count === 1
    ? `${which} is beyond the largest number of ${dtype}`
    : `${count} of ${after.length} numbers, the first ${which}, are beyond the largest of ${dtype}`;
}
