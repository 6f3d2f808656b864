import type { NpyLayout } from './npy-header.ts';

type Layout = Pick<NpyLayout, 'kind' | 'itemSize' | 'littleEndian'>;

/**
 * Converts raw items to an array of numbers: doubles, or a view if the type is native to JavaScript. Integers beyond
 * 2⁵³ are rounded to the nearest double. The byte order of `bytes` is changed in place if it is not native. `bytes`
 * must begin on an 8-byte boundary.
 * @param rounded Called with the place and the value of integers that were rounded.
 */
export function itemsIn(
  bytes: Uint8Array,
  count: number,
  layout: Layout,
  rounded?: (place: number, value: bigint) => void,
) {
  const { kind, itemSize } = layout;
  if (!layout.littleEndian && itemSize > 1) swap(bytes, count, itemSize);
  const { buffer, byteOffset } = bytes;
  if (kind === 'f' && itemSize === 8) return new Float64Array(buffer, byteOffset, count);
  if (itemSize === 8) {
    const words = new Uint32Array(buffer, byteOffset, count * 2);
    const high = kind === 'i' ? new Int32Array(buffer, byteOffset, count * 2) : words;
    const out = new Float64Array(count);
    for (let k = 0; k < count; k++) out[k] = high[2 * k + 1] * 4294967296 + words[2 * k];
    if (rounded) {
      for (let k = 0; k < count; k++) {
        if (Math.abs(out[k]) <= Number.MAX_SAFE_INTEGER) continue;
        const value = BigInt(high[2 * k + 1]) * 4294967296n + BigInt(words[2 * k]);
        if (BigInt(out[k]) !== value) rounded(k, value);
      }
    }
    return out;
  }
  return narrow(buffer, byteOffset, count, kind, itemSize);
}

/** The same, converted to doubles; the result may be a view of `bytes`. */
export function decodeItems(
  bytes: Uint8Array,
  count: number,
  layout: Layout,
  rounded?: (place: number, value: bigint) => void,
): Float64Array {
  const items = itemsIn(bytes, count, layout, rounded);
  return items instanceof Float64Array ? items : new Float64Array(items);
}

function narrow(buffer: ArrayBufferLike, at: number, count: number, kind: string, size: number) {
  if (kind === 'f') return new Float32Array(buffer, at, count);
  if (kind === 'b') return new Uint8Array(buffer, at, count);
  if (size === 1) return kind === 'i' ? new Int8Array(buffer, at, count) : new Uint8Array(buffer, at, count);
  if (size === 2) return kind === 'i' ? new Int16Array(buffer, at, count) : new Uint16Array(buffer, at, count);
  return kind === 'i' ? new Int32Array(buffer, at, count) : new Uint32Array(buffer, at, count);
}

function swap(bytes: Uint8Array, count: number, size: number): void {
  for (let k = 0; k < count * size; k += size) {
    for (let i = 0, j = size - 1; i < j; i++, j--) {
      const t = bytes[k + i];
      bytes[k + i] = bytes[k + j];
      bytes[k + j] = t;
    }
  }
}
