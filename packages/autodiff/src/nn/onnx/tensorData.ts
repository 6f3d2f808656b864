import { fail, type NumericArray } from '@southwell/numerics/core';
import { varintAt } from '../../protobuf/index.ts';
import type { OnnxTensor } from './parse.ts';
import type { Bytes } from './source.ts';

/** Reads a range of another file, which the model names: `length` undefined is up to its end. */
export type External = (location: string, offset: number, length: number | undefined) => Uint8Array;

const WIDTHS: Readonly<Record<string, number>> = {
  ...{ f32: 4, f64: 8, f16: 2, bf16: 2, bool: 1, i8: 1, u8: 1, i16: 2, u16: 2, i32: 4, u32: 4, i64: 8, u64: 8 },
  ...{ complex64: 8, complex128: 16, u4: 0.5, i4: 0.5 },
};

/** Bytes of a tensor; undefined for types of no fixed width. */
export const bytesOf = ({ type, shape }: Pick<OnnxTensor, 'type' | 'shape'>): number | undefined =>
  WIDTHS[type] && Math.ceil(WIDTHS[type] * shape.reduce((a, b) => a * b, 1));

/** The number of the 16 bits of a half. */
export function halfOf(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
const scratch = new DataView(new ArrayBuffer(4));
function brain(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

/** The number of 4 bits at a byte, the lower ones first. */
const nibble = (view: DataView, at: number): number => (view.getUint8(Math.floor(at)) >> (at % 1 === 0 ? 0 : 4)) & 15;
/** A number of 4 bits with a sign. */
const signed = (bits: number): number => (bits < 8 ? bits : bits - 16);

type Get = (view: DataView, at: number) => number;
/** How a number of each type is read from its raw bytes. */
const RAW: Readonly<Record<string, Get>> = {
  f32: (v, i) => v.getFloat32(i, true),
  f64: (v, i) => v.getFloat64(i, true),
  f16: (v, i) => halfOf(v.getUint16(i, true)),
  bf16: (v, i) => brain(v.getUint16(i, true)),
  bool: (v, i) => (v.getUint8(i) ? 1 : 0),
  i8: (v, i) => v.getInt8(i),
  u8: (v, i) => v.getUint8(i),
  i16: (v, i) => v.getInt16(i, true),
  u16: (v, i) => v.getUint16(i, true),
  i32: (v, i) => v.getInt32(i, true),
  u32: (v, i) => v.getUint32(i, true),
  i64: (v, i) => Number(v.getBigInt64(i, true)),
  u64: (v, i) => Number(v.getBigUint64(i, true)),
  u4: nibble,
  i4: (v, i) => signed(nibble(v, i)),
};
/** The typed field of each type. */
const FIELDS: Readonly<Record<string, number>> = {
  ...{ f32: 4, f64: 10, i64: 7, u64: 11, u32: 11 },
  ...{ i32: 5, i16: 5, i8: 5, u16: 5, u8: 5, bool: 5, f16: 5, bf16: 5, u4: 5, i4: 5 },
};

const arrayOf = (type: string, n: number): Float32Array | Float64Array =>
  ['f32', 'f16', 'bf16'].includes(type) ? new Float32Array(n) : new Float64Array(n);

/** Whether this machine stores numbers as the format does, the lowest byte first. */
export const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Numbers of bytes, which they share where they can. */
function fromRaw(type: string, bytes: Uint8Array, n: number): NumericArray {
  const [width, get] = [WIDTHS[type], RAW[type]];
  if (LITTLE && (type === 'f32' || type === 'f64')) {
    const kind = type === 'f32' ? Float32Array : Float64Array;
    return bytes.byteOffset % width === 0
      ? new kind(bytes.buffer as ArrayBuffer, bytes.byteOffset, n)
      : new kind(new Uint8Array(bytes).buffer);
  }
  const out = arrayOf(type, n);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < n; i++) out[i] = get(view, i * width);
  return out;
}

function fromTyped(tensor: OnnxTensor, file: Bytes, n: number, wrong: (why: string) => never): NumericArray {
  const { type, typed } = tensor;
  const field = FIELDS[type];
  const out = arrayOf(type, n);
  let count = 0;
  const push = (value: number): void => {
    if (count < n) out[count] = value;
    count++;
  };
  for (const span of typed) {
    if (span.field !== field) wrong(`its numbers are in field ${span.field}, and not in ${field}`);
    const bytes = file.slice(span);
    if (field === 4 || field === 10) {
      const width = WIDTHS[type];
      if (bytes.length % width !== 0) wrong('its numbers end within one');
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let i = 0; i < bytes.length; i += width) push(RAW[type](view, i));
      continue;
    }
    for (let at = 0; at < bytes.length; ) {
      const found = varintAt((i) => bytes[i], at, bytes.length) ?? wrong('its numbers end within one');
      at = found[0];
      const value = found[1];
      if (type === 'u4' || type === 'i4') {
        // Two in a number.
        for (const bits of [value & 15, (value >> 4) & 15]) if (count < n) push(type === 'u4' ? bits : signed(bits));
        continue;
      }
      push(
        type === 'f16'
          ? halfOf(value & 0xffff)
          : type === 'bf16'
            ? brain(value & 0xffff)
            : type === 'bool'
              ? +(value !== 0)
              : value,
      );
    }
  }
  if (count !== n) wrong(`it has ${count} numbers`);
  return out;
}

/** Numbers of a part of a large tensor. */
const PART = 1 << 22;

/**
 * The numbers of a tensor in row-major order, in parts of about four million, for tensors larger than the memory: f32 for types of at most single precision,
 * else f64, exact up to 2⁵³. O(size).
 * @throws INVALID_FORMAT if their number is not that of the shape, or external data are missing; NOT_SUPPORTED for strings and complex numbers.
 */
export function* tensorParts(
  tensor: OnnxTensor,
  file: Bytes,
  external?: External,
  part = PART,
): Generator<NumericArray, void> {
  const { name, type, shape, raw, typed, external: elsewhere } = tensor;
  const n = shape.reduce((a, b) => a * b, 1);
  const what = `'${name}' of [${shape.join(', ')}], ${type}`;
  if (!RAW[type]) fail('NOT_SUPPORTED', `The tensor ${what}, is of a type that is not supported.`);
  const width = WIDTHS[type];
  const bytesNeeded = Math.ceil(n * width);
  const wrong = (why: string): never =>
    fail('INVALID_FORMAT', `The tensor ${what}, should have ${n} numbers in ${bytesNeeded} bytes, but ${why}.`);
  let bytesOfPart: (from: number, to: number) => Uint8Array;
  if (elsewhere) {
    const { location, offset, length } = elsewhere;
    if (!external)
      fail(
        'INVALID_FORMAT',
        `The numbers of ${what}, are in another file, '${location}', which must be given with the model.`,
      );
    if (length !== undefined && length !== bytesNeeded) wrong(`${length} are declared in '${location}'`);
    bytesOfPart = (from, to) => {
      const bytes = external(location, offset + from, to - from);
      if (bytes.length !== to - from) wrong(`'${location}' has ${from + bytes.length} from byte ${offset}`);
      return bytes;
    };
  } else if (raw) {
    if (raw.to - raw.from !== bytesNeeded) wrong(`it has ${raw.to - raw.from}`);
    bytesOfPart = (from, to) => file.slice({ from: raw.from + from, to: raw.from + to });
  } else {
    // At least a byte for each number, or for two of 4 bits: a damaged shape must not allocate.
    if (typed.reduce((total, { from, to }) => total + to - from, 0) < Math.min(n, bytesNeeded))
      wrong('there are fewer');
    yield fromTyped(tensor, file, n, wrong);
    return;
  }
  for (let at = 0; at < Math.max(n, 1); at += part) {
    const to = Math.min(n, at + part);
    yield fromRaw(type, bytesOfPart(at * width, Math.ceil(to * width)), to - at);
  }
}

/**
 * All numbers of a tensor, as {@link tensorParts} gives them.
 * @throws as {@link tensorParts}.
 */
export function tensorData(tensor: OnnxTensor, file: Bytes, external?: External): NumericArray {
  const [all] = tensorParts(tensor, file, external, Number.POSITIVE_INFINITY);
  return all;
}
