import { foldIn, randomKey, tensor } from 'southwell/autodiff';
import { generate } from 'southwell/nn';
import { RequestError } from '../../errors.ts';
import { named } from './model.ts';
import type { TextNetwork } from './network.ts';

/** How a text is gone on with. */
export interface SampleOptions {
  readonly prompt: string;
  /** Characters to add. */
  readonly length: number;
  /** What logits are divided by; 0 takes the likeliest character. */
  readonly temperature: number;
  /** Draws among so many of the likeliest; 0: all. */
  readonly among: number;
  readonly seed: number;
}

/** What a text begins with where nothing else is given: a new line, or the first character that the network knows. */
export const firstOf = ({ characters }: TextNetwork): string => (characters.includes('\n') ? '\n' : characters[0]);

/**
 * The characters that a network adds to a prompt, one after the other; the same seed gives the same ones. When the context
 * is full it goes on from the last half of it. Throws a sentence for a prompt with characters that it does not know.
 */
export function* sampled(network: TextNetwork, options: SampleOptions): Generator<string, void> {
  const { characters, context, model } = network;
  const { length, temperature, among, seed } = options;
  const places = new Map(characters.map((character, k) => [character, k]));
  const given = [...(options.prompt === '' ? firstOf(network) : options.prompt.replaceAll('\r\n', '\n'))];
  const strange = [...new Set(given.filter((character) => !places.has(character)))];
  if (strange.length > 0) {
    throw new RequestError(`The network does not know ${named(strange)} of the prompt; it knows ${named(characters)}`);
  }
  const parameters = { ...model.parameters };
  // What stands for the unknown is never drawn: no chance at all.
  const bias = parameters['head.bias'];
  const values = Float32Array.from(bias.data());
  values[characters.length] = -1e30;
  parameters['head.bias'] = tensor(values, { shape: [...bias.shape], dtype: 'f32' });
  const tokens = given.map((character) => places.get(character)!);
  const half = Math.ceil(context / 2);
  const key = randomKey(seed);
  for (let left = length, part = 0; left > 0; part++) {
    const before = tokens.length > context || part > 0 ? tokens.slice(-half) : tokens.slice();
    const count = Math.min(left, context + 1 - before.length);
    const how = { count, temperature, among: Math.min(among, characters.length), key: foldIn(key, part) };
    for (const token of generate(model.layer, parameters, before, how)) {
      tokens.push(token);
      yield characters[token];
    }
    left -= count;
  }
}
