import { fail } from '@southwell/numerics/core';
import { type ByteMergesData, PIECE, type UnigramData, type WordPieceData } from '../data.ts';
import { GPT2_PATTERN } from './tiktoken.ts';

// Vocabularies that are only a list: what else the tokeniser does is by convention.

/**
 * Reads a vocabulary of BERT, one piece a line. It is for lower-case texts if no piece but special ones has a capital letter.
 * @throws INVALID_FORMAT if it has no [UNK].
 */
export function readVocabulary(text: string, name: string): WordPieceData {
  const pieces = text.split(/\r?\n/);
  while (pieces.at(-1) === '') pieces.pop();
  const id = (piece: string): number | undefined => {
    const found = pieces.indexOf(piece);
    return found < 0 ? undefined : found;
  };
  const unknown = id('[UNK]');
  if (unknown === undefined)
    fail('INVALID_FORMAT', `${name} has no piece [UNK], so that it is no vocabulary of word pieces.`);
  const [begin, end, pad, mask] = ['[CLS]', '[SEP]', '[PAD]', '[MASK]'].map(id);
  const marks = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
  const lowerCase = !pieces.some((piece) => !/^\[.*\]$/.test(piece) && piece !== piece.toLowerCase());
  return {
    ...{ kind: 'wordPiece', pieces, continuing: '##', longest: 100, tidy: true },
    ...{ clean: true, chinese: true, lowerCase, stripAccents: lowerCase },
    special: {
      unknown,
      ...(begin !== undefined && { begin }),
      ...(end !== undefined && { end }),
      ...(pad !== undefined && { pad }),
      ...(mask !== undefined && { mask }),
    },
    added: marks.flatMap((mark) => {
      const found = id(mark);
      return found === undefined ? [] : [{ id: found, text: mark, special: true }];
    }),
    before: begin === undefined ? [] : [begin],
    after: end === undefined ? [] : [end],
  };
}

/** Pieces with scores; some lists have null for 0. */
type Scored = ReadonlyArray<readonly [piece: string, score: number | null]>;

/** Whether a value is a list of pieces with scores. */
export const isScored = (value: unknown): value is Scored =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every(
    (entry) =>
      Array.isArray(entry) && typeof entry[0] === 'string' && (entry[1] === null || typeof entry[1] === 'number'),
  );

/** Ids before the first piece of the Universal Sentence Encoder. */
const RESERVED = 6;

/** A vocabulary of the Universal Sentence Encoder for TensorFlow.js: pieces with scores, of which the first six are reserved. */
export function scoredVocabulary(entries: Scored): UnigramData {
  return {
    kind: 'unigram',
    pieces: entries.map(([piece]) => piece),
    scores: entries.map(([, score]) => score ?? 0),
    types: entries.map((_, id) => (id === 0 ? PIECE.unknown : id < RESERVED ? PIECE.control : PIECE.normal)),
    normalisation: { form: 'NFKC', prefix: true, removeExtra: false, escapeSpaces: true },
    special: { unknown: 0, begin: 1, end: 2 },
    ...{ added: [], before: [], after: [] },
  };
}

/** Characters that GPT-2's files write for bytes: printable ones for themselves, others from U+0100 on. */
const BYTE_CHARACTERS: ReadonlyMap<string, string> = (() => {
  const out = new Map<string, string>();
  for (let byte = 0, more = 0; byte < 256; byte++) {
    const printable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    out.set(String.fromCharCode(printable ? byte : 256 + more++), String.fromCharCode(byte));
  }
  return out;
})();

/** A piece of GPT-2's alphabet as bytes; undefined if it has other characters. */
export function fromAlphabet(piece: string): string | undefined {
  let out = '';
  for (const c of piece) {
    const byte = BYTE_CHARACTERS.get(c);
    if (byte === undefined) return undefined;
    out += byte;
  }
  return out;
}

/** Ids without a piece that a vocabulary may have beside sixteen for each that has one. */
export const SPARSE = 1024;

/**
 * Pieces in the order of their ids.
 * @throws INVALID_FORMAT for ids that are not whole numbers from 0.
 */
export function piecesOf(vocabulary: unknown, name: string): string[] {
  const plain = typeof vocabulary === 'object' && vocabulary !== null && !Array.isArray(vocabulary);
  const entries = plain ? Object.entries(vocabulary as Readonly<Record<string, number>>) : [];
  const size = entries.reduce((most, [, id]) => Math.max(most, id + 1), 0);
  if (!plain || !entries.every(([, id]) => Number.isInteger(id) && id >= 0) || size > 16 * entries.length + SPARSE)
    fail('INVALID_FORMAT', `${name}: the vocabulary maps pieces to ids, which must be whole numbers from 0.`);
  const pieces = new Array<string>(size).fill('');
  for (const [piece, id] of entries) pieces[id] = piece;
  return pieces;
}

/**
 * Pairs of pieces as ids, with the ids that they make.
 * @throws INVALID_FORMAT for a piece that the vocabulary does not have.
 */
export function mergesOf(
  pairs: ReadonlyArray<readonly [string, string]>,
  pieces: readonly string[],
  name: string,
): Int32Array {
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const out = new Int32Array(3 * pairs.length);
  pairs.forEach(([left, right], k) => {
    [left, right, left + right].forEach((piece, i) => {
      out[3 * k + i] =
        ids.get(piece) ??
        fail('INVALID_FORMAT', `${name}: rule ${k + 1} has '${piece}', which is not in the vocabulary.`);
    });
  });
  return out;
}

/**
 * Reads the two files of GPT-2: a vocabulary and a list of merges.
 * @throws INVALID_FORMAT for files that do not fit.
 */
export function readGpt2(vocabulary: Readonly<Record<string, number>>, merges: string): ByteMergesData {
  const texts = piecesOf(vocabulary, 'vocab.json');
  const pairs = merges
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#version'))
    .map((line, k): [string, string] => {
      const parts = line.split(' ');
      if (parts.length !== 2) fail('INVALID_FORMAT', `merges.txt: rule ${k + 1}, '${line}', is not a pair.`);
      return [parts[0], parts[1]];
    });
  const end = vocabulary['<|endoftext|>'];
  return {
    ...{ kind: 'byteMerges', patterns: [GPT2_PATTERN], whole: false, prefix: false },
    pieces: texts.map((text) => fromAlphabet(text) ?? text),
    merges: mergesOf(pairs, texts, 'merges.txt'),
    special: end === undefined ? {} : { end },
    added: end === undefined ? [] : [{ id: end, text: '<|endoftext|>', special: true }],
    ...{ before: [], after: [] },
  };
}
