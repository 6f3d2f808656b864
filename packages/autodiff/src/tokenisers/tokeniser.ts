import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { byteMerges } from './byteMerges.ts';
import type { Core } from './core.ts';
import type { AddedToken, SpecialIds, TokeniserData } from './data.ts';
import { pieceMerges } from './pieceMerges.ts';
import { Trie } from './trie.ts';
import { unigram } from './unigram.ts';
import { wordPiece } from './wordPiece.ts';

/** Options of {@link Tokeniser.encode}. */
export interface EncodeOptions {
  /** Whether to add the special tokens that the model wants at both ends (false). */
  readonly addSpecial?: boolean;
  /** Whether special tokens that are written in the text count as such, and not as text (false). */
  readonly parseSpecial?: boolean;
}
const encodeKeys: OptionKeys<EncodeOptions> = { addSpecial: true, parseSpecial: true };

/** Options of {@link Tokeniser.decode}. */
export interface DecodeOptions {
  /** Whether special tokens are part of the text (false). */
  readonly special?: boolean;
}
const decodeKeys: OptionKeys<DecodeOptions> = { special: true };

/** Text to ids and back. */
export interface Tokeniser {
  /** What it consists of: plain data, to be saved with a model and given to {@link tokeniser}. */
  readonly data: TokeniserData;
  /** Number of ids. */
  readonly size: number;
  /** Ids with a meaning. */
  readonly special: SpecialIds;
  /**
   * The ids of a text. O(n log n).
   * @throws INVALID_PARAMETER for what is not text, and for unknown options.
   */
  encode(text: string, options?: EncodeOptions): Int32Array;
  /**
   * The text of ids.
   * @throws INVALID_PARAMETER for an id that there is not, and for unknown options.
   */
  decode(ids: ArrayLike<number>, options?: DecodeOptions): string;
  /**
   * The pieces of ids, as the vocabulary has them.
   * @throws INVALID_PARAMETER for an id that there is not.
   */
  pieces(ids: ArrayLike<number>): string[];
}

function coreOf(data: TokeniserData): Core {
  switch (data.kind) {
    case 'unigram':
      return unigram(data);
    case 'pieceMerges':
      return pieceMerges(data);
    case 'wordPiece':
      return wordPiece(data);
    case 'byteMerges':
      return byteMerges(data);
    default:
      return fail(
        'INVALID_PARAMETER',
        `There is no kind of tokeniser ${JSON.stringify((data as { kind: unknown }).kind)}.`,
      );
  }
}

/** A text, and an added token or none after it. */
type Section = readonly [text: string, token?: AddedToken];

/** Splits a text at added tokens, of which the longest is taken. */
function sectionsOf(text: string, trie: Trie | undefined, added: readonly AddedToken[]): Section[] {
  if (!trie) return [[text]];
  const out: Section[] = [];
  let from = 0;
  let trim = false;
  for (let at = 0; at <= text.length; at++) {
    const found = at < text.length ? trie.longest(text, at) : undefined;
    if (!found && at < text.length) continue;
    const token = found && added[found.value];
    let part = text.slice(from, at);
    if (trim) part = part.trimStart();
    if (token?.stripLeft) part = part.trimEnd();
    out.push([part, token]);
    if (!found) break;
    trim = token?.stripRight === true;
    from = found.end;
    at = found.end - 1;
  }
  return out;
}

const trieOf = (added: readonly AddedToken[], which: (token: AddedToken) => boolean): Trie | undefined => {
  const found = added.flatMap((token, k) => (which(token) ? [[token.text, k] as const] : []));
  return found.length > 0 ? new Trie(found) : undefined;
};

/** Refuses data whose parts do not fit. */
function checkFit(data: TokeniserData): void {
  const { pieces, special, added, before, after } = data;
  const refuse = (why: string): never => fail('INVALID_FORMAT', `The tokeniser is damaged: ${why}.`);
  const known = (id: number): boolean => Number.isInteger(id) && id >= 0 && id < pieces.length;
  const strange = [...Object.values(special), ...added.map(({ id }) => id), ...before, ...after].find(
    (id) => !known(id),
  );
  if (strange !== undefined) refuse(`there is no token ${strange} among its ${pieces.length}`);
  if (added.some(({ text }) => text === '')) refuse('an added token is empty');
  for (const [name, list] of Object.entries({ ...data })) {
    if ((name === 'scores' || name === 'types') && (list as ArrayLike<number>).length !== pieces.length)
      refuse(`it has ${pieces.length} pieces, but ${(list as ArrayLike<number>).length} ${name}`);
    if (name === 'merges' && !Array.from(list as ArrayLike<number>).every(known)) refuse('a merge is of no pieces');
  }
}

/**
 * A tokeniser from its data, as {@link readTokeniser} reads it and `data` returns it.
 * @throws INVALID_PARAMETER for what is not the data of one; INVALID_FORMAT if its parts do not fit; NOT_SUPPORTED for an expression that JavaScript does not know.
 */
export function tokeniser(data: TokeniserData): Tokeniser {
  if (!Array.isArray((data as Partial<TokeniserData> | undefined)?.pieces))
    fail(
      'INVALID_PARAMETER',
      'tokeniser needs the data of one; readTokeniser(bytes, name) reads a file of a tokeniser.',
    );
  checkFit(data);
  const core = coreOf(data);
  const { pieces, special, added, before, after } = data;
  const size = pieces.length;
  const ofId = new Map(added.map((token) => [token.id, token]));
  const never = new Set([special.begin, special.end, special.pad, ...before, ...after]);
  const [all, plain] = [trieOf(added, () => true), trieOf(added, (token) => !token.special)];
  const check = (id: number): void => {
    if (!(id >= 0 && id < size && Number.isInteger(id)))
      fail('INVALID_PARAMETER', `There is no token ${id}: the vocabulary has ${size}, numbered from 0.`);
  };
  return {
    ...{ data, size, special },
    encode(text, options = {}) {
      knownKeys('encode', options, encodeKeys);
      if (typeof text !== 'string') fail('INVALID_PARAMETER', `encode takes a text, not ${typeof text}.`);
      const out: number[] = [];
      if (options.addSpecial) out.push(...before);
      sectionsOf(text, options.parseSpecial ? all : plain, added).forEach(([part, token], k) => {
        if (part !== '') core.encode(part, out, k === 0);
        if (token) out.push(token.id);
      });
      if (options.addSpecial) out.push(...after);
      return Int32Array.from(out);
    },
    decode(ids, options = {}) {
      knownKeys('decode', options, decodeKeys);
      const out: string[] = [];
      let run: number[] = [];
      const flush = () => {
        if (run.length > 0) out.push(core.decode(run));
        run = [];
      };
      for (let k = 0; k < ids.length; k++) {
        const id = ids[k];
        check(id);
        const token = ofId.get(id);
        const special = token?.special ?? never.has(id);
        if (special && !options.special) continue;
        // Word pieces are joined by spaces, also special ones.
        if (!(token || special) || data.kind === 'wordPiece') run.push(id);
        else {
          flush();
          out.push(token?.text ?? pieces[id]);
        }
      }
      flush();
      return out.join('');
    },
    pieces: (ids) =>
      Array.from(ids, (id) => {
        check(id);
        return ofId.get(id)?.text ?? core.shown(id);
      }),
  };
}
