import { BitReader, BitWriter, failFormat, widthOf } from './bits.ts';

/** How indices are coded in a message, by number. */
const FIXED = 0;
const MAP = 1;
const RICE = 2;
const ALL = 3;

export interface CodedIndices {
  readonly coding: number;
  readonly bytes: Uint8Array;
}

/** Bits of the differences in a Golomb–Rice code of parameter b (Rice 1979), whose own byte is not counted. */
function riceBits(indices: Int32Array, b: number): number {
  let bits = indices.length * (b + 1);
  let last = -1;
  for (let i = 0; i < indices.length; i++) {
    bits += (indices[i] - last - 1) >>> b;
    last = indices[i];
  }
  return bits;
}

/** The parameter of least length; the length is a convex function of it. */
function bestRice(indices: Int32Array, length: number): [parameter: number, bits: number] {
  let b = Math.max(0, widthOf(Math.floor(length / indices.length)) - 1);
  let bits = riceBits(indices, b);
  for (const step of [-1, 1]) {
    for (let next = b + step; next >= 0 && next < 31; next += step) {
      const other = riceBits(indices, next);
      if (other >= bits) break;
      [b, bits] = [next, other];
    }
  }
  return [b, bits];
}

/**
 * Codes ascending indices below `length` in the fewest bytes of: ⌈log₂ length⌉ bits each; one bit for each of `length`;
 * differences in a Golomb–Rice code, after a byte for its parameter; no byte at all where they are all indices. O(count) and
 * O(length) for a map.
 */
export function codeIndices(indices: Int32Array, length: number): CodedIndices {
  const count = indices.length;
  if (count === length) return { coding: ALL, bytes: new Uint8Array(0) };
  const width = widthOf(length);
  const [parameter, riceLength] = bestRice(indices, length);
  const sizes = [Math.ceil((count * width) / 8), Math.ceil(length / 8), 1 + Math.ceil(riceLength / 8)];
  const coding = sizes.indexOf(Math.min(...sizes));
  const bytes = new Uint8Array(sizes[coding]);
  if (coding === MAP) {
    for (let i = 0; i < count; i++) bytes[indices[i] >>> 3] |= 1 << (indices[i] & 7);
    return { coding, bytes };
  }
  if (coding === RICE) bytes[0] = parameter;
  const writer = new BitWriter(bytes, coding === RICE ? 1 : 0);
  let last = -1;
  for (let i = 0; i < count; i++) {
    if (coding === FIXED) writer.putLong(indices[i], width);
    else {
      writer.rice(indices[i] - last - 1, parameter);
      last = indices[i];
    }
  }
  writer.end();
  return { coding, bytes };
}

/** The indices whose bits are set. */
function mapped(message: Uint8Array, from: number, count: number, length: number): Int32Array {
  const indices = new Int32Array(count);
  let n = 0;
  for (let i = 0; i < length; i++) {
    if ((message[from + (i >>> 3)] >> (i & 7)) & 1) indices[n++] = i;
  }
  if (n !== count) failFormat(`it marks ${n} indices in place of ${count}`);
  return indices;
}

/**
 * `count` indices of a vector of `length` from a byte of the message, and the byte after them.
 * @throws INVALID_FORMAT if they are not ascending indices of such a vector.
 */
export function readIndices(
  message: Uint8Array,
  from: number,
  { coding, count, length }: { readonly coding: number; readonly count: number; readonly length: number },
): [indices: Int32Array, end: number] {
  if (count > length) failFormat(`it holds ${count} of ${length} entries`);
  if (coding === ALL) {
    if (count !== length) failFormat(`it holds ${count} of ${length} entries, but names none`);
    return [Int32Array.from({ length }, (_, i) => i), from];
  }
  if (coding === MAP) return [mapped(message, from, count, length), from + Math.ceil(length / 8)];
  if (coding > ALL) failFormat('its indices have an unknown code');
  const width = widthOf(length);
  const parameter = coding === RICE ? message[from] : 0;
  if (!(parameter < 32)) failFormat('its indices have an unknown code');
  const reader = new BitReader(message, coding === RICE ? from + 1 : from);
  const indices = new Int32Array(count);
  let last = -1;
  for (let i = 0; i < count; i++) {
    const next = coding === FIXED ? reader.getLong(width) : last + 1 + reader.rice(parameter, length);
    if (next <= last || next >= length) failFormat(`index ${next} follows ${last} in a vector of ${length}`);
    last = next;
    indices[i] = next;
  }
  return [indices, reader.end()];
}
