import { fail } from '@southwell/numerics/core';
import {
  type AddedToken,
  type ByteMergesData,
  PIECE,
  type PieceMergesData,
  type PieceNormalisation,
  type SpecialIds,
  type TokeniserData,
  type UnigramData,
  type WordPieceData,
} from '../data.ts';
import { SPACE } from '../normalise.ts';
import { fromAlphabet, isScored, mergesOf, piecesOf, SPARSE } from './lists.ts';
import { fromBase64, GPT2_PATTERN } from './tiktoken.ts';

/** An object of the file; what it holds is checked where it is used. */
type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A part of the file and, of a sequence, its parts. */
function stepsOf(part: unknown): Json[] {
  if (!isObject(part)) return [];
  if (part.type !== 'Sequence') return [part];
  const inner = part.normalizers ?? part.pretokenizers ?? part.processors ?? part.decoders;
  return objects(inner).flatMap(stepsOf);
}

const unsupported = (what: string): never =>
  fail('NOT_SUPPORTED', `The tokeniser needs ${what}, which is not supported.`);

/** Refuses steps of other types. */
function only(steps: readonly Json[], types: readonly string[], where: string): void {
  const other = steps.find(({ type }) => !types.includes(textIn(type)));
  if (other) unsupported(`the ${where} ${textIn(other.type) || 'without a type'}`);
}

const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const;
const formOf = (steps: readonly Json[]): (typeof FORMS)[number] | undefined => {
  const found = steps.filter(({ type }) => FORMS.some((form) => form === type));
  if (found.length > 1) unsupported('two normal forms of Unicode');
  return FORMS.find((form) => form === found[0]?.type);
};

function patternIn(step: Json): string {
  const { pattern } = step;
  if (isObject(pattern) && typeof pattern.Regex === 'string') return pattern.Regex;
  if (isObject(pattern) && typeof pattern.String === 'string')
    return pattern.String.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return unsupported(`the split ${JSON.stringify(pattern)}`);
}

function addedOf(json: Json): AddedToken[] {
  return objects(json.added_tokens).map((token) => {
    const [text, id] = [textIn(token.content), Number(token.id)];
    if (text === '' || !Number.isInteger(id) || id < 0)
      fail('INVALID_FORMAT', `The file is not a tokenizer.json: an added token has no text or no id.`);
    if (token.single_word === true) unsupported(`the added token '${text}' as a single word`);
    return {
      ...{ id, text, special: token.special === true },
      ...(token.lstrip === true ? { stripLeft: true } : {}),
      ...(token.rstrip === true ? { stripRight: true } : {}),
    };
  });
}

/** Ids before and after a text. */
function endsOf(json: Json): { readonly before: number[]; readonly after: number[] } {
  const ends = { before: [] as number[], after: [] as number[] };
  for (const step of stepsOf(json.post_processor)) {
    if (step.type === 'BertProcessing' || step.type === 'RobertaProcessing') {
      const [first, last] = [step.cls, step.sep].map((pair) => (Array.isArray(pair) ? Number(pair[1]) : Number.NaN));
      ends.before.push(first);
      ends.after.push(last);
    } else if (step.type === 'TemplateProcessing') {
      let list = ends.before;
      for (const part of objects(step.single)) {
        if (isObject(part.Sequence)) {
          list = ends.after;
          continue;
        }
        const name = isObject(part.SpecialToken) ? textIn(part.SpecialToken.id) : '';
        const token = isObject(step.special_tokens) ? step.special_tokens[name] : undefined;
        if (isObject(token) && Array.isArray(token.ids)) list.push(...token.ids.map(Number));
      }
    } else if (step.type !== 'ByteLevel') unsupported(`the post-processor ${textIn(step.type)}`);
  }
  return ends;
}

interface Shared {
  readonly added: AddedToken[];
  readonly before: number[];
  readonly after: number[];
}

function specialOf(pieces: readonly string[], { added, before, after }: Shared, unknown: string): SpecialIds {
  const id = (...names: readonly string[]): number | undefined =>
    added.find(({ text }) => names.includes(text))?.id ??
    names.map((name) => pieces.indexOf(name)).find((found) => found >= 0);
  const all: Record<string, number | undefined> = {
    unknown: unknown === '' ? undefined : id(unknown),
    begin: before[0] ?? id('<s>', '<bos>', '[CLS]', '<|begin_of_text|>'),
    end: after.at(-1) ?? id('</s>', '<eos>', '[SEP]', '<|endoftext|>', '<|end_of_text|>'),
    pad: id('<pad>', '[PAD]'),
    mask: id('<mask>', '[MASK]'),
  };
  return Object.fromEntries(Object.entries(all).filter(([, found]) => found !== undefined)) as SpecialIds;
}

/** The pieces of a vocabulary, and of added tokens that are not in it. */
function withAdded(pieces: string[], added: readonly AddedToken[]): string[] {
  const most = 16 * (pieces.length + added.length) + SPARSE;
  for (const { id, text } of added) {
    if (id > most) fail('INVALID_FORMAT', `tokenizer.json: the added token '${text}' has the id ${id}.`);
    while (pieces.length <= id) pieces.push('');
    pieces[id] = text;
  }
  return pieces;
}

function wordPieceOf(json: Json, model: Json, shared: Shared): WordPieceData {
  const normal = stepsOf(json.normalizer);
  only(normal, ['BertNormalizer', 'Lowercase', 'StripAccents', 'NFD'], 'normaliser');
  only(stepsOf(json.pre_tokenizer), ['BertPreTokenizer'], 'pre-tokeniser');
  if (stepsOf(json.pre_tokenizer).length === 0) unsupported('word pieces of whole texts');
  only(stepsOf(json.decoder), ['WordPiece'], 'decoder');
  const bert = normal.find(({ type }) => type === 'BertNormalizer');
  const has = (type: string): boolean => normal.some((step) => step.type === type);
  const lowerCase = has('Lowercase') || bert?.lowercase === true;
  const accents = bert?.strip_accents;
  const stripAccents =
    has('StripAccents') || (typeof accents === 'boolean' ? accents : bert !== undefined && lowerCase);
  const folded = objects(json.added_tokens).find(({ normalized }) => normalized === true);
  if (folded && (lowerCase || stripAccents)) unsupported(`the added token '${textIn(folded.content)}' in any letters`);
  const pieces = withAdded(piecesOf(model.vocab, 'tokenizer.json'), shared.added);
  const decoder = stepsOf(json.decoder)[0];
  return {
    ...{ kind: 'wordPiece', pieces, ...shared, lowerCase },
    continuing: textIn(model.continuing_subword_prefix) || '##',
    longest: Number(model.max_input_chars_per_word ?? 100),
    clean: bert?.clean_text === true,
    chinese: bert?.handle_chinese_chars === true,
    stripAccents,
    tidy: decoder?.cleanup !== false,
    special: specialOf(pieces, shared, textIn(model.unk_token)),
  };
}

/** Pairs of a model, which its file has as `a b` or as ["a", "b"]. */
function pairsOf(model: Json): Array<[string, string]> {
  const list = Array.isArray(model.merges) ? (model.merges as unknown[]) : [];
  return list.map((entry, k) => {
    const pair = Array.isArray(entry) ? entry : textIn(entry).split(' ');
    if (pair.length !== 2 || !pair.every((piece) => typeof piece === 'string'))
      fail('INVALID_FORMAT', `The file is not a tokenizer.json: its merge ${k + 1} is not a pair.`);
    return pair as [string, string];
  });
}

function byteMergesOf(json: Json, model: Json, shared: Shared): ByteMergesData {
  const normal = stepsOf(json.normalizer);
  only(normal, FORMS, 'normaliser');
  const split = stepsOf(json.pre_tokenizer);
  only(split, ['Split', 'Digits', 'ByteLevel'], 'pre-tokeniser');
  const patterns = split.flatMap((step) => {
    if (step.type === 'ByteLevel') return step.use_regex === false ? [] : [GPT2_PATTERN];
    if (step.type === 'Digits') return [step.individual_digits === true ? '\\p{N}' : '\\p{N}+'];
    if (step.behavior !== 'Isolated' && !(step.behavior === 'Removed' && step.invert === true))
      unsupported(`a split of the kind ${textIn(step.behavior)}`);
    return [patternIn(step)];
  });
  const texts = piecesOf(model.vocab, 'tokenizer.json');
  const merges = mergesOf(pairsOf(model), texts, 'tokenizer.json');
  const added = new Set(shared.added.map(({ id }) => id));
  const pieces = withAdded(
    texts.map((text, id) => (added.has(id) ? text : (fromAlphabet(text) ?? text))),
    shared.added,
  );
  const form = formOf(normal);
  return {
    ...{ kind: 'byteMerges', pieces, merges, patterns, ...shared },
    ...(form ? { form } : {}),
    whole: model.ignore_merges === true,
    prefix: split.some((step) => step.type === 'ByteLevel' && step.add_prefix_space === true),
    special: specialOf(texts, shared, ''),
  };
}

const isSpace = (step: Json): boolean =>
  isObject(step.pattern) && step.pattern.String === ' ' && step.content === SPACE;
const isSeveral = (step: Json): boolean => isObject(step.pattern) && step.pattern.Regex === ' {2,}';

/** How a text is prepared: spaces are ▁, by a normaliser or before the model. */
function pieceNormalisation(json: Json, pieces: readonly string[]): PieceNormalisation {
  const [normal, split] = [stepsOf(json.normalizer), stepsOf(json.pre_tokenizer)];
  only(normal, ['Prepend', 'Replace', 'Precompiled', 'Strip', ...FORMS], 'normaliser');
  only(split, ['Metaspace', 'WhitespaceSplit'], 'pre-tokeniser');
  const meta = split.find(({ type }) => type === 'Metaspace');
  for (const step of normal) {
    if (step.type === 'Replace' && !isSpace(step) && !isSeveral(step))
      unsupported(`the replacement of ${JSON.stringify(step.pattern)}`);
    if (step.type === 'Prepend' && step.prepend !== SPACE) unsupported(`the prefix '${textIn(step.prepend)}'`);
    if (step.type === 'Strip' && step.strip_left === true) unsupported('the normaliser Strip on the left');
  }
  if (!meta && !normal.some(isSpace)) unsupported('texts whose spaces are not written as ▁');
  if (meta && textIn(meta.replacement) !== SPACE)
    unsupported(`spaces that are written as '${textIn(meta.replacement)}'`);
  const words = split.some(({ type }) => type === 'WhitespaceSplit');
  if (meta && (words || meta.split !== false) && pieces.some((piece) => piece.indexOf(SPACE, 1) > 0))
    unsupported('words apart, although its pieces have spaces within');
  const [several, strip] = [normal.some(isSeveral), normal.some(({ type }) => type === 'Strip')];
  if (!words && several !== strip) unsupported('the removal of some spaces only');
  const scheme = textIn(meta?.prepend_scheme) || (meta?.add_prefix_space === false ? 'never' : 'always');
  const map = normal.find(({ type }) => type === 'Precompiled');
  const form = formOf(normal);
  return {
    ...(map
      ? {
          characters: Uint8Array.from(fromBase64(textIn(map.precompiled_charsmap), 'precompiled_charsmap'), (c) =>
            c.charCodeAt(0),
          ),
        }
      : {}),
    ...(form ? { form } : {}),
    prefix: meta
      ? scheme === 'always'
        ? 'missing'
        : scheme === 'first' && 'first'
      : normal.some(({ type }) => type === 'Prepend'),
    removeExtra: words || several,
    escapeSpaces: true,
  };
}

function typesOf(pieces: readonly string[], unknown: number | undefined, bytes: boolean, added: readonly AddedToken[]) {
  const apart = new Set(added.map(({ id }) => id));
  return pieces.map((text, id) => {
    if (id === unknown) return PIECE.unknown;
    if (apart.has(id) || text === '') return PIECE.control;
    return bytes && /^<0x[0-9A-F]{2}>$/.test(text) ? PIECE.byte : PIECE.normal;
  });
}

function pieceMergesOf(json: Json, model: Json, shared: Shared): PieceMergesData {
  const texts = piecesOf(model.vocab, 'tokenizer.json');
  const bytes = model.byte_fallback === true;
  if (!bytes && model.fuse_unk !== true) unsupported('unknown characters one by one');
  if (model.ignore_merges === true) unsupported('pieces that are not merged');
  const merges = mergesOf(pairsOf(model), texts, 'tokenizer.json');
  const normalisation = pieceNormalisation(json, texts);
  const pieces = withAdded(texts, shared.added);
  const special = specialOf(pieces, shared, textIn(model.unk_token));
  const types = typesOf(pieces, special.unknown, bytes, shared.added);
  return { kind: 'pieceMerges', pieces, merges, types, normalisation, special, ...shared };
}

function unigramOf(json: Json, model: Json, shared: Shared): UnigramData {
  const { vocab } = model;
  if (!isScored(vocab))
    return fail('INVALID_FORMAT', 'The file is not a tokenizer.json: its vocabulary has no scores.');
  const texts = vocab.map(([text]) => text);
  const normalisation = pieceNormalisation(json, texts);
  const unknown = typeof model.unk_id === 'number' ? model.unk_id : undefined;
  const pieces = withAdded(texts, shared.added);
  const scores = pieces.map((_, id) => vocab[id]?.[1] ?? 0);
  const types = typesOf(pieces, unknown, model.byte_fallback === true, shared.added);
  const special = { ...specialOf(pieces, shared, ''), ...(unknown === undefined ? {} : { unknown }) };
  return { kind: 'unigram', pieces, scores, types, normalisation, special, ...shared };
}

/**
 * Reads a tokenizer.json of Hugging Face: unigram, word pieces, and byte-pair encoding over bytes or over characters.
 * @throws INVALID_FORMAT for what is not such a file; NOT_SUPPORTED, with what it is, for a part that is not supported.
 */
export function readTokenizerJson(json: Json): TokeniserData {
  const { model } = json;
  if (!isObject(model) || model.vocab === undefined)
    return fail('INVALID_FORMAT', 'The file is not a tokenizer.json: it has no model with a vocabulary.');
  const shared: Shared = { added: addedOf(json), ...endsOf(json) };
  // Files of old do not name their type.
  const type = textIn(model.type) || (model.merges === undefined ? 'WordPiece' : 'BPE');
  if (type === 'WordPiece') return wordPieceOf(json, model, shared);
  if (type === 'Unigram') return unigramOf(json, model, shared);
  if (type !== 'BPE') return unsupported(`the model ${type}`);
  for (const key of ['continuing_subword_prefix', 'end_of_word_suffix'])
    if (textIn(model[key]) !== '') unsupported(`byte-pair encoding with '${textIn(model[key])}' at words`);
  const byBytes = [...stepsOf(json.pre_tokenizer), ...stepsOf(json.decoder)].some((step) => step.type === 'ByteLevel');
  return byBytes ? byteMergesOf(json, model, shared) : pieceMergesOf(json, model, shared);
}
