import { fail } from '@southwell/numerics/core';
import type { Core } from './core.ts';
import { PIECE, type PieceMergesData } from './data.ts';
import { type Merges, merged, remembered } from './merges.ts';
import { type Part, pieceCore, userDefined } from './pieces.ts';

/** Dense ranks of scores, the highest first; equal scores have equal ranks. */
function ranksOf(scores: ArrayLike<number>): Int32Array {
  const order = Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a]);
  const ranks = new Int32Array(scores.length);
  for (let k = 1, rank = 0; k < order.length; k++) {
    if (scores[order[k]] !== scores[order[k - 1]]) rank++;
    ranks[order[k]] = rank;
  }
  return ranks;
}

/** Rules of a list of pairs with what they make, three numbers each. */
export function listedMerges(list: ArrayLike<number>, size: number): Merges {
  const rules = new Map<number, number>();
  const count = list.length / 3;
  for (let k = 0; k < count; k++) {
    const pair = list[3 * k] * size + list[3 * k + 1];
    if (!rules.has(pair)) rules.set(pair, k);
  }
  return {
    rule: (left, right) => rules.get(left * size + right) ?? -1,
    rank: Int32Array.from({ length: count }, (_, k) => k),
    made: Int32Array.from({ length: count }, (_, k) => list[3 * k + 2]),
  };
}

/**
 * SentencePiece's byte-pair encoding over characters (Sennrich, Haddow & Birch 2016), O(n log n).
 * @throws INVALID_FORMAT if there is no piece for what is unknown, or neither scores nor merges.
 */
export function pieceMerges(data: PieceMergesData): Core {
  const { pieces, scores, types, merges } = data;
  const unknown = data.special.unknown ?? -1;
  if (unknown < 0) fail('INVALID_FORMAT', 'A tokeniser of merged pieces needs a piece for what is unknown.');
  const found = new Set<number>([PIECE.normal, PIECE.userDefined, PIECE.unused]);
  const ids = new Map<string, number>();
  pieces.forEach((text, id) => {
    if (found.has(types[id])) ids.set(text, id);
  });
  const kept = userDefined(data);
  /** How unused pieces came about: they are taken apart again. */
  const halves = new Map<number, readonly [number, number]>();
  const byScore = (left: number, right: number): number => {
    const id = ids.get(pieces[left] + pieces[right]) ?? -1;
    if (id >= 0 && types[id] === PIECE.unused) halves.set(id, [left, right]);
    return id;
  };
  const rules =
    merges !== undefined
      ? listedMerges(merges, pieces.length)
      : { rule: remembered(pieces.length, byScore), rank: ranksOf(scores ?? []) };
  return pieceCore(data, (text) => {
    const symbols: number[] = [];
    const starts: number[] = [];
    for (let at = 0; at < text.length; ) {
      const fixed = kept?.longest(text, at);
      const end = fixed?.end ?? at + (text.codePointAt(at)! > 0xffff ? 2 : 1);
      const id = fixed?.value ?? ids.get(text.slice(at, end));
      starts.push(at);
      // Negative symbols are not merged.
      symbols.push(fixed || id === undefined ? -1 - (id ?? unknown) : id);
      at = end;
    }
    const now = Int32Array.from(symbols);
    const parts: Part[] = [];
    const put = (id: number, from: number, to: number): void => {
      const [a, b] = halves.get(id) ?? [];
      if (a === undefined || b === undefined) parts.push({ from, to, id });
      else {
        put(a, from, from + pieces[a].length);
        put(b, from + pieces[a].length, to);
      }
    };
    const places = merged(now, rules);
    places.forEach((i, k) => {
      const to = k + 1 < places.length ? starts[places[k + 1]] : text.length;
      put(now[i] < 0 ? -1 - now[i] : now[i], starts[i], to);
    });
    return parts;
  });
}
