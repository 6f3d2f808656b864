import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readTokeniser } from './index.ts';
import { oddStrings, SENTENCES } from './testing.ts';

// Models that Debian's python3-sentencepiece trains on our documentation give its ids here.

interface Answer {
  readonly model: string;
  readonly ids: number[][];
  readonly decoded: string[];
  readonly some: string[];
}

const text = [readFileSync(new URL('../../../../docs/geometry.md', import.meta.url), 'utf8'), ...SENTENCES].join('\n');
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

function peer(): Answer[] | undefined {
  const { status, stdout, stderr } = spawnSync(
    '/usr/bin/python3',
    [fileURLToPath(new URL('peers/pieces.py', import.meta.url))],
    {
      input: JSON.stringify({ text, strings, some, models: Object.values(MODELS) }),
      ...{ encoding: 'utf8', maxBuffer: 1 << 28 },
    },
  );
  if (status !== 0 && !/No module named|ENOENT/.test(`${stderr}`) && stderr) throw new Error(stderr);
  return status === 0 ? (JSON.parse(stdout) as Answer[]) : undefined;
}
const answers = peer();

describe.skipIf(!answers)('SentencePiece (skipped where python3-sentencepiece is absent)', () => {
  test.each(Object.keys(MODELS).map((name, k) => [name, k] as const))('%s: ids and texts are its own', (_, k) => {
    const { model, ids, decoded, some: others } = answers![k];
    const t = readTokeniser(Uint8Array.from(Buffer.from(model, 'base64')), 'm.model');
    strings.forEach((s, i) => {
      expect([s, ...t.encode(s)]).toEqual([s, ...ids[i]]);
      expect(t.decode(ids[i])).toBe(decoded[i]);
    });
    expect(some.map((each) => t.decode(each))).toEqual(others);
  });
});
