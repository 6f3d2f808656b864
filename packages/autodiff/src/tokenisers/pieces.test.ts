import { readFileSync } from 'node:fs';
import { Random, SouthwellError } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { readTokeniser } from './index.ts';
import { differing, oddStrings, SENTENCES, trainedPieces } from './testing.ts';

// Models that Debian's python3-sentencepiece trains on our documentation give its ids here.

// Byte-order marks are characters like others within a text.
const MARKED = Array.from({ length: 40 }, (_, k) => `${k} \uFEFFa\uFEFF`);
const text = [
  readFileSync(new URL('../../../../docs/geometry.md', import.meta.url), 'utf8'),
  ...SENTENCES,
  ...MARKED,
].join('\n');
const strings = oddStrings(1000, 1).map((s) => s.replace(/\p{Surrogate}/gu, '\uFFFD'));
const shared = { vocab_size: 700, character_coverage: 0.98, hard_vocab_limit: false };
const MODELS: Readonly<Record<string, object>> = {
  unigram: { ...shared, model_type: 'unigram' },
  'unigram with bytes and pieces of users': {
    ...{ ...shared, model_type: 'unigram', byte_fallback: true, vocab_size: 900 },
    ...{ user_defined_symbols: ['<sep>', 'the', 'ing ', '!!!'], control_symbols: ['<ctl>'] },
    normalization_rule_name: 'nmt_nfkc_cf',
  },
  'unigram with the space after words': {
    ...{ ...shared, model_type: 'unigram', treat_whitespace_as_suffix: true, normalization_rule_name: 'nfkc' },
  },
  'byte-pair encoding': { ...shared, model_type: 'bpe' },
  'byte-pair encoding with bytes and all spaces': {
    ...{ ...shared, model_type: 'bpe', byte_fallback: true, vocab_size: 900, remove_extra_whitespaces: false },
    ...{ normalization_rule_name: 'identity', allow_whitespace_only_pieces: true, split_digits: true },
    ...{ user_defined_symbols: ['<sep>', 'the', '!!!'] },
  },
};
const some = [[], [3], [3, 3, 0, 5], [1, 7, 2], [300, 3, 400, 500], Array.from({ length: 300 }, (_, id) => id)];

const answers = trainedPieces({ text, strings, some, models: Object.values(MODELS) });

describe.skipIf(!answers)('SentencePiece (skipped where python3-sentencepiece is absent)', () => {
  test.each(Object.keys(MODELS).map((name, k) => [name, k] as const))('%s: ids and texts are its own', (_, k) => {
    const { model, ids, decoded, some: others } = answers![k];
    const t = readTokeniser(Uint8Array.from(Buffer.from(model, 'base64')), 'm.model');
    expect(
      differing(
        strings,
        (s) => t.encode(s),
        (_, i) => ids[i],
      ),
    ).toEqual([]);
    expect(
      differing(
        strings,
        (_, i) => t.decode(ids[i]),
        (_, i) => decoded[i],
      ),
    ).toEqual([]);
    expect(some.map((each) => t.decode(each))).toEqual(others);
  });

  test('texts of 10⁵ characters', () => {
    for (const { model } of [answers![0], answers![3]]) {
      const t = readTokeniser(Uint8Array.from(Buffer.from(model, 'base64')), 'm.model');
      for (const part of ['a', 'the ', '字', ' ', '▁', 'e\u0301']) {
        const ids = t.encode(part.repeat(1e5 / part.length));
        expect(ids.length).toBeLessThanOrEqual(3e5 + 1);
        expect(t.decode(ids).length).toBeLessThanOrEqual(1e5 + 1);
      }
    }
  });

  test('a model that is cut is told, with the byte', () => {
    const bytes = Uint8Array.from(Buffer.from(answers![0].model, 'base64'));
    for (const part of [0.1, 0.5, 0.9])
      expect(() => readTokeniser(bytes.subarray(0, Math.floor(part * bytes.length)), 'm.model')).toThrow(
        /^The SentencePiece model is damaged, cut short, or not a SentencePiece model: .*(byte \d+|it has no)/,
      );
  });

  test('a model whose bytes are changed is refused by a sentence, or read', () => {
    const random = new Random(7);
    const bytes = Uint8Array.from(Buffer.from(answers![0].model, 'base64'));
    for (let trial = 0; trial < 60; trial++) {
      const other = bytes.slice();
      for (let k = 0; k < 3; k++)
        other[Math.floor(random.uniform() * bytes.length)] = Math.floor(random.uniform() * 256);
      try {
        const t = readTokeniser(other, 'm.model');
        t.decode(t.encode(SENTENCES.join(' ')));
      } catch (error) {
        expect(error).toBeInstanceOf(SouthwellError);
      }
    }
  });
});
