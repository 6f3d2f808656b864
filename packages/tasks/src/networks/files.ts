import { type ByteSource, type LanguageModel, type Parameters, type Stored, toOnnx } from '@southwell/autodiff/nn';
import { readTokeniser, type Tokeniser } from '@southwell/autodiff/tokenisers';
import { readSafetensors } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import { isStoredModel, storedModel } from '../training/stored.ts';
import { continued, type LanguageFiles, readLanguage } from '../training/text/language.ts';
import { OpenNetwork } from './open.ts';
import type { NetworkSize } from './words.ts';

// A network from the files of which it consists.

/** A file that is read by ranges. */
export interface NetworkFile extends ByteSource {
  readonly name: string;
}

const TOKENISER = /^(tokenizer.*\.(json|model|bin)|tok.*\.bin|vocab.*\.(json|txt)|merges.*\.txt|.*\.(spm|tiktoken))$/i;
const bytesOf = (file: NetworkFile): Uint8Array => file.read(0, file.size);
const baseOf = (path: string): string => path.split('/').at(-1)!;

/** The files of a tokeniser among files, by name; undefined if there are none. */
function tokeniserFilesOf(files: readonly NetworkFile[]): Readonly<Record<string, Uint8Array>> | undefined {
  const own = files.filter(({ name }) => TOKENISER.test(name));
  return own.length === 0 ? undefined : Object.fromEntries(own.map((file) => [file.name, bytesOf(file)]));
}

/** The tensors of a file of them; undefined if there is none. */
function storedOf(
  files: readonly NetworkFile[],
): { readonly name: string; readonly size: number; readonly tensors: Stored } | undefined {
  const file = files.find(({ name }) => /\.safetensors$/i.test(name));
  return file && { name: file.name, size: file.size, tensors: readSafetensors(bytesOf(file)) };
}

/** The contents of a language model among files; undefined if there is none. */
function languageOf(files: readonly NetworkFile[], stored: ReturnType<typeof storedOf>): LanguageFiles | undefined {
  if (stored) {
    const config = files.find(({ name }) => name.toLowerCase() === 'config.json');
    if (!config)
      return fail('INVALID_FORMAT', `${stored.name} has tensors, but no architecture: choose its config.json, too.`);
    return { stored: stored.tensors, config: JSON.parse(new TextDecoder().decode(bytesOf(config))) };
  }
  const plain = files.find(({ name }) => /\.bin$/i.test(name) && !TOKENISER.test(name));
  return plain && !files.some(({ name }) => /\.onnx$/i.test(name) || name === 'model.json')
    ? { bytes: bytesOf(plain) }
    : undefined;
}

/** Numbers of a language model whose layers are looked at: it is copied for that. */
const MOST_NUMBERS = 2 ** 26;
/** Tokens of the view before a text is given. */
const FIRST = 8;

/** A language model as a network that takes so many tokens. */
const asOnnx = ({ layer, parameters }: Pick<LanguageModel, 'layer' | 'parameters'>, tokens: number): Uint8Array =>
  toOnnx(layer, parameters, { input: [null, tokens], names: { input: 'tokens', output: 'output' } });

/** How much there is of a network, which is refused if its layers cannot be copied. */
function sizeOf(format: string, parameters: Parameters, bytes?: number): NetworkSize {
  const tensors = Object.values(parameters);
  const numbers = tensors.reduce((sum, t) => sum + t.size, 0);
  if (numbers > MOST_NUMBERS)
    fail('NOT_SUPPORTED', `The model has ${numbers} numbers, too many for a page: southwell inspect shows them.`);
  return { format, numbers, arrays: tensors.length, bytes: bytes ?? 4 * numbers };
}

function openLanguage(files: LanguageFiles, tokeniser: Tokeniser | undefined, format: string): OpenNetwork {
  const model = readLanguage(files);
  const size = sizeOf(format, model.parameters);
  if (tokeniser && tokeniser.size > model.vocabulary)
    fail('INVALID_FORMAT', `The tokeniser has ${tokeniser.size} tokens, but the model ${model.vocabulary}.`);
  return new OpenNetwork(asOnnx(model, FIRST), {
    ...{ size, tokeniser },
    tokens: (count) => asOnnx(model, count),
    ...(model.gives === 'logits' && tokeniser ? { writes: (how) => continued(model, tokeniser, how) } : {}),
  });
}

/** A model that southwell saved: its layers are looked at with dense weights, and texts are continued with those of the file, which may be packed. */
function openSaved(
  tensors: Stored,
  bytes: number,
  files: Readonly<Record<string, Uint8Array>> | undefined,
): OpenNetwork {
  const saved = storedModel(tensors, files ?? 'The model needs the file of its tokeniser: choose it, too.');
  const network = saved.network!;
  const { parameters } = network;
  const size = sizeOf('safetensors', parameters, bytes);
  const tokeniser = files && readTokeniser(files);
  if (saved.unit !== 'token') return new OpenNetwork(network.onnx(parameters), { size, tokeniser });
  const dense = { layer: network.layer, parameters };
  return new OpenNetwork(asOnnx(dense, FIRST), {
    ...{ size, tokeniser },
    tokens: (count) => asOnnx(dense, count),
    ...(network.gives === 'tokens' && tokeniser ? { writes: (how) => saved.writes!(how) } : {}),
  });
}

/**
 * Opens a network from its files: ONNX with files of its numbers, a model.json of TensorFlow.js with its shards, a model of llama2.c, or safetensors
 * with a config.json, or that southwell wrote; each with the files of its tokeniser, if texts are to be given.
 * @throws INVALID_FORMAT and NOT_SUPPORTED, as their readers.
 */
export function openNetwork(
  files: readonly NetworkFile[],
  progress?: (tensors: number, of: number) => void,
): OpenNetwork {
  const words = tokeniserFilesOf(files);
  const stored = storedOf(files);
  if (stored && isStoredModel(stored.tensors)) return openSaved(stored.tensors, stored.size, words);
  const tokeniser = words && readTokeniser(words);
  const language = languageOf(files, stored);
  if (language) return openLanguage(language, tokeniser, 'bytes' in language ? 'llama2.c' : 'safetensors');
  const main = files.find(({ name }) => /\.onnx$/i.test(name)) ?? files.find(({ name }) => name === 'model.json');
  if (!main) {
    const names = files.map(({ name }) => name).join(', ');
    return fail('INVALID_FORMAT', `There is no network among ${names}: it is .onnx, model.json, .safetensors or .bin.`);
  }
  const external = (location: string, from: number, length: number | undefined): Uint8Array => {
    const name = baseOf(location);
    const beside = files.find((one) => one.name === name);
    if (!beside)
      return fail('INVALID_FORMAT', `Its numbers are in the file ${name}: choose or drop that together with it.`);
    return beside.read(from, length ?? beside.size - from);
  };
  return new OpenNetwork(main, { external, progress, tokeniser });
}
