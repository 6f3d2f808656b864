import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, test } from 'vitest';
import { readTokeniser } from './index.ts';
import { differing, oddStrings, SENTENCES } from './testing.ts';

const MARKS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/** A vocabulary from the sentences: characters, beginnings and ends of words. */
function vocabulary(lowerCase: boolean): string[] {
  const found = new Set<string>();
  for (const sentence of SENTENCES) {
    const text = lowerCase
      ? sentence
          .toLowerCase()
          .normalize('NFD')
          .replace(/\p{Mn}/gu, '')
      : sentence;
    for (const [word] of text.matchAll(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)) {
      const letters = [...word];
      found.add(letters[0]);
      for (const letter of letters) found.add(`##${letter}`);
      if (letters.length > 3) found.add(letters.slice(0, 3).join('')).add(`##${letters.slice(3).join('')}`);
      if (letters.length > 5) found.add(word);
    }
  }
  return [...MARKS, ...found].filter((piece) => piece !== '');
}

const encoder = new TextEncoder();
const bytes = (value: unknown) => encoder.encode(JSON.stringify(value));

function tokenizerJson(pieces: readonly string[], lowerCase: boolean, rest: object = {}) {
  const token = (content: string) => ({
    ...{ id: pieces.indexOf(content), content, special: true },
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
  });
  const ids = (content: string) => ({ id: content, ids: [pieces.indexOf(content)], tokens: [content] });
  return {
    version: '1.0',
    added_tokens: MARKS.map(token),
    normalizer: {
      ...{ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true },
      ...{ strip_accents: null, lowercase: lowerCase },
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [
        { SpecialToken: { id: '[CLS]', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '[SEP]', type_id: 0 } },
      ],
      pair: [],
      special_tokens: { '[CLS]': ids('[CLS]'), '[SEP]': ids('[SEP]') },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      ...{ type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100 },
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
    },
    ...rest,
  };
}

// The peer takes UTF-16 for characters: it sees no ideographs beyond U+FFFF, which are words of their own to BERT.
const forPeer = (text: string): string => text.replace(/[\u{20000}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu, ' $& ');
const strings = oddStrings(1000, 2);

describe.each([true, false])('word pieces, of lower case: %s', (lowerCase) => {
  const pieces = vocabulary(lowerCase);
  const json = tokenizerJson(pieces, lowerCase);
  const theirs = new Tokenizer(json, {});
  const ours = readTokeniser(bytes(json), 'tokenizer.json');

  test('ids and texts are those of @huggingface/tokenizers', () => {
    const own = (text: string) => ours.encode(text, { addSpecial: true, parseSpecial: true });
    const peer = (text: string) => theirs.encode(forPeer(text)).ids;
    expect(differing(strings, own, peer)).toEqual([]);
    const all = (text: string) => ours.decode(own(text), { special: true });
    expect(differing(strings, all, (text) => theirs.decode(peer(text), { skip_special_tokens: false }))).toEqual([]);
    // The peer has no text for nothing.
    const some = strings.filter((text) => own(text).length > 2);
    const plain = (text: string) => theirs.decode(peer(text), { skip_special_tokens: true });
    expect(differing(some, (text) => ours.decode(own(text)), plain)).toEqual([]);
  });

  test('vocab.txt alone is the same', () => {
    const alone = readTokeniser(encoder.encode(`${pieces.join('\n')}\n`), 'vocab.txt');
    expect(alone.data).toEqual(ours.data);
  });
});

test('marks within a text are text unless they are asked for', () => {
  const t = readTokeniser(bytes(tokenizerJson(vocabulary(true), true)), 'tokenizer.json');
  const [unknown, begin, end, mask] = [1, 2, 3, 4];
  expect(t.special).toEqual({ unknown, begin, end, mask, pad: 0 });
  expect([...t.encode('the [MASK]', { addSpecial: true, parseSpecial: true })].slice(-2)).toEqual([mask, end]);
  expect([...t.encode('[MASK]')]).not.toContain(mask);
  expect([...t.encode('', { addSpecial: true })]).toEqual([begin, end]);
  expect(t.pieces(t.encode('jumps over'))).toEqual(['jum', '##ps', 'ove', '##r']);
});

test('what is not supported is told', () => {
  const pieces = vocabulary(true);
  const read = (rest: object) => () => readTokeniser(bytes(tokenizerJson(pieces, true, rest)), 'tokenizer.json');
  expect(read({ pre_tokenizer: { type: 'CharDelimiterSplit' } })).toThrow(
    'The tokeniser needs the pre-tokeniser CharDelimiterSplit, which is not supported.',
  );
  expect(read({ model: { type: 'WordLevel', vocab: {} } })).toThrow('the model WordLevel');
  const added = { id: 0, content: 'Foo', special: false, normalized: true };
  expect(read({ added_tokens: [added] })).toThrow("the added token 'Foo' in any letters");
  expect(read({ added_tokens: [{ ...added, normalized: false, single_word: true }] })).toThrow('as a single word');
  expect(read({ model: {} })).toThrow('it has no model with a vocabulary');
});

test('a text of 10⁵ characters: one long word is unknown, many words are not', () => {
  const t = readTokeniser(bytes(tokenizerJson(vocabulary(true), true)), 'tokenizer.json');
  expect([...t.encode('a'.repeat(1e5))]).toEqual([t.special.unknown]);
  const words = 'the fox '.repeat(12500);
  expect(t.decode(t.encode(words))).toBe(words.trim());
  expect(t.encode('')).toHaveLength(0);
});
