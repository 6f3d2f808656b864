import { compile, reshape, type Tensor, tensor } from '@southwell/autodiff';
import { initMemory, type Memory, type PackedModel, step, type Weights } from '@southwell/autodiff/nn';
import { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { RequestError } from '../../errors.ts';
import type { Sampling } from '../../saved-models/sampling.ts';
import { named } from './named.ts';
import type { TextNetwork } from './network.ts';

/** A network that continues tokens. */
export interface TokenNetwork {
  readonly model: Pick<PackedModel, 'layer' | 'parameters'>;
  /** Most positions that it looks at. */
  readonly context: number;
  /** Tokens from this number on are never drawn. */
  readonly known: number;
}

/**
 * The tokens that a network appends to given ones, one at a time; the same seed gives the same tokens. When the
 * context is full, sampling continues from its last half.
 */
export function* sampledTokens(
  network: TokenNetwork,
  given: readonly number[],
  { length, temperature, topK, seed }: Sampling,
): Generator<number, void> {
  const { context, known } = network;
  const random = new Random(seed);
  const half = Math.ceil(context / 2);
  let seen = given.length > context ? given.slice(-half) : [...given];
  const reader = readerOf(network);
  try {
    let logits = reader.begin(seen);
    for (let k = 0; k < length; k++) {
      const token = drawn(logits, known, temperature, topK ?? known, random);
      yield token;
      if (k === length - 1) return;
      seen.push(token);
      if (seen.length > context) {
        seen = seen.slice(-half);
        logits = reader.begin(seen);
      } else logits = reader.next(token);
    }
  } finally {
    reader.free();
  }
}

/** The default prompt: a new line, or the first character of the vocabulary. */
const firstOf = ({ characters }: Pick<TextNetwork, 'characters'>): string =>
  characters.includes('\n') ? '\n' : characters[0];

/**
 * The characters that a network appends to a prompt, one at a time. Throws a message for prompts with characters outside the
 * vocabulary.
 */
export function* sampled(network: TextNetwork<PackedModel>, how: Sampling): Generator<string, void> {
  const { characters } = network;
  const { prompt = '' } = how;
  const places = new Map(characters.map((character, k) => [character, k]));
  const given = [...(prompt === '' ? firstOf(network) : prompt.replaceAll('\r\n', '\n'))];
  const strange = [...new Set(given.filter((character) => !places.has(character)))];
  if (strange.length > 0) {
    throw new RequestError(
      `The prompt has characters outside the network’s vocabulary: ${named(strange)}. The vocabulary is ${named(characters)}`,
    );
  }
  const tokens = given.map((character) => places.get(character)!);
  // The token after the characters stands for unknown ones.
  for (const token of sampledTokens({ ...network, known: characters.length }, tokens, how)) yield characters[token];
}

/** A network that reads one token at a time, compiled once. */
function readerOf({ model: { layer, parameters }, context }: TokenNetwork) {
  const memory = initMemory(layer, { capacity: context });
  const program = compile((p: Weights, m: Memory, t: Tensor): [Tensor, Memory] => {
    const [logits, after] = step(layer, p, m, t);
    return [reshape(logits, [-1]), after];
  }).prepare(parameters, memory, tensor(Int32Array.of(0), { shape: [1, 1] }));
  const next = (token: number): ArrayLike<number> => {
    program.inputs[2].data[0] = token;
    program.run();
    program.inputs[1].data.set(program.outputs[1].data);
    return program.outputs[0].data;
  };
  return {
    next,
    /** Clears the memory and reads these tokens. */
    begin(tokens: readonly number[]): ArrayLike<number> {
      program.inputs[1].data.fill(0);
      let logits: ArrayLike<number> = [];
      for (const token of tokens) logits = next(token);
      return logits;
    },
    free: () => program.free(),
  };
}

/** Index of the largest of the first values; the first of ties. */
function largest(values: ArrayLike<number>, among: number): number {
  let best = 0;
  for (let k = 1; k < among; k++) if (values[k] > values[best]) best = k;
  return best;
}

/** Draws one of the known tokens by the probabilities from the logits. */
function drawn(logits: ArrayLike<number>, known: number, temperature: number, among: number, random: Random): number {
  if (temperature === 0) return largest(logits, known);
  const order = Int32Array.from({ length: known }, (_, k) => k).sort((a, b) => logits[b] - logits[a] || a - b);
  const kept = order.subarray(0, among);
  const weights = Float64Array.from(kept, (k) => elementary.exp((logits[k] - logits[kept[0]]) / temperature));
  let left = random.uniform() * weights.reduce((a, b) => a + b, 0);
  for (let i = 0; i < kept.length; i++) {
    left -= weights[i];
    if (left < 0) return kept[i];
  }
  return kept[kept.length - 1];
}
