import { fail } from '@southwell/numerics/core';

/**
 * Takes LZF off (Lehmann's liblzf, as PCL stores clouds): runs of literals, and copies of what came at most 8 kB before.
 * @throws INVALID_FORMAT if it is damaged, or does not give `size` bytes.
 */
export function unlzf(packed: Uint8Array, size: number, name: string): Uint8Array {
  const bad = (): never => fail('INVALID_FORMAT', `${name}: its compressed data are damaged.`);
  // A copy of three bytes makes at most 264 of them.
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
    // Byte by byte: what is copied may be what is being written.
    for (let k = 0; k < length; k++, to++) out[to] = out[to - back];
  }
  if (to !== size) bad();
  return out;
}
