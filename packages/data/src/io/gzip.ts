import { fail } from '@southwell/numerics/core';
import { Gunzip } from 'fflate';
import { crc32 } from './crc32.ts';

const TRAILER = 8;
/**
 * The end of a member is recognised by the header of the next one, which may contain a file name; the trailer precedes
 * that header.
 */
const TAIL = 4096;

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
}

/** @throws INVALID_FORMAT. */
export function failGzip(name: string, detail: string): never {
  fail(
    'INVALID_FORMAT',
    `${name}: the gzip stream ${detail}. The file is incomplete or damaged; copy or download it again.`,
  );
}

/**
 * Decompresses gzip (RFC 1952) as it arrives, including concatenated members, and checks the length and CRC-32 of each
 * member, which fflate leaves to its caller.
 * @throws INVALID_FORMAT for truncated or damaged data.
 */
export async function* gunzip(compressed: AsyncIterable<Uint8Array>, name: string): AsyncIterable<Uint8Array> {
  let out: Uint8Array[] = [];
  let crc = 0;
  let length = 0;
  let seen = 0;
  // The last bytes of the input so far, because a trailer may straddle two chunks.
  let tail = new Uint8Array(0);
  let tailStart = 0;
  const check = (end: number) => {
    const at = end - TRAILER - tailStart;
    if (at < 0 || at + TRAILER > tail.length) failGzip(name, 'ends too early');
    const view = new DataView(tail.buffer, tail.byteOffset + at, TRAILER);
    if (view.getUint32(0, true) !== crc || view.getUint32(4, true) !== length % 2 ** 32) {
      failGzip(name, 'does not match its checksum');
    }
    crc = 0;
    length = 0;
  };
  const stream = new Gunzip((data) => {
    if (data.length === 0) return;
    crc = crc32(data, crc);
    length += data.length;
    out.push(data);
  });
  stream.onmember = check;
  const push = (chunk: Uint8Array, final: boolean) => {
    const kept = tail.subarray(Math.max(0, tail.length - TAIL));
    tailStart = seen - kept.length;
    tail = new Uint8Array(kept.length + chunk.length);
    tail.set(kept);
    tail.set(chunk, kept.length);
    seen += chunk.length;
    try {
      // Copied, because fflate may write to its input.
      stream.push(chunk.slice(), final);
    } catch (error) {
      if ((error as Error).name === 'SouthwellError') throw error;
      failGzip(name, /EOF/.test((error as Error).message) ? 'ends too early' : 'is damaged');
    }
    const ready = out;
    out = [];
    return ready;
  };
  for await (const chunk of compressed) {
    for (let at = 0; at < chunk.length; at += 65536) yield* push(chunk.subarray(at, at + 65536), false);
  }
  yield* push(new Uint8Array(0), true);
  check(seen);
}
