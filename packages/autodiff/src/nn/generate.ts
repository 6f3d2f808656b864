import { fail, knownKeys, type OptionKeys, wholeNumber } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import * as ad from '../index.ts';
import type { Layer, Memory, Weights, WeightTree } from './layer.ts';
import { initMemory, longestOf, step } from './model.ts';
import { flattenParameters } from './parameters.ts';

/** Options of {@link generate}. */
export interface GenerateOptions {
  /** Maximum number of new tokens (64). */
  readonly count?: number;
  /** Sampling temperature; 0 picks the most likely token (0). */
  readonly temperature?: number;
  /** Top-k: samples among the k most likely tokens (0: all). */
  readonly among?: number;
  /** Random key: the same key gives the same tokens. Required with a temperature. */
  readonly key?: ad.Tensor;
  /** End-of-sequence token: generation stops after it. */
  readonly end?: number;
}
const generateKeys: OptionKeys<GenerateOptions> = { count: true, temperature: true, among: true, key: true, end: true };
/** The options with their defaults. */
const filled = ({ count = 64, temperature = 0, among = 0, ...rest }: GenerateOptions) => ({
  ...{ count, temperature, among },
  ...rest,
});

/** Initial capacity of the memory in positions; it grows fourfold when full. */
const FIRST = 256;

/** A copy of the memory with a larger capacity. */
function widened(memory: Memory, capacity: number): Memory {
  return Object.fromEntries(
    Object.entries(memory).map(([name, x]) => {
      if (!/(^|\.)(keys|values)$/.test(name)) return [name, x];
      return [
        name,
        ad.pad(x, [
          [0, capacity - x.shape[1]],
          [0, 0],
          [0, 0],
        ]),
      ];
    }),
  );
}

/** A compiled single-token step for one capacity; its state stays in the program's memory. */
function stepper(layer: Layer, parameters: Weights, memory: Memory) {
  const token = ad.tensor(Int32Array.of(0), { shape: [1, 1] });
  const compiled = ad.compile((p: Weights, m: Memory, t: ad.Tensor) => {
    const [logits, after] = step(layer, p, m, t);
    return [ad.reshape(logits, [-1]), after] as [ad.Tensor, Memory];
  });
  const program = compiled.prepare(parameters, memory, token);
  return {
    next(t: number): ad.Values {
      program.inputs[2].data[0] = t;
      program.run();
      program.inputs[1].data.set(program.outputs[1].data);
      return program.outputs[0].numbers;
    },
    memory: (): Memory => ad.mapTree((x) => ad.tensor(x.data(), { shape: x.shape }), program.inputs[1].tree),
    free: () => program.free(),
  };
}

/** The tokens of a prompt, their last logits, and the memory after them, which holds `capacity` positions. */
const begun = ad.withLine(
  (layer: Layer, parameters: WeightTree, tokens: readonly number[], options: GenerateOptions) => {
    knownKeys('generate', options, generateKeys);
    const { count, temperature, among, key } = filled(options);
    wholeNumber('The number of tokens', count, 0);
    wholeNumber('among', among, 0);
    if (!Array.isArray(tokens)) fail('INVALID_PARAMETER', 'generate takes the prompt as a list of tokens.');
    if (tokens.length === 0) fail('INVALID_PARAMETER', 'generate needs a prompt of at least one token.');
    if (!(temperature >= 0)) fail('INVALID_PARAMETER', `The temperature must be at least 0, not ${temperature}.`);
    if (temperature > 0 && !key)
      fail('INVALID_PARAMETER', 'A temperature above 0 needs a key: generate(…, { temperature, key }).');
    // The last token is never fed back.
    const longest = longestOf(layer);
    if (tokens.length + count - 1 > longest)
      fail(
        'INVALID_PARAMETER',
        `The model has ${longest} positions: it can continue ${tokens.length} tokens by ${Math.max(0, longest + 1 - tokens.length)}, not ${count}.`,
      );
    const flat = flattenParameters(parameters);
    const [weight] = Object.values(flat);
    const dtype = weight instanceof ad.Tensor && weight.dtype === 'f64' ? 'f64' : 'f32';
    let capacity = 1;
    while (capacity < Math.max(tokens.length + 1, Math.min(FIRST, tokens.length + count))) capacity *= 2;
    const prompt = ad.tensor(Int32Array.from(tokens), { shape: [1, tokens.length] });
    const [first, memory] = step(layer, flat, initMemory(layer, { capacity, dtype }), prompt);
    if (first.rank !== 3)
      fail(
        'INVALID_SHAPE',
        `generate needs a model whose output is logits [n, t, count], not [${first.shape.join(', ')}].`,
      );
    return { flat, capacity, logits: ad.slice(first, 0, tokens.length - 1).data(), memory };
  },
);

/**
 * Autoregressive generation: continues a prompt with a causal model whose logits for tokens [n, t] are [n, t, count]. Past keys and values of
 * attention and hidden states of recurrent layers are cached, so that each token costs one position.
 * @throws INVALID_PARAMETER for an empty prompt, or a temperature without a key; INVALID_SHAPE if the model does not return logits.
 */
export function* generate(
  layer: Layer,
  parameters: WeightTree,
  tokens: readonly number[],
  options: GenerateOptions = {},
): Generator<number> {
  const start = begun(layer, parameters, tokens, options);
  const { count, temperature, among, key, end } = filled(options);
  const { flat } = start;
  let { capacity, logits } = start;
  let steps = stepper(layer, flat, start.memory);
  try {
    for (let k = 0; k < count; k++) {
      const token = temperature === 0 ? largest(logits) : drawn(logits, temperature, among, ad.foldIn(key!, k));
      yield token;
      if (token === end || k === count - 1) return;
      if (tokens.length + k + 1 > capacity) {
        const before = steps.memory();
        steps.free();
        capacity *= 4;
        steps = stepper(layer, flat, widened(before, capacity));
      }
      logits = steps.next(token);
    }
  } finally {
    steps.free();
  }
}

/** Index of the maximum; the first of ties. */
function largest(values: ad.Values): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** Samples a token from the softmax of the top-k logits. */
function drawn(logits: ad.Values, temperature: number, among: number, key: ad.Tensor): number {
  const order = Int32Array.from(logits, (_, i) => i).sort((a, b) => logits[b] - logits[a] || a - b);
  const kept = order.subarray(0, among > 0 ? among : order.length);
  const weights = Float64Array.from(kept, (i) => elementary.exp((logits[i] - logits[kept[0]]) / temperature));
  let left = ad.randomUniform(key, []).item() * weights.reduce((a, b) => a + b, 0);
  for (let i = 0; i < kept.length; i++) {
    left -= weights[i];
    if (left < 0) return kept[i];
  }
  return kept[kept.length - 1];
}
