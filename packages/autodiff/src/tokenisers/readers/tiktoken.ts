import { fail } from '@southwell/numerics/core';
import type { AddedToken, ByteMergesData } from '../data.ts';

/** What a file of ranks does not say. */
export interface TiktokenSettings {
  /** Regular expression that splits a text. */
  readonly pattern: string;
  /** Ids of special tokens by their text. */
  readonly special: Readonly<Record<string, number>>;
}

const ENDINGS = "('s|'S|'t|'T|'re|'rE|'Re|'RE|'ve|'vE|'Ve|'VE|'m|'M|'ll|'lL|'Ll|'LL|'d|'D)";
const WORD = '[^\\r\\n\\p{L}\\p{N}]?';
const UPPER = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const LOWER = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';
export const GPT2_PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** Settings of OpenAI's files, by the name of the encoding. */
const NAMED: Readonly<Record<string, TiktokenSettings>> = {
  gpt2: { pattern: GPT2_PATTERN, special: { '<|endoftext|>': 50256 } },
  r50k_base: { pattern: GPT2_PATTERN, special: { '<|endoftext|>': 50256 } },
  p50k_base: { pattern: GPT2_PATTERN, special: { '<|endoftext|>': 50256 } },
  cl100k_base: {
    pattern: `${ENDINGS}|${WORD}\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
    special: {
      ...{ '<|endoftext|>': 100257, '<|fim_prefix|>': 100258, '<|fim_middle|>': 100259, '<|fim_suffix|>': 100260 },
      '<|endofprompt|>': 100276,
    },
  },
  o200k_base: {
    pattern: [
      `${WORD}${UPPER}*${LOWER}+${ENDINGS}?`,
      `${WORD}${UPPER}+${LOWER}*${ENDINGS}?`,
      '\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
    ].join('|'),
    special: { '<|endoftext|>': 199999, '<|endofprompt|>': 200018 },
  },
};

/** The settings that a file's name stands for. */
export const settingsOf = (name: string): TiktokenSettings | undefined =>
  NAMED[/([^/\\]*?)(\.tiktoken)?$/.exec(name)?.[1] ?? ''];

/**
 * The bytes of base64 as text with one character for each.
 * @throws INVALID_FORMAT for what is not base64.
 */
export function fromBase64(text: string, where: string): string {
  try {
    return atob(text);
  } catch {
    return fail('INVALID_FORMAT', `${where}: '${text.slice(0, 20)}' is not base64.`);
  }
}

/** A tokeniser from ranks, which are ids. */
export function tiktokenData(ranks: ReadonlyMap<number, string>, settings: TiktokenSettings): ByteMergesData {
  const added: AddedToken[] = Object.entries(settings.special).map(([text, id]) => ({ id, text, special: true }));
  let size = 0;
  for (const id of ranks.keys()) size = Math.max(size, id + 1);
  for (const { id } of added) size = Math.max(size, id + 1);
  const pieces = new Array<string>(size).fill('');
  for (const [id, text] of ranks) pieces[id] = text;
  for (const { id, text } of added) pieces[id] = text;
  const end = settings.special['<|endoftext|>'];
  return {
    ...{ kind: 'byteMerges', pieces, added, patterns: [settings.pattern], whole: true, prefix: false },
    ...{ special: end === undefined ? {} : { end }, before: [], after: [] },
  };
}

/**
 * Reads a file of tiktoken: lines of base64 and a rank. Its name tells how texts are split: `cl100k_base.tiktoken`; otherwise settings must.
 * @throws INVALID_FORMAT, with the line, for a file that is damaged; INVALID_PARAMETER if neither its name nor the settings tell how texts are split.
 */
export function readTiktoken(
  text: string,
  name: string,
  settings: TiktokenSettings | undefined = settingsOf(name),
): ByteMergesData {
  if (!settings)
    fail(
      'INVALID_PARAMETER',
      `${name} has ranks, but does not say how a text is split: pass { pattern, special }, or name it after one of ${Object.keys(NAMED).join(', ')}.`,
    );
  const ranks = new Map<number, string>();
  text.split('\n').forEach((line, k) => {
    if (line.trim() === '') return;
    const [token, rank, ...more] = line.trim().split(' ');
    const id = Number(rank);
    if (more.length > 0 || rank === undefined || !Number.isInteger(id) || id < 0)
      fail('INVALID_FORMAT', `${name}, line ${k + 1}: '${line.slice(0, 40)}' is not a token in base64 and its rank.`);
    ranks.set(id, fromBase64(token, `${name}, line ${k + 1}`));
  });
  return tiktokenData(ranks, settings);
}

/** The ranks of js-tiktoken: `js-tiktoken/ranks/*`. */
export interface JsRanks {
  readonly bpe_ranks: string;
  readonly pat_str: string;
  readonly special_tokens: Readonly<Record<string, number>>;
}

/**
 * A tokeniser from the ranks of js-tiktoken: lines of `!`, the first rank, and tokens in base64.
 * @throws INVALID_FORMAT, with the line, for ranks that are damaged.
 */
export function readJsRanks({ bpe_ranks, pat_str, special_tokens }: JsRanks): ByteMergesData {
  const ranks = new Map<number, string>();
  bpe_ranks.split('\n').forEach((line, k) => {
    if (line.trim() === '') return;
    const [mark, first, ...tokens] = line.split(' ');
    const from = Number(first);
    if (mark !== '!' || !Number.isInteger(from))
      fail('INVALID_FORMAT', `bpe_ranks, line ${k + 1}: it does not begin with ! and a rank.`);
    tokens.forEach((token, i) => {
      ranks.set(from + i, fromBase64(token, `bpe_ranks, line ${k + 1}`));
    });
  });
  return tiktokenData(ranks, { pattern: pat_str, special: special_tokens });
}
