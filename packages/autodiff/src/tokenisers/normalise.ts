import { characterMap } from './characterMap.ts';
import type { PieceNormalisation } from './data.ts';
import type { Trie } from './trie.ts';

export const SPACE = '\u2581';

/**
 * SentencePiece's preparation of a text, except for the pieces of `kept`, which stay as they are. The text must be well formed.
 * @throws INVALID_FORMAT if the map of characters is damaged.
 */
export function pieceNormaliser(
  { characters, form, prefix, removeExtra, escapeSpaces, suffix }: PieceNormalisation,
  kept: Trie | undefined,
): (text: string, first: boolean) => string {
  const map = characters && characters.length > 0 ? characterMap(characters) : undefined;
  const space = escapeSpaces ? SPACE : ' ';
  const part = (text: string, from: number): { readonly end: number; readonly text: string } => {
    const same = kept?.longest(text, from);
    if (same) return { end: same.end, text: text.slice(from, same.end) };
    const replaced = map?.(text, from);
    if (replaced) return replaced;
    const end = from + (text.codePointAt(from)! > 0xffff ? 2 : 1);
    return { end, text: text.slice(from, end) };
  };
  return (given, first) => {
    const text = form ? given.normalize(form) : given;
    let at = 0;
    if (removeExtra) {
      while (at < text.length) {
        const next = part(text, at);
        if (next.text !== ' ') break;
        at = next.end;
      }
    }
    if (at === text.length) return '';
    const out: string[] = [];
    const wanted = prefix === true || ((prefix === 'missing' || (prefix === 'first' && first)) && text[at] !== ' ');
    if (wanted && !suffix) out.push(space);
    let afterSpace = removeExtra;
    while (at < text.length) {
      const next = part(text, at);
      at = next.end;
      let piece = next.text;
      if (afterSpace) piece = piece.replace(/^ +/, '');
      if (piece === '') continue;
      afterSpace = removeExtra && piece.endsWith(' ');
      out.push(escapeSpaces ? piece.replaceAll(' ', SPACE) : piece);
    }
    let all = out.join('');
    if (removeExtra) while (all.endsWith(space)) all = all.slice(0, -1);
    return wanted && suffix ? all + space : all;
  };
}
