import { fail } from '@southwell/numerics/core';
import { PIECE, type PieceMergesData } from '../data.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BYTES = /^<0x[0-9A-F]{2}>$/;

const refuse = (why: string): never =>
  fail('INVALID_FORMAT', `The file is damaged, cut short, or not a tokeniser of llama2.c: ${why}.`);

/**
 * Reads a tokeniser of llama2.c: the length of the longest piece, then score, length and text of each. Ids 0, 1 and 2 are unknown, begin and end, and the 256
 * bytes follow.
 * @throws INVALID_FORMAT, with the byte, for a file that is damaged or cut short.
 */
export function readLlama2cTokeniser(bytes: Uint8Array): PieceMergesData {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [pieces, scores, types]: [string[], number[], number[]] = [[], [], []];
  let at = 4;
  while (at < bytes.length) {
    const id = pieces.length;
    if (at + 8 > bytes.length) refuse(`byte ${at}: it ends within piece ${id}`);
    const length = view.getInt32(at + 4, true);
    if (length < 0 || at + 8 + length > bytes.length)
      refuse(`byte ${at + 4}: piece ${id} has ${length} bytes, of which ${bytes.length - at - 8} are there`);
    let text = '';
    try {
      text = decoder.decode(bytes.subarray(at + 8, at + 8 + length));
    } catch {
      refuse(`byte ${at + 8}: piece ${id} is not text in UTF-8`);
    }
    pieces.push(text);
    scores.push(view.getFloat32(at, true));
    const byte = id > 2 && BYTES.test(text);
    types.push(id === 0 ? PIECE.unknown : id <= 2 ? PIECE.control : byte ? PIECE.byte : PIECE.normal);
    at += 8 + length;
  }
  if (pieces.length < 259 || pieces[3] !== '<0x00>') refuse('it lacks pieces for all 256 bytes');
  return {
    ...{ kind: 'pieceMerges', pieces, scores, types },
    normalisation: { prefix: true, removeExtra: false, escapeSpaces: false },
    special: { unknown: 0, begin: 1, end: 2 },
    ...{ added: [], before: [1], after: [] },
  };
}
