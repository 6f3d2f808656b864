import { Random, SouthwellError } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { readTokeniser, type TokeniserData, tokeniser } from './index.ts';

const TEXT = 'Hello wörld ▁ 字 e\u0301 ﬁ [UNK]';

const FILES: Readonly<Record<string, object>> = {
  'word pieces': {
    added_tokens: [{ id: 0, content: '[UNK]', special: true }],
    normalizer: { type: 'BertNormalizer', lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '[UNK]' } }, { Sequence: { id: 'A' } }],
      special_tokens: { '[UNK]': { ids: [0] } },
    },
    decoder: { type: 'WordPiece' },
    model: { type: 'WordPiece', unk_token: '[UNK]', vocab: { '[UNK]': 0, a: 1 } },
  },
  bytes: {
    ...{ added_tokens: [], normalizer: { type: 'NFC' }, post_processor: null, decoder: { type: 'ByteLevel' } },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [{ type: 'Split', pattern: { Regex: 'a' }, behavior: 'Isolated' }, { type: 'ByteLevel' }],
    },
    model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] },
  },
  unigram: {
    ...{ added_tokens: [], normalizer: { type: 'Precompiled', precompiled_charsmap: 'BAAAAAAAAAAA' } },
    ...{ pre_tokenizer: { type: 'Metaspace', replacement: '▁' }, post_processor: null, decoder: { type: 'Metaspace' } },
    model: {
      type: 'Unigram',
      unk_id: 0,
      vocab: [
        ['<unk>', 0],
        ['▁a', -1],
      ],
    },
  },
};
const JUNK = [null, 5, 'x', [], {}, true, -1, 1e9, [[1]], undefined];

/** Puts something else in a place of the object. */
function changed(file: object, random: Random): object {
  const out = structuredClone(file) as Record<string, unknown>;
  const below = (n: number): number => Math.floor(random.uniform() * n);
  let at = out;
  for (;;) {
    const keys = Object.keys(at);
    if (keys.length === 0) return out;
    const key = keys[below(keys.length)];
    const inner = at[key];
    if (typeof inner === 'object' && inner !== null && random.uniform() < 0.75) at = inner as Record<string, unknown>;
    else {
      at[key] = JUNK[below(JUNK.length)];
      return out;
    }
  }
}

test.each(Object.entries(FILES))('a damaged tokenizer.json of %s is refused by a sentence, or read', (_, file) => {
  const random = new Random(1);
  let refused = 0;
  for (let trial = 0; trial < 500; trial++) {
    try {
      const t = readTokeniser(new TextEncoder().encode(JSON.stringify(changed(file, random))), 'tokenizer.json');
      t.decode(t.encode(TEXT, { addSpecial: true, parseSpecial: true }));
    } catch (error) {
      expect(error).toBeInstanceOf(SouthwellError);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(50);
});

test('data whose parts do not fit is refused', () => {
  const data: TokeniserData = {
    ...{ kind: 'unigram', pieces: ['<unk>', 'a'], scores: [0, -1], types: [2, 1], special: { unknown: 0 } },
    normalisation: { prefix: false, removeExtra: false, escapeSpaces: true },
    ...{ added: [], before: [], after: [] },
  };
  const make = (change: object) => () => tokeniser({ ...data, ...change } as TokeniserData);
  expect([...tokeniser(data).encode('aba')]).toEqual([1, 0, 1]);
  expect(make({ scores: [0] })).toThrow('it has 2 pieces, but 1 scores');
  expect(make({ before: [2] })).toThrow('there is no token 2 among its 2');
  expect(make({ kind: 'pieceMerges', merges: [0, 1, 5] })).toThrow('a merge is of no pieces');
  expect(make({ kind: 'words' })).toThrow('There is no kind of tokeniser "words".');
  expect(make({ special: {} })).toThrow('needs a piece for what is unknown');
  expect(make({ normalisation: { ...data.normalisation, characters: Uint8Array.of(9, 0, 0, 0) } })).toThrow(
    'The map of characters is damaged',
  );
});
