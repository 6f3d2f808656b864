import { Tiktoken } from 'js-tiktoken/lite';
import cl100k from 'js-tiktoken/ranks/cl100k_base';
import gpt2 from 'js-tiktoken/ranks/gpt2';
import o200k from 'js-tiktoken/ranks/o200k_base';
import p50k from 'js-tiktoken/ranks/p50k_base';
import { describe, expect, test } from 'vitest';
import { readTokeniser, tokeniser } from './index.ts';
import { differing, oddStrings } from './testing.ts';

const encoder = new TextEncoder();
const bytes = (value: unknown) => encoder.encode(JSON.stringify(value));
const RANKS = { gpt2, p50k_base: p50k, cl100k_base: cl100k, o200k_base: o200k };
// Of long words the peer takes the square of their length, and more.
const strings = oddStrings(1000, 3).map((text) => (text.length > 400 ? text.slice(0, 400) : text));

/** Tokens in base64 and their ranks, as tiktoken has them. */
const lines = (ranks: typeof gpt2): string[] =>
  ranks.bpe_ranks
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const [, first, ...tokens] = line.split(' ');
      return tokens.map((token, i) => `${token} ${Number(first) + i}`);
    });

describe.each(Object.entries(RANKS))('%s', (name, ranks) => {
  const theirs = new Tiktoken(ranks);
  const ours = readTokeniser(bytes(ranks), `${name}.json`);

  test('ids and texts are those of js-tiktoken', () => {
    const peer = strings.map((text) => theirs.encode(text, 'all'));
    const own = (text: string) => ours.encode(text, { parseSpecial: true });
    expect(differing(strings, own, (_, k) => peer[k])).toEqual([]);
    // Special tokens as text like any other.
    const marked = strings.filter((text) => text.includes('<|'));
    expect(marked.length).toBeGreaterThan(5);
    expect(
      differing(
        marked,
        (text) => ours.encode(text),
        (text) => theirs.encode(text, [], []),
      ),
    ).toEqual([]);
    // The peer's decoder drops a byte-order mark.
    const decoded = (_: string, k: number) => ours.decode(peer[k], { special: true }).replace(/^\uFEFF/, '');
    expect(differing(strings, decoded, (_, k) => theirs.decode(peer[k]))).toEqual([]);
  });

  test('a file of tiktoken is the same, by its name', () => {
    const file = readTokeniser(encoder.encode(`${lines(ranks).join('\n')}\n`), `${name}.tiktoken`);
    const options = { parseSpecial: true };
    const [a, b] = [file, ours].map((t) => (text: string) => t.encode(text, options));
    expect(differing(strings.slice(0, 200), a, b)).toEqual([]);
  });
});

/** GPT-2's alphabet: its own 256 first tokens are the bytes in the order of the alphabet. */
function alphabet(): Map<string, string> {
  const out = new Map<string, string>();
  const printable = (b: number) => (b > 32 && b < 127) || (b > 160 && b !== 173);
  let more = 256;
  for (let b = 0; b < 256; b++) out.set(String.fromCharCode(b), String.fromCharCode(printable(b) ? b : more++));
  return out;
}

test('a vocabulary with the list of its merges gives the ids of the ranks that it was made of', () => {
  // The first tokens of GPT-2; each is the merge of the two that its own merging ends with.
  const count = 5000;
  const tokens = lines(gpt2)
    .slice(0, count)
    .map((line) => atob(line.split(' ')[0]));
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const small = tokeniser({
    ...{ kind: 'byteMerges', pieces: tokens, patterns: [gpt2.pat_str], whole: false, prefix: false },
    ...{ special: {}, added: [], before: [], after: [] },
  });
  const letters = alphabet();
  const written = (token: string) => Array.from(token, (c) => letters.get(c)).join('');
  const pairs = tokens.slice(256).map((token) => {
    let parts = [...token];
    for (;;) {
      if (parts.length === 2) return parts;
      const ranks = parts.slice(1).map((part, i) => ids.get(parts[i] + part) ?? Number.POSITIVE_INFINITY);
      const i = ranks.indexOf(Math.min(...ranks));
      parts = [...parts.slice(0, i), parts[i] + parts[i + 1], ...parts.slice(i + 2)];
    }
  });
  const merges = pairs.map((pair) => pair.map(written).join(' '));
  const vocab = Object.fromEntries(tokens.map((token, id) => [written(token), id]));
  const two = readTokeniser({
    'vocab.json': bytes(vocab),
    'merges.txt': encoder.encode(`#version: 0.2\n${merges.join('\n')}\n`),
  });
  const one = readTokeniser(
    bytes({
      ...{ added_tokens: [], normalizer: null, post_processor: null, decoder: { type: 'ByteLevel' } },
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
      model: { type: 'BPE', vocab, merges },
    }),
    'tokenizer.json',
  );
  for (const t of [one, two])
    expect(
      differing(
        strings,
        (text) => t.encode(text),
        (text) => small.encode(text),
      ),
    ).toEqual([]);
});

test('a split of its own, with letters of either case', () => {
  const json = (pattern: string) => ({
    ...{ added_tokens: [], normalizer: { type: 'NFC' }, post_processor: null, decoder: { type: 'ByteLevel' } },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
      ],
    },
    model: {
      ...{ type: 'BPE', ignore_merges: true },
      vocab: Object.fromEntries([...[...alphabet().values()].map((c, id) => [c, id]), ["'S", 256]]),
      merges: [["'", 'S']],
    },
  });
  const t = readTokeniser(bytes(json("(?i:'s)|\\p{L}+")), 'tokenizer.json');
  expect(t.pieces(t.encode("AB'S"))).toEqual(['A', 'B', "'S"]);
  expect(t.decode(t.encode('e\u0301'))).toBe('é');
  expect(() => readTokeniser(bytes(json('(?>a)b')), 'tokenizer.json')).toThrow('JavaScript does not know');
});
