import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { withLine } from '../../index.ts';
import { loadModel } from '../files.ts';
import { needObject } from '../given.ts';
import type { WeightDType } from '../layer.ts';
import { listed } from '../parameters.ts';
import type { Stored, StoredTensor } from '../stored.ts';
import { bert } from './bert.ts';
import { type Architecture, Config } from './config.ts';
import { gpt2 } from './gpt2.ts';
import type { LanguageModel } from './languageModel.ts';
import { llama } from './llama.ts';

/** Architectures by the `model_type` of a configuration. */
const ARCHITECTURES: Readonly<Record<string, (config: Config) => Architecture>> = { llama, mistral: llama, gpt2, bert };

/** Options of {@link loadPretrained}. */
export interface PretrainedOptions {
  /**
   * Data type of the parameters ('f32'); half precision is widened exactly. With 'f16' and 'bf16' they take two bytes,
   * and products widen them.
   */
  readonly dtype?: WeightDType;
}
const keys: OptionKeys<PretrainedOptions> = { dtype: true };

/**
 * A language model of Hugging Face, from the tensors of its files, as `readSafetensors` of `@southwell/data` reads them, and its `config.json`:
 * Llama, Mistral, GPT-2, and BERT's encoder. O(parameters).
 * @param config The parsed contents of `config.json`.
 * @throws INVALID_PARAMETER for what are no contents of a file; INVALID_FORMAT for a configuration without sizes, and for tensors that the architecture does not have, by name; INVALID_SHAPE if tensors
 * are missing or have other shapes; NOT_SUPPORTED for other architectures.
 */
export const loadPretrained = withLine(
  (stored: Stored, config: unknown, options: PretrainedOptions = {}): LanguageModel => {
    knownKeys('loadPretrained', options, keys);
    needObject('loadPretrained', 'the contents of a file of tensors', stored);
    needObject('loadPretrained', 'tensors by name', stored.tensors);
    if (typeof config !== 'object' || config === null || Array.isArray(config))
      fail('INVALID_FORMAT', 'The configuration must be the object of a config.json.');
    const read = new Config(config as Readonly<Record<string, unknown>>);
    const type = read.text('model_type', '');
    if (type === '') fail('INVALID_FORMAT', "The configuration has no 'model_type'.");
    if (!Object.hasOwn(ARCHITECTURES, type))
      fail(
        'NOT_SUPPORTED',
        `Models of the type '${type}' are not supported: there are ${Object.keys(ARCHITECTURES).join(', ')}.`,
      );
    const { layer, vocabulary, context, gives, rename, needless, adjust = (t) => t } = ARCHITECTURES[type](read);
    const named: Record<string, StoredTensor> = {};
    const unused: string[] = [];
    const strange: string[] = [];
    for (const [from, t] of Object.entries(stored.tensors)) {
      const name = needless.test(from) ? undefined : rename(from);
      if (name !== undefined) named[name] = t;
      else (needless.test(from) ? unused : strange).push(from);
    }
    if (strange.length > 0)
      fail(
        'INVALID_FORMAT',
        `The file has ${strange.length === 1 ? 'a tensor' : `${strange.length} tensors`} that the architecture '${type}' does not: ${listed(strange)}.`,
      );
    const { parameters } = loadModel(
      { tensors: adjust(named), metadata: {} },
      { architecture: layer, dtype: options.dtype ?? 'f32' },
    );
    return { layer, parameters, vocabulary, context, gives, unused };
  },
);
