/**
 * The part of a text stream that is being parsed: complete records at the front, the beginning of the next one at the
 * end. A line feed always follows the last byte, so that scanners need no bounds checks.
 */
export class ByteWindow {
  bytes = new Uint8Array(1 << 16);
  used = 0;

  append(chunk: Uint8Array): void {
    const need = this.used + chunk.length + 1;
    if (need > this.bytes.length) {
      const next = new Uint8Array(Math.max(need, Math.min(this.bytes.length * 2, need + (64 << 20))));
      next.set(this.bytes.subarray(0, this.used));
      this.bytes = next;
    }
    this.bytes.set(chunk, this.used);
    this.used += chunk.length;
    this.bytes[this.used] = 10;
  }

  discard(count: number): void {
    if (count === 0) return;
    this.bytes.copyWithin(0, count, this.used);
    this.used -= count;
    this.bytes[this.used] = 10;
  }
}

/**
 * Splits chunks into pieces of at most 1 MiB, so that progress, aborts and memory do not depend on the caller's chunks.
 */
export async function* pieces(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length; at += 1 << 20) yield chunk.subarray(at, at + (1 << 20));
  }
}

/** Decodes UTF-8, or Windows-1252 if the bytes are not valid UTF-8. */
export function decodeText(bytes: Uint8Array): { text: string; utf8: boolean } {
  try {
    return { text: strict.decode(bytes), utf8: true };
  } catch {
    return { text: western.decode(bytes), utf8: false };
  }
}
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const western = new TextDecoder('windows-1252');
