import { fail } from '@southwell/numerics/core';
import { inflateSync } from 'fflate';
import { crc32 } from './crc32.ts';
import { readBytes, type Source } from './source.ts';

export interface ZipEntry {
  readonly name: string;
  /** The decompressed bytes, checked against the CRC-32. */
  bytes(): Promise<Uint8Array>;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

/**
 * The files in a ZIP archive (APPNOTE 6.3, stored or deflated, no ZIP64 directory), read one at a time if the source
 * has random access.
 * @throws INVALID_FORMAT.
 */
export async function zipEntries(input: Source): Promise<ZipEntry[]> {
  const { name } = input;
  const bad = (what: string): never => fail('INVALID_FORMAT', `${name}: ${what}`);
  const whole = input.slice && input.size !== undefined ? undefined : await readBytes(input);
  const size = whole ? whole.length : input.size!;
  const slice = async (start: number, end: number): Promise<DataView> => {
    if (start < 0 || end > size) bad('its directory points outside the file: it is damaged or cut off.');
    const part = whole ? whole.subarray(start, end) : await input.slice!(start, end);
    return new DataView(part.buffer, part.byteOffset, part.byteLength);
  };
  const tail = await slice(Math.max(0, size - 65557), size);
  let at = tail.byteLength - 22;
  while (at >= 0 && tail.getUint32(at, true) !== END) at--;
  if (at < 0) return bad('its ZIP directory is missing at the end: the file is cut off.');
  const count = tail.getUint16(at + 10, true);
  const length = tail.getUint32(at + 12, true);
  const start = tail.getUint32(at + 16, true);
  if (count === 0xffff || start === 0xffffffff) bad('ZIP archives of more than 4 GiB are not supported.');
  const directory = await slice(start, start + length);
  const entries: ZipEntry[] = [];
  for (let k = 0, p = 0; k < count; k++) {
    if (p + 46 > length || directory.getUint32(p, true) !== CENTRAL) return bad('its ZIP directory is damaged.');
    const flags = directory.getUint16(p + 8, true);
    const method = directory.getUint16(p + 10, true);
    const crc = directory.getUint32(p + 16, true);
    const packed = directory.getUint32(p + 20, true);
    const unpacked = directory.getUint32(p + 24, true);
    const nameLength = directory.getUint16(p + 28, true);
    const extra = directory.getUint16(p + 30, true) + directory.getUint16(p + 32, true);
    const offset = directory.getUint32(p + 42, true);
    if (p + 46 + nameLength > length) return bad('its ZIP directory is damaged.');
    const file = new TextDecoder().decode(new Uint8Array(directory.buffer, directory.byteOffset + p + 46, nameLength));
    p += 46 + nameLength + extra;
    entries.push({
      name: file,
      async bytes() {
        const what = `its member ${file}`;
        if (flags & 1) bad(`${what} is encrypted.`);
        if (method !== 0 && method !== 8) bad(`${what} is packed by an unknown method (${method}).`);
        const local = await slice(offset, offset + 30);
        if (local.getUint32(0, true) !== LOCAL) bad(`${what} is damaged.`);
        const from = offset + 30 + local.getUint16(26, true) + local.getUint16(28, true);
        const view = await slice(from, from + packed);
        const data = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
        // Deflate compresses by at most a factor of 1032; larger claims are due to damage.
        if (method === 0 ? packed !== unpacked : unpacked > packed * 1032 + 64) bad(`${what} is damaged.`);
        let out = data;
        if (method === 8) {
          try {
            out = inflateSync(data, { out: new Uint8Array(unpacked) });
          } catch {
            bad(`${what} is damaged.`);
          }
        }
        if (out.length !== unpacked || crc32(out) !== crc) bad(`${what} does not match its checksum: it is damaged.`);
        return out;
      },
    });
  }
  return entries;
}
