import { tensor } from '@southwell/autodiff';
import {
  apply,
  hasArchitecture,
  type LanguageModel,
  loadModel,
  loadPretrained,
  readLlama2c,
  type Stored,
  saveModel,
  type TensorFacts,
  tensorFacts,
  toOnnx,
  toTensors,
  unpackParameters,
  type Weights,
} from '@southwell/autodiff/nn';
import { readTokeniser, type Tokeniser, type TokeniserFiles } from '@southwell/autodiff/tokenisers';
import { encodePlain, fail } from '@southwell/numerics/core';
import * as v from 'valibot';
import { RequestError } from '../../errors.ts';
import { count } from '../../format.ts';
import type { ModelNetwork } from '../../saved-model.ts';
import { type SavedModel, savedData } from '../../saved-model.ts';
import { MODEL } from '../../saved-models/modelNetwork.ts';
import type { Sampling } from '../../saved-models/sampling.ts';
import { charactersOf } from './model.ts';
import { sampledTokens } from './sample.ts';
import { windowBatches } from './windows.ts';

// Language models that others trained.

/** A language model that runs, perhaps with packed weights. */
type RunnableLanguage = Omit<LanguageModel, 'parameters'> & { readonly parameters: Weights };

/** The contents of a language model's files: bytes of llama2.c, or named tensors with their configuration. */
export type LanguageFiles = { readonly bytes: Uint8Array } | { readonly stored: Stored; readonly config: unknown };

/**
 * A language model from its files.
 * @throws As `readLlama2c` and `loadPretrained`.
 */
export const readLanguage = (files: LanguageFiles): LanguageModel =>
  'bytes' in files ? readLlama2c(files.bytes) : loadPretrained(files.stored, files.config);

/** Most tokens of which a character may consist, each one of its bytes. */
const BYTES = 4;

/** The text that each token adds to what was written before; bytes of an unfinished character wait. */
function* written(tokeniser: Tokeniser, given: readonly number[], tokens: Iterable<number>): Generator<string, void> {
  let [before, now]: [readonly number[], number[]] = [given, []];
  const added = (): string => tokeniser.decode([...before, ...now]).slice(tokeniser.decode(before).length);
  for (const token of tokens) {
    now.push(token);
    const text = added();
    if (text.endsWith('\uFFFD') && now.length < BYTES) {
      yield '';
      continue;
    }
    yield text;
    [before, now] = [now, []];
  }
  if (now.length > 0) yield added();
}

/** The text with which a language model continues a prompt, piece by piece. Throws a message if there is nothing to begin with. */
export function* continued(model: RunnableLanguage, tokeniser: Tokeniser, how: Sampling): Generator<string, void> {
  const { special, data } = tokeniser;
  const given = [...data.before, ...tokeniser.encode(how.prompt ?? '')];
  const first = special.begin ?? special.end;
  if (given.length === 0) {
    if (first === undefined) throw new RequestError('The tokeniser has no token that begins a text: give {prompt}.');
    given.push(first);
  }
  const network = {
    model,
    context: Math.min(model.context, given.length + how.length),
    known: Math.min(model.vocabulary, tokeniser.size),
  };
  function* untilEnd(): Generator<number, void> {
    for (const token of sampledTokens(network, given, how)) {
      // Another text would begin.
      if (token === special.begin || token === special.end) return;
      yield token;
    }
  }
  yield* written(tokeniser, given, untilEnd());
}

export const LANGUAGE_FORMAT = 'southwell-language';
const length = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const schema = v.object({
  format: v.literal(LANGUAGE_FORMAT),
  version: v.literal(1),
  vocabulary: length,
  context: length,
  gives: v.picklist(['logits', 'values']),
});

/**
 * The model of tensors that `ModelNetwork.stored` gave, with what the file says of it.
 * @throws INVALID_FORMAT if they do not fit together; as {@link openLanguage}.
 */
export function restoreLanguage(rest: object, stored: Stored, tokeniser: TokeniserFiles | string): SavedModel {
  const { vocabulary, context, gives } = savedData(LANGUAGE_FORMAT, schema, rest);
  const { layer, parameters } = loadModel(stored, { packed: 'keep' });
  return languageSaved({ layer, parameters, vocabulary, context, gives, unused: [] }, wordsOf(vocabulary, tokeniser));
}

/** Most tokens of a sequence on which a language model is calibrated. */
const SEQUENCE = 128;

/** The network alone, which takes texts. */
function languageNetwork(model: RunnableLanguage, words: Tokeniser | string): ModelNetwork {
  const { layer, vocabulary, context, gives } = model;
  return {
    get parameters() {
      return unpackParameters(model.parameters);
    },
    gives: gives === 'logits' ? 'tokens' : 'numbers',
    ...{ layer, state: {} },
    takes: { vocabulary },
    apply: (own, { x }, other = layer) => apply(other, own, x),
    example: () => ({ inputs: { x: tensor(Int32Array.of(0), { shape: [1, 1] }) } }),
    batches(table, most) {
      if (typeof words === 'string') throw new RequestError(words);
      const { codes, levels } = charactersOf(table);
      const tokens = words.encode(Array.from(codes, (code) => levels[code]).join(''));
      const { before } = words.data;
      return {
        batches: windowBatches(tokens, most, { length: Math.min(context, SEQUENCE), before, name: table.name }),
        notes: [`${count(tokens.length, 'token')} of text.`],
      };
    },
    with: (own) => languageSaved({ ...model, parameters: own }, words),
    stored: (own) => {
      const rest = { format: LANGUAGE_FORMAT, version: 1, vocabulary, context, gives };
      return saveModel(layer, own, { metadata: { [MODEL]: encodePlain(rest) } });
    },
    onnx: (own) =>
      toOnnx(layer, own, { input: [null, Math.min(context, SEQUENCE)], names: { input: 'tokens', output: 'output' } }),
  };
}

/** A language model with its tokeniser, or why there is none, as a sentence. */
export function languageSaved(model: RunnableLanguage, words: Tokeniser | string): SavedModel {
  return {
    unit: 'token',
    reading: { format: 'text' },
    network: languageNetwork(model, words),
    predict() {
      throw new RequestError(
        'The model is one of language, which has no rows to predict: southwell sample continues a text.',
      );
    },
    writes(how) {
      if (model.gives !== 'logits')
        throw new RequestError('The model is an encoder of texts, which does not generate any.');
      if (typeof words === 'string') throw new RequestError(words);
      return continued(model, words, how);
    },
  };
}

/**
 * The tokeniser of a language model from its files, or why there is none, as a sentence.
 * @throws INVALID_FORMAT if it has more tokens than the model; as `readTokeniser`.
 */
export function wordsOf(vocabulary: number, tokeniser: TokeniserFiles | string): Tokeniser | string {
  if (typeof tokeniser === 'string') return tokeniser;
  const words = readTokeniser(tokeniser);
  if (words.size > vocabulary)
    fail(
      'INVALID_FORMAT',
      `The tokeniser has ${words.size} tokens, but the model ${vocabulary}: it belongs to another model.`,
    );
  return words;
}

/**
 * A language model of others that continues texts, if a tokeniser is given.
 * @param tokeniser Its files by name, or why there is none, as a sentence.
 * @throws INVALID_FORMAT if the tokeniser has more tokens than the model; as {@link readLanguage} and `readTokeniser`.
 */
export function openLanguage(files: LanguageFiles, tokeniser: TokeniserFiles | string): SavedModel {
  const model = readLanguage(files);
  return languageSaved(model, wordsOf(model.vocabulary, tokeniser));
}

/** A part of a language model. */
export interface LanguagePart {
  readonly name: string;
  readonly kind: string;
  /** Numbers of its own. */
  readonly numbers: number;
}

/** What there is to say of a file of tensors, and of the language model that it is with its configuration. */
export interface LanguageFacts {
  readonly numbers: number;
  /** None for tensors without an architecture. */
  readonly layers: readonly LanguagePart[];
  readonly tensors: readonly TensorFacts[];
  readonly model?: Pick<LanguageModel, 'vocabulary' | 'context' | 'gives' | 'unused'>;
}

/** The parts of a layer, of sequences each of theirs. */
function partsOf({ layer, parameters }: Pick<LanguageModel, 'layer' | 'parameters'>, path = ''): LanguagePart[] {
  if (layer.kind === 'sequential')
    return Object.entries(layer.layers as Readonly<Record<string, LanguageModel['layer']>>).flatMap(([name, inner]) =>
      partsOf({ layer: inner, parameters }, path === '' ? name : `${path}.${name}`),
    );
  const own = Object.entries(parameters).filter(([name]) => name.startsWith(`${path}.`));
  return [{ name: path, kind: layer.kind, numbers: own.reduce((sum, [, t]) => sum + t.size, 0) }];
}

const sizeOf = (tensors: readonly TensorFacts[]): number => tensors.reduce((sum, { size }) => sum + size, 0);

/** Facts about a language model. O(size). */
export function languageFacts(model: LanguageModel): LanguageFacts {
  const { vocabulary, context, gives, unused } = model;
  const tensors = tensorFacts(model.parameters);
  return {
    ...{ numbers: sizeOf(tensors), layers: partsOf(model), tensors },
    model: { vocabulary, context, gives, unused },
  };
}

/** Facts about tensors of a file, with the layers of an architecture that southwell saved with them. O(size). */
export function storedFacts(stored: Stored): LanguageFacts {
  const widened = tensorFacts(toTensors(stored.tensors));
  const tensors = widened.map((t) => {
    const { dtype } = stored.tensors[t.name];
    // Those of half precision are widened to be looked at.
    const bits = Number(/\d+/.exec(dtype)?.[0] ?? 8);
    return { ...t, type: dtype.toLowerCase(), bytes: (bits * t.size) / 8 };
  });
  const layers = hasArchitecture(stored) ? partsOf(loadModel(stored)) : [];
  return { numbers: sizeOf(tensors), layers, tensors };
}
