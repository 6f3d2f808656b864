import { fail } from '@southwell/numerics/core';

// The map of characters of a SentencePiece model: a double array of Darts-clone over UTF-8, and the replacements, each ending with a zero byte.

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes of a code point in UTF-8, one after another in the lowest bits first, and their number. */
function bytesOf(point: number, out: Uint8Array): number {
  if (point < 0x80) {
    out[0] = point;
    return 1;
  }
  const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  for (let i = more; i > 0; i--) {
    out[i] = 0x80 | (point & 0x3f);
    point >>= 6;
  }
  out[0] = [0, 0xc0, 0xe0, 0xf0][more] | point;
  return more + 1;
}

/** A replacement of the characters up to an end. */
export interface Replacement {
  readonly end: number;
  readonly text: string;
}

/**
 * The longest replacement from a place of a text on.
 * @throws INVALID_FORMAT if the map is damaged.
 */
export function characterMap(blob: Uint8Array): (text: string, from: number) => Replacement | undefined {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.length);
  const size = blob.length >= 4 ? view.getUint32(0, true) : 0;
  if (size === 0 || size % 4 !== 0 || 4 + size > blob.length)
    fail('INVALID_FORMAT', `The map of characters is damaged: it says ${size} bytes, and has ${blob.length}.`);
  const units = Uint32Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
  const replacements = blob.subarray(4 + size);
  const texts = new Map<number, string>();
  const textAt = (at: number): string => {
    let text = texts.get(at);
    if (text === undefined) {
      const end = replacements.indexOf(0, at);
      text = decoder.decode(replacements.subarray(at, end < 0 ? undefined : end));
      texts.set(at, text);
    }
    return text;
  };
  const offset = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
  const bytes = new Uint8Array(4);
  return (text, from) => {
    let node = offset(units[0]);
    let found: { end: number; value: number } | undefined;
    for (let at = from; at < text.length; ) {
      const point = text.codePointAt(at)!;
      at += point > 0xffff ? 2 : 1;
      const count = bytesOf(point, bytes);
      for (let i = 0; i < count; i++) {
        node ^= bytes[i];
        const unit = units[node];
        // Outside of the array is undefined, which has no label.
        if ((unit & 0x800000ff) >>> 0 !== bytes[i] || unit === undefined) return found && done(found);
        node ^= offset(unit);
        if (((unit >>> 8) & 1) === 1) found = { end: at, value: units[node] & 0x7fffffff };
      }
    }
    return found && done(found);
  };
  function done({ end, value }: { end: number; value: number }): Replacement {
    return { end, text: textAt(value) };
  }
}
