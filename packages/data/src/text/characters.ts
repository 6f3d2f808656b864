import { fail } from '@southwell/numerics/core';
import { readBytes, type Source } from '../io/source.ts';
import type { ReadContext, Table } from '../table.ts';

/** Name of the text column. */
const CHARACTER = 'character';

/**
 * Reads UTF-8 text as a table with one row per character (code point): a category of all characters that occur, in
 * code-point order. A byte order mark is skipped, and line endings are normalised to line feeds. O(bytes).
 * @throws INVALID_FORMAT, with the byte offset, if the text is not UTF-8.
 */
export async function readCharacters(source: Source, { name, notes, progress }: ReadContext): Promise<Table> {
  const bytes = await readBytes(source);
  const { text, carriage } = decoded(bytes, name);
  if (carriage > 0) {
    notes.push(`${name} ends ${carriage === 1 ? '1 line' : `${carriage} lines`} with CR LF, read as LF alone.`);
  }
  const codes = new Int32Array(text.length);
  const places = new Map<number, number>();
  let rows = 0;
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at)!;
    if (point > 0xffff) at++;
    let place = places.get(point);
    if (place === undefined) {
      place = places.size;
      places.set(point, place);
    }
    codes[rows++] = place;
  }
  if (rows === 0) fail('INVALID_FORMAT', `${name} holds no text.`);
  progress(rows);
  const points = [...places.keys()];
  const order = points.map((_, k) => k).sort((a, b) => points[a] - points[b]);
  const rank = new Int32Array(order.length);
  order.forEach((k, r) => {
    rank[k] = r;
  });
  for (let i = 0; i < rows; i++) codes[i] = rank[codes[i]];
  const levels = order.map((k) => String.fromCodePoint(points[k]));
  const column = { name: CHARACTER, type: 'category' as const, codes: codes.subarray(0, rows), levels };
  return { name, format: 'text', rows, columns: [column], notes };
}

function decoded(bytes: Uint8Array, name: string): { readonly text: string; readonly carriage: number } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const at = notUtf8(bytes);
    if (at < 0) throw error;
    const byte = bytes[at].toString(16).padStart(2, '0');
    fail(
      'INVALID_FORMAT',
      `${name} is not UTF-8 text: byte ${at} (from 0) is ${byte}, which does not begin a character there. Convert it, such as by iconv -f WINDOWS-1252 -t UTF-8.`,
    );
  }
  const before = text.length;
  text = text.replaceAll('\r\n', '\n');
  return { text, carriage: before - text.length };
}

/** Offset of the first invalid byte sequence (Unicode 15, table 3-7); −1 if there is none. */
function notUtf8(b: Uint8Array): number {
  const within = (at: number, low: number, high: number) => at < b.length && b[at] >= low && b[at] <= high;
  const rest = (at: number) => within(at, 0x80, 0xbf);
  for (let i = 0; i < b.length; ) {
    const c = b[i];
    if (c < 0x80) i++;
    else if (c >= 0xc2 && c <= 0xdf && rest(i + 1)) i += 2;
    else if (c >= 0xe0 && c <= 0xef && within(i + 1, c === 0xe0 ? 0xa0 : 0x80, c === 0xed ? 0x9f : 0xbf) && rest(i + 2))
      i += 3;
    else if (
      c >= 0xf0 &&
      c <= 0xf4 &&
      within(i + 1, c === 0xf0 ? 0x90 : 0x80, c === 0xf4 ? 0x8f : 0xbf) &&
      rest(i + 2) &&
      rest(i + 3)
    )
      i += 4;
    else return i;
  }
  return -1;
}
