import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { TokeniserData } from '../data.ts';
import { type Tokeniser, tokeniser } from '../tokeniser.ts';
import { isScored, readGpt2, readVocabulary, scoredVocabulary } from './lists.ts';
import { readLlama2cTokeniser } from './llama2c.ts';
import { readSentencePiece } from './sentencePiece.ts';
import { type JsRanks, readJsRanks, readTiktoken, type TiktokenSettings } from './tiktoken.ts';
import { readTokenizerJson } from './tokenizerJson.ts';

/** Options of {@link readTokeniser}. */
export interface ReadTokeniserOptions {
  /** For ranks of tiktoken under another name than those of OpenAI: the regular expression that splits a text, and special tokens. */
  readonly ranks?: TiktokenSettings;
}
const readKeys: OptionKeys<ReadTokeniserOptions> = { ranks: true };

/** The files of a tokeniser by name. */
export type TokeniserFiles = Readonly<Record<string, Uint8Array>>;

const decoder = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return fail('INVALID_FORMAT', `${name} is not JSON: ${(error as Error).message}.`);
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isRanks = (value: Readonly<Record<string, unknown>>): boolean =>
  typeof value.bpe_ranks === 'string' && typeof value.pat_str === 'string';

function ofJson(value: unknown, name: string, merges: string | undefined): TokeniserData {
  if (isScored(value)) return scoredVocabulary(value);
  if (isObject(value)) {
    if (isObject(value.model)) return readTokenizerJson(value);
    if (isRanks(value)) return readJsRanks({ special_tokens: {}, ...value } as unknown as JsRanks);
    if (Object.values(value).every((id) => typeof id === 'number')) {
      if (merges !== undefined) return readGpt2(value as Readonly<Record<string, number>>, merges);
      fail(
        'INVALID_FORMAT',
        `${name} is a vocabulary without the list of its merges: pass { 'vocab.json': …, 'merges.txt': … }.`,
      );
    }
  }
  return fail(
    'INVALID_FORMAT',
    `${name} is JSON, but of no tokeniser: neither a tokenizer.json, nor ranks, nor a vocabulary.`,
  );
}

/** The tokeniser of one file. */
function dataOf(bytes: Uint8Array, name: string, { ranks }: ReadTokeniserOptions): TokeniserData {
  if (bytes.length === 0) fail('INVALID_FORMAT', `${name} is empty, and not the file of a tokeniser.`);
  // A SentencePiece model begins with a piece, a file of llama2.c with the length of its longest piece.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length > 16 && view.getInt32(0, true) < 1 << 16 && view.getInt32(8, true) === 5 && bytes[12] === 0x3c)
    return readLlama2cTokeniser(bytes);
  if (bytes[0] === 0x0a && /\.(model|spm)$/i.test(name)) return readSentencePiece(bytes);
  const text = textOf(bytes);
  if (text === undefined || text.includes('\0')) return readSentencePiece(bytes);
  if (/^\s*[[{]/.test(text) && /^\s*(\{|\[\s*\[)/.test(text)) return ofJson(parsed(text, name), name, undefined);
  if (/^[A-Za-z0-9+/]+={0,2} \d+\r?\n/.test(text)) return readTiktoken(text, name, ranks);
  if (/^#version/.test(text))
    fail(
      'INVALID_FORMAT',
      `${name} is a list of merges without its vocabulary: pass { 'vocab.json': …, 'merges.txt': … }.`,
    );
  return readVocabulary(text, name);
}

/**
 * Reads a tokeniser from its file, which it recognises: a SentencePiece model, a tokenizer.json of Hugging Face, vocab.txt of BERT, ranks of tiktoken and of
 * js-tiktoken, a tokeniser of llama2.c, or a list of pieces with scores; or from the two files of GPT-2, `{ 'vocab.json': …, 'merges.txt': … }`. O(size).
 * @param name Name of the file, for messages; the ranks of tiktoken are told apart by it.
 * @throws INVALID_FORMAT for a file that is damaged or of no tokeniser; NOT_SUPPORTED for a part of one that is not supported; INVALID_PARAMETER for no file.
 */
export function readTokeniser(
  source: Uint8Array | TokeniserFiles,
  name = 'The file',
  options: ReadTokeniserOptions = {},
): Tokeniser {
  knownKeys('readTokeniser', options, readKeys);
  if (source instanceof Uint8Array) return tokeniser(dataOf(source, name, options));
  const files = isObject(source) ? Object.entries(source).filter(([, bytes]) => bytes instanceof Uint8Array) : [];
  if (files.length === 0)
    fail('INVALID_PARAMETER', 'readTokeniser needs the bytes of a file of a tokeniser, or several by name.');
  if (files.length === 1) return tokeniser(dataOf(files[0][1], files[0][0], options));
  const ending = (end: RegExp) => files.find(([file]) => end.test(file));
  const whole = ending(/tokenizer\.json$/) ?? ending(/\.model$/);
  if (whole) return tokeniser(dataOf(whole[1], whole[0], options));
  const [vocabulary, merges] = [ending(/\.json$/), ending(/merges[^/]*\.txt$|\.bpe$/)];
  if (vocabulary && merges) {
    const text = textOf(vocabulary[1]) ?? '';
    return tokeniser(ofJson(parsed(text, vocabulary[0]), vocabulary[0], textOf(merges[1]) ?? ''));
  }
  return fail(
    'INVALID_FORMAT',
    `There is no tokeniser among ${files.map(([file]) => file).join(', ')}: it is tokenizer.json, a .model, or vocab.json with merges.txt.`,
  );
}
