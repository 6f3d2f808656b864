import { fail } from '@southwell/numerics/core';

/**
 * Decompresses LZF (Lehmann's liblzf, used by PCL for point clouds): runs of literals, and copies from at most 8 kB
 * back.
 * @throws INVALID_FORMAT if the data are damaged or do not decompress to `size` bytes.
 */
export function unlzf(packed: Uint8Array, size: number, name: string): Uint8Array {
  const bad = (): never => fail('INVALID_FORMAT', `${name}: its compressed data are damaged.`);
  // Three bytes encode a copy of at most 264 bytes.
  if (size > packed.length * 264) bad();
  const out = new Uint8Array(size);
  let [from, to] = [0, 0];
  while (from < packed.length) {
    const control = packed[from++];
    if (control < 32) {
      const length = control + 1;
      if (from + length > packed.length || to + length > size) bad();
      out.set(packed.subarray(from, from + length), to);
      from += length;
      to += length;
      continue;
    }
    let length = control >> 5;
    if (length === 7) length += packed[from++];
    const back = ((control & 31) << 8) + packed[from++] + 1;
    length += 2;
    if (from > packed.length || back > to || to + length > size) bad();
    // Byte by byte, because source and destination of a copy may overlap.
    for (let k = 0; k < length; k++, to++) out[to] = out[to - back];
  }
  if (to !== size) bad();
  return out;
}
