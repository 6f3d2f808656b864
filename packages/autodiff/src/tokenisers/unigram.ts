import { fail } from '@southwell/numerics/core';
import type { Core } from './core.ts';
import { PIECE, type UnigramData } from './data.ts';
import { type Part, pieceCore } from './pieces.ts';
import { Trie } from './trie.ts';

/** What an unknown character costs beyond the least likely piece. */
const PENALTY = 10;
const encoder = new TextEncoder();

/**
 * The most likely segmentation by Viterbi's algorithm (Kudo 2018), O(n) for pieces of bounded length. Sums are rounded to single precision as in SentencePiece, so
 * that ties are the same.
 * @throws INVALID_FORMAT if there is no piece for what is unknown.
 */
export function unigram(data: UnigramData): Core {
  const { pieces, scores, types } = data;
  const { unknown } = data.special;
  if (unknown === undefined) fail('INVALID_FORMAT', 'A unigram tokeniser needs a piece for what is unknown.');
  const normal = pieces.flatMap((_, id) => (types[id] === PIECE.normal ? [Math.fround(scores[id])] : []));
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const score of normal) {
    least = Math.min(least, score);
    most = Math.max(most, score);
  }
  if (normal.length === 0) [least, most] = [0, 0];
  const unknownScore = Math.fround(least - PENALTY);
  // Pieces of users are preferred to any others of their length.
  const score = Float64Array.from(pieces, (text, id) =>
    types[id] === PIECE.userDefined
      ? Math.fround(encoder.encode(text).length * most) - 0.1
      : Math.fround(scores[id] ?? 0),
  );
  const found = new Set<number>([PIECE.normal, PIECE.userDefined]);
  const trie = new Trie(pieces.flatMap((text, id) => (found.has(types[id]) ? [[text, id] as const] : [])));
  return pieceCore(data, (text) => {
    const n = text.length;
    const best = new Float32Array(n + 1);
    const from = new Int32Array(n + 1).fill(-1);
    const ids = new Int32Array(n + 1);
    const offer = (start: number, end: number, id: number, sum: number): void => {
      if (from[end] !== -1 && !(sum > best[end])) return;
      best[end] = sum;
      from[end] = start;
      ids[end] = id;
    };
    for (let start = 0; start < n; ) {
      const after = start + (text.codePointAt(start)! > 0xffff ? 2 : 1);
      let single = false;
      let node = 0;
      for (let end = start; end < n; ) {
        node = trie.next(node, text.charCodeAt(end++));
        if (node === 0) break;
        const id = trie.value(node);
        if (id < 0) continue;
        offer(start, end, id, score[id] + best[start]);
        if (end === after) single = true;
      }
      if (!single) offer(start, after, unknown, Math.fround(unknownScore + best[start]));
      start = after;
    }
    const parts: Part[] = [];
    for (let to = n; to > 0; to = from[to]) parts.push({ from: from[to], to, id: ids[to] });
    return parts.reverse();
  });
}
