import { type ByteSource, type LanguageModel, toOnnx } from '@southwell/autodiff/nn';
import { readTokeniser, type Tokeniser } from '@southwell/autodiff/tokenisers';
import { readSafetensors } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import { continued, type LanguageFiles, readLanguage } from '../training/text/language.ts';
import { OpenNetwork } from './open.ts';

// A network from the files of which it consists.

/** A file that is read by ranges. */
export interface NetworkFile extends ByteSource {
  readonly name: string;
}

const TOKENISER = /^(tokenizer.*\.(json|model|bin)|tok.*\.bin|vocab.*\.(json|txt)|merges.*\.txt|.*\.(spm|tiktoken))$/i;
const bytesOf = (file: NetworkFile): Uint8Array => file.read(0, file.size);
const baseOf = (path: string): string => path.split('/').at(-1)!;

/** The tokeniser among files, if there is one. */
function tokeniserOf(files: readonly NetworkFile[]): Tokeniser | undefined {
  const own = files.filter(({ name }) => TOKENISER.test(name));
  if (own.length === 0) return undefined;
  return readTokeniser(Object.fromEntries(own.map((file) => [file.name, bytesOf(file)])));
}

/** The contents of a language model among files; undefined if there is none. */
function languageOf(files: readonly NetworkFile[]): LanguageFiles | undefined {
  const stored = files.find(({ name }) => /\.safetensors$/i.test(name));
  if (stored) {
    const config = files.find(({ name }) => name.toLowerCase() === 'config.json');
    if (!config)
      return fail('INVALID_FORMAT', `${stored.name} has tensors, but no architecture: choose its config.json, too.`);
    return { stored: readSafetensors(bytesOf(stored)), config: JSON.parse(new TextDecoder().decode(bytesOf(config))) };
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
const asOnnx = ({ layer, parameters }: LanguageModel, tokens: number): Uint8Array =>
  toOnnx(layer, parameters, { input: [null, tokens], names: { input: 'tokens', output: 'output' } });

function openLanguage(files: LanguageFiles, tokeniser: Tokeniser | undefined, format: string): OpenNetwork {
  const model = readLanguage(files);
  const numbers = Object.values(model.parameters).reduce((sum, t) => sum + t.size, 0);
  if (numbers > MOST_NUMBERS)
    fail('NOT_SUPPORTED', `The model has ${numbers} numbers, too many for a page: southwell inspect shows them.`);
  if (tokeniser && tokeniser.size > model.vocabulary)
    fail('INVALID_FORMAT', `The tokeniser has ${tokeniser.size} tokens, but the model ${model.vocabulary}.`);
  const arrays = Object.keys(model.parameters).length;
  return new OpenNetwork(asOnnx(model, FIRST), {
    size: { format, numbers, arrays, bytes: 4 * numbers },
    tokeniser,
    tokens: (count) => asOnnx(model, count),
    ...(model.gives === 'logits' && tokeniser ? { writes: (how) => continued(model, tokeniser, how) } : {}),
  });
}

/**
 * Opens a network from its files: ONNX with files of its numbers, a model.json of TensorFlow.js with its shards, a model of llama2.c, or safetensors
 * with a config.json; each with the files of its tokeniser, if texts are to be given.
 * @throws INVALID_FORMAT and NOT_SUPPORTED, as their readers.
 */
export function openNetwork(
  files: readonly NetworkFile[],
  progress?: (tensors: number, of: number) => void,
): OpenNetwork {
  const tokeniser = tokeniserOf(files);
  const language = languageOf(files);
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
