import { fail } from '@southwell/numerics/core';
import type { Core } from './core.ts';
import type { ByteMergesData } from './data.ts';
import { merged, remembered } from './merges.ts';
import { listedMerges } from './pieceMerges.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes of text, one character each. */
function byteText(text: string): string {
  const bytes = encoder.encode(text);
  let out = '';
  for (let i = 0; i < bytes.length; i += 1 << 13) out += String.fromCharCode(...bytes.subarray(i, i + (1 << 13)));
  return out;
}

const textOf = (bytes: string): string => decoder.decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0)));

function expressionOf(pattern: string): RegExp {
  // Engines of today do not know flags within an expression; theirs fold letters.
  const plain = pattern.replace(/\(\?i:([^()]*)\)/g, (_, inner: string) => {
    const folded = inner.replace(/[a-z]/gi, (c) => `[${c.toLowerCase()}${c.toUpperCase()}]`);
    return `(?:${folded})`;
  });
  try {
    return new RegExp(plain, 'gu');
  } catch (error) {
    return fail(
      'NOT_SUPPORTED',
      `The tokeniser splits texts by an expression that JavaScript does not know (${(error as Error).message}).`,
    );
  }
}

/** The matches of an expression and what lies between them, in order. */
function* partsOf(text: string, expression: RegExp): Generator<string> {
  let at = 0;
  for (const { 0: part, index } of text.matchAll(expression)) {
    if (index > at) yield text.slice(at, index);
    if (part !== '') yield part;
    at = index + part.length;
  }
  if (at < text.length) yield text.slice(at);
}

/** Words that are remembered, and the longest of them. */
const [REMEMBERED, LONGEST] = [1 << 15, 64];

/**
 * Byte-pair encoding over bytes (Radford et al. 2019), O(n log n), also for a text that is a single word.
 * @throws INVALID_FORMAT if a byte has no piece; NOT_SUPPORTED for an expression that JavaScript does not know.
 */
export function byteMerges(data: ByteMergesData): Core {
  const { pieces, patterns, merges, whole, form, prefix, added } = data;
  const apart = new Set(added.map(({ id }) => id));
  const ids = new Map<string, number>();
  pieces.forEach((text, id) => {
    if (text !== '' && !apart.has(id)) ids.set(text, id);
  });
  const bytes = Int32Array.from({ length: 256 }, (_, byte) => ids.get(String.fromCharCode(byte)) ?? -1);
  const lacking = bytes.indexOf(-1);
  if (lacking >= 0) fail('INVALID_FORMAT', `The vocabulary has no piece for the byte ${lacking}.`);
  const expressions = patterns.map(expressionOf);
  const rules =
    merges !== undefined
      ? listedMerges(merges, pieces.length)
      : {
          rule: remembered(pieces.length, (left, right) => ids.get(pieces[left] + pieces[right]) ?? -1),
          rank: Int32Array.from(pieces, (_, id) => id),
        };
  const known = new Map<string, Int32Array>();
  const wordOf = (part: string): Int32Array => {
    const word = byteText(part);
    const id = whole ? ids.get(word) : undefined;
    if (id !== undefined) return Int32Array.of(id);
    const symbols = Int32Array.from(word, (c) => bytes[c.charCodeAt(0)]);
    return merged(symbols, rules).map((i) => symbols[i]);
  };
  const put = (part: string, out: number[]): void => {
    let word = known.get(part);
    if (!word) {
      word = wordOf(part);
      if (part.length <= LONGEST) {
        if (known.size >= REMEMBERED) known.clear();
        known.set(part, word);
      }
    }
    for (const id of word) out.push(id);
  };
  const split = (text: string, level: number, out: number[]): void => {
    if (level === expressions.length) put(text, out);
    else for (const part of partsOf(text, expressions[level])) split(part, level + 1, out);
  };
  return {
    encode(given, out, first) {
      const text = form ? given.normalize(form) : given;
      split(prefix && first && !text.startsWith(' ') ? ` ${text}` : text, 0, out);
    },
    decode: (list) => textOf(list.map((id) => pieces[id]).join('')),
    shown: (id) => (apart.has(id) ? pieces[id] : textOf(pieces[id])),
  };
}
