import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, test } from 'vitest';
import { type PieceMergesData, readTokeniser, type UnigramData } from './index.ts';
import { differing, oddStrings, SENTENCES, trainedPieces } from './testing.ts';

// Models that python3-sentencepiece trains, written as tokenizer.json: ids are those of SentencePiece and of @huggingface/tokenizers.

const text = [readFileSync(new URL('../../../../docs/sketching.md', import.meta.url), 'utf8'), ...SENTENCES].join('\n');
// SentencePiece adds a space also before one, and has no special tokens in texts.
const strings = oddStrings(1000, 6)
  .map((s) => s.replace(/\p{Surrogate}/gu, '\uFFFD'))
  .filter((s) => s !== '' && !/^[ ▁]|<s>|<\/s>|<unk>/.test(s));
const shared = {
  ...{ vocab_size: 900, character_coverage: 0.98, hard_vocab_limit: false, byte_fallback: true },
  ...{ remove_extra_whitespaces: false, normalization_rule_name: 'identity' },
};
const models = [
  { ...shared, model_type: 'bpe' },
  // The peer has no bytes for characters that a unigram model does not know.
  { ...shared, model_type: 'unigram', byte_fallback: false },
];
const answers = trainedPieces({ text, strings, some: [], models });
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const added = (pieces: readonly string[]) =>
  pieces.slice(0, 3).map((content, id) => ({
    ...{ id, content, special: true, normalized: false },
    ...{ single_word: false, lstrip: false, rstrip: false },
  }));
const template = {
  type: 'TemplateProcessing',
  single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
  pair: [],
  special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
};

/** Merges of a model of SentencePiece: all pairs that make a piece, by its score. */
function mergesOf({ pieces, scores }: PieceMergesData): string[][] {
  const known = new Set(pieces);
  return pieces
    .map((piece, id) => ({ piece, score: scores![id] }))
    .slice(259)
    .sort((a, b) => b.score - a.score)
    .flatMap(({ piece }) => {
      const letters = [...piece];
      return letters
        .slice(1)
        .map((_, i) => [letters.slice(0, i + 1).join(''), letters.slice(i + 1).join('')])
        .filter((pair) => pair.every((part) => known.has(part)));
    });
}

function jsonOf(data: PieceMergesData | UnigramData, change: object = {}): object {
  const { pieces, scores } = data;
  const common = { version: '1.0', added_tokens: added(pieces), post_processor: template };
  if (data.kind === 'unigram')
    return {
      ...{ ...common, normalizer: null },
      pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
      decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
      model: {
        type: 'Unigram',
        unk_id: 0,
        byte_fallback: true,
        vocab: pieces.map((piece, id) => [piece, scores![id]]),
      },
      ...change,
    };
  return {
    ...common,
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      ...{ type: 'BPE', unk_token: '<unk>', fuse_unk: true, byte_fallback: true },
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
      merges: mergesOf(data),
    },
    ...change,
  };
}

describe.skipIf(!answers)('pieces as tokenizer.json (skipped where python3-sentencepiece is absent)', () => {
  const dataOf = (k: number) =>
    readTokeniser(Uint8Array.from(Buffer.from(answers![k].model, 'base64')), 'm.model').data as PieceMergesData;

  test.each(['byte-pair encoding', 'unigram'])(
    '%s: ids are those of the model that it was made of, and of the peer',
    (name) => {
      const k = name === 'unigram' ? 1 : 0;
      const json = jsonOf(dataOf(k));
      const t = readTokeniser(bytes(json), 'tokenizer.json');
      const theirs = new Tokenizer(json, {});
      const { ids, decoded } = answers![k];
      expect(
        differing(
          strings,
          (s) => t.encode(s),
          (_, i) => ids[i],
        ),
      ).toEqual([]);
      // Here <unk> is a special token, which a text leaves out.
      const text = (s: string, i: number) => (ids[i].includes(0) ? decoded[i] : t.decode(t.encode(s)));
      expect(differing(strings, text, (_, i) => decoded[i])).toEqual([]);
      expect(
        differing(
          strings,
          (s) => t.encode(s, { addSpecial: true }),
          (s) => theirs.encode(s).ids,
        ),
      ).toEqual([]);
      expect(t.special).toEqual({ unknown: 0, begin: 1, end: 2 });
    },
  );

  test('what is not supported is told', () => {
    const read = (k: number, change: object) => () => readTokeniser(bytes(jsonOf(dataOf(k), change)), 'tokenizer.json');
    expect(read(1, { normalizer: { type: 'Lowercase' } })).toThrow('the normaliser Lowercase, which is not supported');
    expect(read(1, { pre_tokenizer: null })).toThrow('texts whose spaces are not written as ▁');
    expect(read(0, { post_processor: { type: 'Other' } })).toThrow('the post-processor Other');
    expect(read(0, { model: { type: 'BPE', vocab: { a: 0 }, merges: [['a', 'b']], fuse_unk: true } })).toThrow(
      "tokenizer.json: rule 1 has 'b', which is not in the vocabulary.",
    );
  });
});
