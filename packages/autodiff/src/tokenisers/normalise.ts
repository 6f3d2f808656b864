import { characterMap } from './characterMap.ts';
import type { PieceNormalisation } from './data.ts';
import type { Trie } from './trie.ts';

export const SPACE = '\u2581';

/** Of each ASCII character but the space whether it stays as it is before any other. */
function unchangedAscii(map: ReturnType<typeof characterMap> | undefined): Uint8Array {
  const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
  return Uint8Array.from(ascii, (c) => Number(c !== ' ' && (!map || ascii.every((d) => !map(c + d, 0)))));
}

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
  const unchanged = kept ? new Uint8Array(128) : unchangedAscii(map);
  /** Where the characters end that certainly stay as they are. */
  const run = (text: string, from: number): number => {
    let at = from;
    while (at < text.length && unchanged[text.charCodeAt(at)] === 1) at++;
    // The last may change with what follows, such as an accent.
    return at < text.length && text.charCodeAt(at) >= 128 ? Math.max(from, at - 1) : at;
  };
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
      const same = run(text, at);
      if (same > at) {
        out.push(text.slice(at, same));
        afterSpace = false;
        at = same;
        continue;
      }
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
