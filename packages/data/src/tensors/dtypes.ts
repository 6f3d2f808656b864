import { fail, type NumericArray } from '@southwell/numerics/core';

/**
 * Bits per number of each data type, by the names of the format, in the reverse of the order in which its reference
 * writer stores them.
 */
export const BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;

/** The name of a data type in safetensors files. */
export type TensorDType = keyof typeof BITS;

/** The numbers of a tensor in row-major order. */
export type TensorValues = NumericArray;

/** Whether a data type is floating-point and can be read as numbers. */
export const isFloat = (dtype: TensorDType): boolean => /^(B?F16|F32|F64|F8_)/.test(dtype);

/** Number of bytes that numbers take; undefined if it is not a whole number or too large. */
export function bytesFor(dtype: TensorDType, numbers: number): number | undefined {
  const bytes = (numbers * BITS[dtype]) / 8;
  return Number.isSafeInteger(numbers * 8) && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Types that have a JavaScript typed array. */
const AS_THEY_LIE = {
  U8: Uint8Array,
  I8: Int8Array,
  I16: Int16Array,
  U16: Uint16Array,
  I32: Int32Array,
  U32: Uint32Array,
  F32: Float32Array,
  F64: Float64Array,
} as const;
const liesAs = (dtype: TensorDType) => AS_THEY_LIE[dtype as keyof typeof AS_THEY_LIE] as (typeof AS_THEY_LIE)['F32'];
const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Bytes in an aligned buffer of their own, in native byte order; not copied if they are that already. */
function aligned(bytes: Uint8Array, size: number): ArrayBuffer {
  if (littleEndian && bytes.byteLength === bytes.buffer.byteLength) return bytes.buffer as ArrayBuffer;
  const own = new Uint8Array(bytes);
  if (!littleEndian) for (let at = 0; at < own.length; at += size) own.subarray(at, at + size).reverse();
  return own.buffer;
}

/** A number with `exponent` and `mantissa` bits as in IEEE 754; without infinities if `finite` (E4M3). */
function small(bits: number, exponent: number, mantissa: number, finite: boolean): number {
  const sign = bits >> (exponent + mantissa) ? -1 : 1;
  const top = (1 << exponent) - 1;
  const e = (bits >> mantissa) & top;
  const m = bits & ((1 << mantissa) - 1);
  const bias = top >> 1;
  if (finite && e === top && m === (1 << mantissa) - 1) return Number.NaN;
  if (!finite && e === top) return m === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return e === 0 ? sign * m * 2 ** (1 - bias - mantissa) : sign * (1 + m / 2 ** mantissa) * 2 ** (e - bias);
}

/** The FNUZ types (arXiv:2206.02915): a bias larger by one, no infinities, and NaN in the place of −0. */
function unsignedZero(bits: number, exponent: number, mantissa: number): number {
  if (bits === 0x80) return Number.NaN;
  const sign = bits >> 7 ? -1 : 1;
  const e = (bits >> mantissa) & ((1 << exponent) - 1);
  const m = bits & ((1 << mantissa) - 1);
  const bias = 1 << (exponent - 1);
  return e === 0 ? sign * m * 2 ** (1 - bias - mantissa) : sign * (1 + m / 2 ** mantissa) * 2 ** (e - bias);
}

/** The number that each bit pattern represents. */
const PATTERNS: Partial<Record<TensorDType, (bits: number) => number>> = {
  BOOL: (bits) => (bits === 0 ? 0 : 1),
  F8_E5M2: (bits) => small(bits, 5, 2, false),
  F8_E4M3: (bits) => small(bits, 4, 3, true),
  // A power of two: block scales of the microscaling formats.
  F8_E8M0: (bits) => (bits === 255 ? Number.NaN : 2 ** (bits - 127)),
  F8_E4M3FNUZ: (bits) => unsignedZero(bits, 4, 3),
  F8_E5M2FNUZ: (bits) => unsignedZero(bits, 5, 2),
  F16: (bits) => small(bits, 5, 10, false),
};
const tables = new Map<TensorDType, Float32Array>();

/** The numbers of all bit patterns of a type, cached. */
function tableOf(dtype: TensorDType, pattern: (bits: number) => number): Float32Array {
  let table = tables.get(dtype);
  if (!table) {
    table = Float32Array.from({ length: 2 ** BITS[dtype] }, (_, bits) => pattern(bits));
    tables.set(dtype, table);
  }
  return table;
}

/**
 * Decodes the bytes of a type: integers of up to 32 bits to typed arrays of their kind, booleans to 1 and 0,
 * floating-point numbers of up to 32 bits to single precision, which represents them exactly, all others to double
 * precision. If the bytes are a whole buffer, it may be shared. O(bytes).
 * @throws INVALID_FORMAT, naming the tensor, for 64-bit integers beyond 2⁵³, complex numbers, and types of fewer than 8
 * bits.
 */
export function valuesOf(dtype: TensorDType, bytes: Uint8Array, name = 'A tensor'): TensorValues {
  const array = liesAs(dtype);
  if (array) return new array(aligned(bytes, BITS[dtype] / 8));
  if (dtype === 'I64' || dtype === 'U64') return fromWide(dtype, bytes, name);
  const codes: Uint8Array | Uint16Array = BITS[dtype] === 16 ? new Uint16Array(aligned(bytes, 2)) : bytes;
  if (dtype === 'BF16') {
    // bfloat16 is the upper half of single precision.
    const out = new Uint32Array(codes.length);
    for (let i = 0; i < out.length; i++) out[i] = codes[i] << 16;
    return new Float32Array(out.buffer);
  }
  const pattern = PATTERNS[dtype];
  if (!pattern) {
    const why = dtype === 'C64' ? 'complex numbers' : 'numbers of fewer than 8 bits';
    fail(
      'INVALID_FORMAT',
      `${name} of ${dtype} has ${why}, which cannot be converted to numbers; its bytes can be read.`,
    );
  }
  const table = tableOf(dtype, pattern);
  const out = dtype === 'BOOL' ? new Uint8Array(codes.length) : new Float32Array(codes.length);
  for (let i = 0; i < out.length; i++) out[i] = table[codes[i]];
  return out;
}

function fromWide(dtype: 'I64' | 'U64', bytes: Uint8Array, name: string): Float64Array {
  const memory = aligned(bytes, 8);
  const wide = dtype === 'I64' ? new BigInt64Array(memory) : new BigUint64Array(memory);
  const out = new Float64Array(wide.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = Number(wide[i]);
    if (!Number.isSafeInteger(out[i]))
      fail(
        'INVALID_FORMAT',
        `${name} of ${dtype} has ${wide[i]}, which is beyond 2^53 and not exact as a number; its bytes can be read.`,
      );
  }
  return out;
}

/** Rounds to the nearest half-precision number, ties to even; infinite beyond 65504. */
function toHalf(x: number): number {
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const a = Math.abs(x);
  if (Number.isNaN(x)) return 0x7e00;
  if (a >= 65520) return sign | 0x7c00;
  // The spacing is 2^(e − 10), constant below 2^−14.
  const e = Math.max(-14, Math.floor(Math.log2(a || 1e-10)));
  const exact = a < 2 ** e && e > -14 ? e - 1 : a >= 2 ** (e + 1) ? e + 1 : e;
  const steps = a / 2 ** (exact - 10);
  const below = Math.floor(steps);
  const over = steps - below;
  const n = below + (over > 0.5 || (over === 0.5 && below % 2 === 1) ? 1 : 0);
  // Mantissa and exponent are adjacent, so that a carry increases the exponent.
  return sign | (n < 1024 ? n : ((exact + 15) << 10) + (n - 1024));
}

const word = new DataView(new ArrayBuffer(4));

/** Rounds single precision to its upper half (bfloat16), ties to even. */
function toBrain(x: number): number {
  if (Number.isNaN(x)) return 0x7fc0;
  word.setFloat32(0, x);
  const bits = word.getUint32(0);
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

const LIMITS: Partial<Record<TensorDType, readonly [number, number]>> = {
  BOOL: [0, 1],
  U8: [0, 255],
  I8: [-128, 127],
  I16: [-32768, 32767],
  U16: [0, 65535],
  I32: [-(2 ** 31), 2 ** 31 - 1],
  U32: [0, 2 ** 32 - 1],
  I64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  U64: [0, Number.MAX_SAFE_INTEGER],
};

type Write = (view: DataView, at: number, x: number) => void;
const WRITERS: Partial<Record<TensorDType, Write>> = {
  BOOL: (view, at, x) => view.setUint8(at, x),
  U8: (view, at, x) => view.setUint8(at, x),
  I8: (view, at, x) => view.setInt8(at, x),
  I16: (view, at, x) => view.setInt16(at, x, true),
  U16: (view, at, x) => view.setUint16(at, x, true),
  F16: (view, at, x) => view.setUint16(at, toHalf(x), true),
  BF16: (view, at, x) => view.setUint16(at, toBrain(x), true),
  I32: (view, at, x) => view.setInt32(at, x, true),
  U32: (view, at, x) => view.setUint32(at, x, true),
  F32: (view, at, x) => view.setFloat32(at, x, true),
  F64: (view, at, x) => view.setFloat64(at, x, true),
  I64: (view, at, x) => view.setBigInt64(at, BigInt(x), true),
  U64: (view, at, x) => view.setBigUint64(at, BigInt(x), true),
};

/**
 * Encodes numbers as bytes of a type, rounded to the nearest, ties to even. Not copied if they have this representation
 * already. O(numbers).
 * @throws INVALID_PARAMETER for types that can only be read, and for numbers outside the range of an integer type.
 */
export function bytesOf(dtype: TensorDType, values: ArrayLike<number>): Uint8Array {
  const array = liesAs(dtype);
  if (littleEndian && array && values instanceof array)
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const one = WRITERS[dtype];
  if (!one)
    fail(
      'INVALID_PARAMETER',
      `Numbers cannot be written as ${dtype}; supported are ${Object.keys(WRITERS).join(', ')}.`,
    );
  const size = BITS[dtype] / 8;
  const out = new Uint8Array(values.length * size);
  const view = new DataView(out.buffer);
  const limit = LIMITS[dtype];
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    if (limit && !(Number.isInteger(x) && x >= limit[0] && x <= limit[1]))
      fail(
        'INVALID_PARAMETER',
        `${x}, number ${i + 1}, cannot be written as ${dtype}, which holds whole numbers from ${limit[0]} to ${limit[1]}.`,
      );
    one(view, i * size, x);
  }
  return out;
}
