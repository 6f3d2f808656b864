import { fail } from '@southwell/numerics/core';

/** Kinds of numbers in files, by the names of the format. */
export const KINDS = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

/** The name of a kind. */
export type Kind = keyof typeof KINDS;

/** Whether numbers are whole. */
export const whole = (kind: Kind): boolean => /^([IU]|BOOL)/.test(kind);

/** A number of `exponent` and `mantissa` bits as IEEE 754 has them, without infinities where `finite` (E4M3). */
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

const word = new DataView(new ArrayBuffer(4));

/** Single precision of which the upper half is there. */
function fromBrain(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

/** Kinds whose numbers engines have as they lie in files, on machines of the same order of bytes: all that JavaScript is met on. */
const AS_THEY_LIE = { F32: Float32Array, F64: Float64Array, I32: Int32Array } as const;
const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const direct = (kind: Kind) => (littleEndian && kind in AS_THEY_LIE ? AS_THEY_LIE[kind as 'F32'] : undefined);

/** The numbers of bytes of a kind, in an array of its own or in double precision; 64-bit ones beyond 2⁵³ lose digits. O(bytes). */
export function numbersOf(kind: Kind, bytes: Uint8Array): Float32Array | Float64Array | Int32Array {
  const whole = direct(kind);
  if (whole) return new whole(new Uint8Array(bytes).buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = KINDS[kind];
  const read: Readonly<Record<Kind, (at: number) => number>> = {
    BOOL: (at) => (view.getUint8(at) === 0 ? 0 : 1),
    U8: (at) => view.getUint8(at),
    I8: (at) => view.getInt8(at),
    F8_E5M2: (at) => small(view.getUint8(at), 5, 2, false),
    F8_E4M3: (at) => small(view.getUint8(at), 4, 3, true),
    I16: (at) => view.getInt16(at, true),
    U16: (at) => view.getUint16(at, true),
    F16: (at) => small(view.getUint16(at, true), 5, 10, false),
    BF16: (at) => fromBrain(view.getUint16(at, true)),
    I32: (at) => view.getInt32(at, true),
    U32: (at) => view.getUint32(at, true),
    F32: (at) => view.getFloat32(at, true),
    F64: (at) => view.getFloat64(at, true),
    I64: (at) => Number(view.getBigInt64(at, true)),
    U64: (at) => Number(view.getBigUint64(at, true)),
  };
  const one = read[kind];
  return Float64Array.from({ length: bytes.byteLength / size }, (_, i) => one(i * size));
}

/** The nearest half, ties to even; beyond 65504 infinite. */
function toHalf(x: number): number {
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const a = Math.abs(x);
  if (Number.isNaN(x)) return 0x7e00;
  if (a >= 65520) return sign | 0x7c00;
  // A step is 2^(e − 10); below 2^−14 it stays.
  const e = Math.max(-14, Math.floor(Math.log2(a || 1e-10)));
  const exact = a < 2 ** e && e > -14 ? e - 1 : a >= 2 ** (e + 1) ? e + 1 : e;
  const steps = a / 2 ** (exact - 10);
  const below = Math.floor(steps);
  const over = steps - below;
  const n = below + (over > 0.5 || (over === 0.5 && below % 2 === 1) ? 1 : 0);
  // Mantissa and exponent follow one another, so that a carry raises the exponent.
  return sign | (n < 1024 ? n : ((exact + 15) << 10) + (n - 1024));
}

/** Single precision rounded to its upper half, ties to even. */
function toBrain(x: number): number {
  if (Number.isNaN(x)) return 0x7fc0;
  word.setFloat32(0, x);
  const bits = word.getUint32(0);
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/**
 * Numbers as bytes of a kind, rounded to the nearest, ties to even. O(numbers).
 * @throws INVALID_PARAMETER for kinds that are read only, and numbers that whole ones do not hold.
 */
export function bytesOf(kind: Kind, values: ArrayLike<number>): Uint8Array {
  const size = KINDS[kind];
  const own = direct(kind);
  if (own && values instanceof own) return new Uint8Array(values.slice().buffer);
  const out = new Uint8Array(values.length * size);
  const view = new DataView(out.buffer);
  const limits: Partial<Record<Kind, readonly [number, number]>> = {
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
  const write: Partial<Record<Kind, (at: number, x: number) => void>> = {
    BOOL: (at, x) => view.setUint8(at, x),
    U8: (at, x) => view.setUint8(at, x),
    I8: (at, x) => view.setInt8(at, x),
    I16: (at, x) => view.setInt16(at, x, true),
    U16: (at, x) => view.setUint16(at, x, true),
    F16: (at, x) => view.setUint16(at, toHalf(x), true),
    BF16: (at, x) => view.setUint16(at, toBrain(x), true),
    I32: (at, x) => view.setInt32(at, x, true),
    U32: (at, x) => view.setUint32(at, x, true),
    F32: (at, x) => view.setFloat32(at, x, true),
    F64: (at, x) => view.setFloat64(at, x, true),
    I64: (at, x) => view.setBigInt64(at, BigInt(x), true),
    U64: (at, x) => view.setBigUint64(at, BigInt(x), true),
  };
  const one = write[kind];
  if (!one)
    fail('INVALID_PARAMETER', `Numbers are not written as ${kind}; there are ${Object.keys(write).join(', ')}.`);
  const limit = limits[kind];
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    if (limit && !(Number.isInteger(x) && x >= limit[0] && x <= limit[1]))
      fail(
        'INVALID_PARAMETER',
        `${x}, number ${i + 1}, cannot be written as ${kind}, whole numbers from ${limit[0]} to ${limit[1]}.`,
      );
    one(i * size, x);
  }
  return out;
}
