import { fail } from '@southwell/numerics/core';
import { failFormat } from './bits.ts';

/**
 * The first byte of a message that is not empty: 16 · kind + 2 · coding + (1 if values are doubles). Numbers of several
 * bytes have the lowest first, which is the order of typed arrays on all machines that run WebAssembly engines.
 */
export const KINDS = {
  identity: 1,
  f16: 2,
  'top-k': 3,
  'rand-k': 4,
  sign: 5,
  qsgd: 6,
  natural: 7,
  'low-rank': 8,
  induced: 9,
} as const;
export type Kind = keyof typeof KINDS;

/** The numbers in a message: `f32` values have half as many bytes as `f64`. */
export type Precision = 'f32' | 'f64';

export const tagOf = (kind: Kind, coding: number, precision: Precision = 'f32'): number =>
  16 * KINDS[kind] + 2 * coding + (precision === 'f64' ? 1 : 0);

/**
 * Coding and precision of a message.
 * @throws INVALID_FORMAT for messages of other kinds.
 */
export function readTag(kind: Kind, message: Uint8Array): { readonly coding: number; readonly precision: Precision } {
  const [found, coding] = [message[0] >> 4, (message[0] >> 1) & 7];
  if (found !== KINDS[kind]) {
    const name = Object.entries(KINDS).find(([, number]) => number === found)?.[0];
    failFormat(name ? `it was made by ${name}, not by ${kind}` : `it was not made by ${kind}`);
  }
  return { coding, precision: (message[0] & 1) === 1 ? 'f64' : 'f32' };
}

/** @throws INVALID_FORMAT unless the message has this many bytes. */
export function checkBytes(message: Uint8Array, wanted: number): void {
  if (message.length !== wanted) failFormat(`it has ${message.length} bytes in place of ${wanted}`);
}

/**
 * The largest magnitude of v, 0 for no entries.
 * @throws NON_FINITE, naming the first entry that is not finite.
 */
export function largestMagnitude(v: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < v.length; i++) {
    const size = Math.abs(v[i]);
    // NaN fails every comparison.
    if (size <= largest) continue;
    if (!(size < Number.POSITIVE_INFINITY)) failEntry(v, i);
    largest = size;
  }
  return largest;
}

/** @throws NON_FINITE. */
function failEntry(v: Float64Array, i: number): never {
  fail(
    'NON_FINITE',
    `Entry ${i} of the ${v.length} to compress is ${v[i]}. Compressed messages hold finite numbers only; check the gradient, or take smaller steps.`,
  );
}

/** The smallest and the largest magnitude that 32 bits hold with a relative error of at most 2⁻²⁴. */
const [F32_LEAST, F32_MOST] = [2 ** -126, (2 - 2 ** -23) * 2 ** 127];

/** Whether a value keeps its 24 leading bits as a float: it is zero or neither too small nor too large. */
export const fitsFloat = (x: number): boolean => x === 0 || (Math.abs(x) >= F32_LEAST && Math.abs(x) <= F32_MOST);

/** `wanted`, or f64 if one of the values leaves the range of 32 bits, where rounding would no longer be relative. */
export function precisionFor(values: Float64Array, wanted: Precision): Precision {
  if (wanted === 'f32') for (let i = 0; i < values.length; i++) if (!fitsFloat(values[i])) return 'f64';
  return wanted;
}

export const bytesOf = (precision: Precision): number => (precision === 'f32' ? 4 : 8);

/** The bytes of the values, rounded to the precision. */
export function valueBytes(values: Float64Array, precision: Precision): Uint8Array {
  const numbers = precision === 'f32' ? new Float32Array(values) : values;
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/**
 * `count` values from a byte of the message to its end.
 * @throws INVALID_FORMAT if there are more or fewer, or some are not finite.
 */
export function readValues(message: Uint8Array, from: number, count: number, precision: Precision): Float64Array {
  checkBytes(message, from + count * bytesOf(precision));
  // Copied, since values need not begin at a multiple of their size.
  const { buffer } = message.slice(from);
  const values = precision === 'f32' ? new Float64Array(new Float32Array(buffer)) : new Float64Array(buffer);
  for (let i = 0; i < count; i++) if (!Number.isFinite(values[i])) failFormat('it holds a value that is not finite');
  return values;
}

/** 1 − 2⁻⁴⁸: what rounding values to 24 bits leaves of δ, since the squared error of each is at most 2⁻⁴⁸ of its square. */
export const roundedShare = (precision: Precision): number => (precision === 'f32' ? 1 - 2 ** -48 : 1);

/** The bytes of several parts, one after the other. */
export function joined(...parts: ReadonlyArray<Uint8Array | readonly number[]>): Uint8Array {
  const message = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}

/** The message of a vector of zeros. */
export const nothing = (): Uint8Array => new Uint8Array(0);
