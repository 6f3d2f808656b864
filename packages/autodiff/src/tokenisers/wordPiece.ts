import { fail } from '@southwell/numerics/core';
import type { Core } from './core.ts';
import type { WordPieceData } from './data.ts';
import { Trie } from './trie.ts';

const PUNCTUATION = '\\p{P}\\u0021-\\u002F\\u003A-\\u0040\\u005B-\\u0060\\u007B-\\u007E';
const WORDS = new RegExp(`[^\\s${PUNCTUATION}]+|[${PUNCTUATION}]`, 'gu');
const CONTROL = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\uFFFD]/gu;
/** The blocks of unified and compatibility ideographs. */
const CHINESE =
  /[\u4E00-\u9FFF\u3400-\u4DBF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B820}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;

/** BERT's preparation of a text. */
function prepared(text: string, { clean, chinese, lowerCase, stripAccents }: WordPieceData): string {
  let out = text;
  if (clean) out = out.replace(CONTROL, (c) => (/[\t\n\r]/.test(c) ? c : '')).replace(/\s/g, ' ');
  if (chinese) out = out.replace(CHINESE, ' $& ');
  if (lowerCase) out = out.toLowerCase();
  if (stripAccents) out = out.normalize('NFD').replace(/\p{Mn}/gu, '');
  return out;
}

const tidied = (text: string): string =>
  text
    .replace(/ ([.?!,])/g, '$1')
    .replace(/ ' /g, "'")
    .replace(/ (n't|'m|'s|'ve|'re)/g, '$1');

/**
 * BERT's word pieces: words and marks, each in the longest pieces from left to right (Wu et al. 2016), O(n) for pieces of bounded length.
 * @throws INVALID_FORMAT if there is no piece for unknown words.
 */
export function wordPiece(data: WordPieceData): Core {
  const { pieces, continuing, longest, tidy } = data;
  const { unknown } = data.special;
  if (unknown === undefined) fail('INVALID_FORMAT', 'A tokeniser of word pieces needs a piece for unknown words.');
  const first = new Trie(pieces.map((text, id) => [text, id] as const).filter(([text]) => text !== ''));
  const later = new Trie(
    pieces.flatMap((text, id) =>
      text.startsWith(continuing) && text !== continuing ? [[text.slice(continuing.length), id] as const] : [],
    ),
  );
  return {
    encode(text, out) {
      for (const [word] of prepared(text, data).matchAll(WORDS)) {
        const begin = out.length;
        let at = word.length > longest && [...word].length > longest ? -1 : 0;
        while (at >= 0 && at < word.length) {
          const found = (at === 0 ? first : later).longest(word, at);
          if (found) out.push(found.value);
          at = found?.end ?? -1;
        }
        if (at >= 0) continue;
        // A word with a part that is not known is unknown as a whole.
        out.length = begin;
        out.push(unknown);
      }
    },
    decode(ids) {
      let out = '';
      ids.forEach((id, k) => {
        const text = pieces[id];
        const part = k === 0 ? text : text.startsWith(continuing) ? text.slice(continuing.length) : ` ${text}`;
        out += tidy ? tidied(part) : part;
      });
      return tidy ? tidied(out) : out;
    },
    shown: (id) => pieces[id],
  };
}
