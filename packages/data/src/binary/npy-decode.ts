import type { NpyLayout } from './npy-header.ts';

/**
 * Turns raw items into doubles. Integers beyond 2⁵³ are rounded to the nearest double. The result may be a view of
 * `bytes`, whose byte order is changed in place where it is not the machine's. `bytes` starts on an 8-byte boundary.
 */
export function decodeItems(
  bytes: Uint8Array,
  count: number,
  layout: Pick<NpyLayout, 'kind' | 'itemSize' | 'littleEndian'>,
): Float64Array {
  const { kind, itemSize } = layout;
  if (!layout.littleEndian && itemSize > 1) swap(bytes, count, itemSize);
  const { buffer, byteOffset } = bytes;
  if (kind === 'f' && itemSize === 8) return new Float64Array(buffer, byteOffset, count);
  if (itemSize === 8) {
    const words = new Uint32Array(buffer, byteOffset, count * 2);
    const high = kind === 'i' ? new Int32Array(buffer, byteOffset, count * 2) : words;
    const out = new Float64Array(count);
    for (let k = 0; k < count; k++) out[k] = high[2 * k + 1] * 4294967296 + words[2 * k];
    return out;
  }
  return Float64Array.from(narrow(buffer, byteOffset, count, kind, itemSize));
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
