import { fail, knownKeys, type OptionKeys, SouthwellError } from '@southwell/numerics/core';
import * as ad from '../index.ts';
import { needObject, needTensors } from './given.ts';
import type {
  Context,
  Declared,
  Extent,
  Layer,
  Memory,
  Parameters,
  Precision,
  State,
  Weights,
  WeightTree,
} from './layer.ts';
import { flattenParameters, listed } from './parameters.ts';
import { joined, placeOf, resolve, walk } from './registry.ts';
import { checkParameters, declaredOf } from './weights.ts';

const show = (x: ad.Tensor): string => (x.rank === 0 ? 'a scalar' : `[${x.shape.join(', ')}]`);

/** 32-bit hash of a name (FNV-1a): the random stream of a parameter does not depend on the rest of the model. */
function hashOf(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h | 0;
}

/** Options of {@link init}. */
export interface InitOptions {
  /** Data type ('f32'). */
  readonly dtype?: Precision;
}
const initKeys: OptionKeys<InitOptions> = { dtype: true };

function made(declared: ReadonlyMap<string, Declared>, key: ad.Tensor, dtype: Precision): Parameters {
  return Object.fromEntries(
    [...declared].map(([name, { shape, init: first }]) => [name, first(ad.foldIn(key, hashOf(name)), shape, dtype)]),
  );
}

/**
 * Initial parameters of a model by its layers' initialisers, from a key (`ad.randomKey(seed)`): values depend on the key and the parameter's
 * name alone. A flat object with names such as `blocks.0.attention.query.weight`. O(parameters).
 * @throws INVALID_PARAMETER for an invalid model; INVALID_SHAPE for an invalid key.
 */
export const init = ad.withLine((layer: Layer, key: ad.Tensor, options: InitOptions = {}): Parameters => {
  knownKeys('init', options, initKeys);
  return made(declaredOf(layer, 'parameters'), key, options.dtype ?? 'f32');
});

/**
 * Initial state of a model: running means of 0 and variances of 1 for batch norms; empty for models without them.
 * @throws as {@link init}.
 */
export const initState = ad.withLine((layer: Layer, options: InitOptions = {}): State => {
  knownKeys('initState', options, initKeys);
  return made(declaredOf(layer, 'state'), ad.randomKey(0), options.dtype ?? 'f32');
});

/** Shapes of a model's parameters by name. */
export const parameterShapes = ad.withLine(
  (layer: Layer): Readonly<Record<string, ad.Shape>> =>
    Object.fromEntries([...declaredOf(layer, 'parameters')].map(([name, { shape }]) => [name, shape])),
);

/** Options of {@link apply}. */
export interface ApplyOptions {
  /** Training mode: dropout is active and batch norms use batch statistics (false). */
  readonly train?: boolean;
  /** Random key for dropout; use a new one each step, by `ad.foldIn`. */
  readonly key?: ad.Tensor;
  /** Running statistics of batch norms; required for models that have some. */
  readonly state?: State;
  /** Attention mask for all self-attention: non-zero where a query may attend to a key; broadcasts to [n, heads, t, t]. */
  readonly mask?: ad.Tensor;
  /** Source sequence for `crossAttention` and `decoderBlock`, [n, s, width]: an encoder's output. */
  readonly source?: ad.Tensor;
  /** Mask of the source: [n, s], 0 for padding; or a shape that broadcasts to [n, heads, t, s]. */
  readonly sourceMask?: ad.Tensor;
}
const applyKeys: OptionKeys<ApplyOptions> = {
  ...{ train: true, key: true, state: true, mask: true },
  ...{ source: true, sourceMask: true },
};

/** Options of {@link step}. */
export type StepOptions = Pick<ApplyOptions, 'source' | 'sourceMask'>;
const stepKeys: OptionKeys<StepOptions> = { source: true, sourceMask: true };

const withPlace = new WeakSet<object>();
/** Adds the layer in which an error occurred, since operations do not know it. The innermost layer is named. */
function located(error: unknown, where: string): unknown {
  if (!(error instanceof SouthwellError) || withPlace.has(error)) return error;
  const found = error.message.startsWith(where) ? error : new SouthwellError(error.code, `${where}: ${error.message}`);
  withPlace.add(found);
  return found;
}

/** Output, state and memory of a forward pass. */
interface Passed {
  readonly value: ad.Tensor;
  readonly state: State;
  readonly memory: Memory;
}

/** A weight as a tensor, beside the input of the layer that reads it; undefined if there is none. */
export function tensorOf(weights: Weights, name: string, beside: ad.Tensor): ad.Tensor {
  const weight = weights[name];
  return ad.isPacked(weight) ? ad.unpackTensor(weight, beside) : weight;
}

function pass(layer: Layer, tree: WeightTree, x: ad.Tensor, options: ApplyOptions, memory: Memory | undefined): Passed {
  needTensors('apply', { x });
  const parameters = flattenParameters(tree);
  checkParameters(layer, parameters);
  const { train = false, key, state = {}, mask, source, sourceMask } = options;
  if (sourceMask && !source) fail('INVALID_PARAMETER', 'A sourceMask requires a source.');
  const [states, memories]: Array<Record<string, ad.Tensor>> = [{ ...state }, { ...memory }];
  const visit = (part: Layer, path: string, input: ad.Tensor): ad.Tensor => {
    const { kind, options: own, children } = resolve(part, path);
    const where = placeOf(path, kind.kind);
    const context: Context = {
      ...{ where, train, mask, source, sourceMask, children: Object.keys(children) },
      position: memory?.position,
      param: (name) => tensorOf(parameters, joined(path, name), input),
      shared: (name) =>
        tensorOf(parameters, name, input) ??
        fail(
          'INVALID_PARAMETER',
          `${where}: the model has no parameter '${name}'; it has ${listed(Object.keys(parameters))}.`,
        ),
      state: (name) =>
        states[joined(path, name)] ??
        fail(
          'INVALID_PARAMETER',
          `${where} needs the state '${joined(path, name)}': pass apply the state from initState, a file or training.`,
        ),
      setState: (name, value) => {
        states[joined(path, name)] = value;
      },
      memory: (name) =>
        memory &&
        (memories[joined(path, name)] ??
          fail(
            'INVALID_PARAMETER',
            `${where}: the memory has no '${joined(path, name)}'; initMemory makes it for this model.`,
          )),
      setMemory: (name, value) => {
        memories[joined(path, name)] = value;
      },
      key: () =>
        key
          ? ad.foldIn(key, hashOf(path))
          : fail('INVALID_PARAMETER', `${where} needs a random key in training: apply(…, { train: true, key }).`),
      child: (name, v) => visit(children[name], joined(path, name), v),
      misfit: (v, why) => fail('INVALID_SHAPE', `${where} of ${show(v)}: ${why}`),
    };
    try {
      return kind.apply(own, context, input);
    } catch (error) {
      throw located(error, where);
    }
  };
  return { value: visit(layer, '', x), state: states, memory: memories };
}

/**
 * Applies a model to x. Parameters may be flat, as from `init`, or nested, and packed matrices among them. In training, batch norms update the state, which
 * `applyWithState` returns.
 * @throws INVALID_SHAPE, with the layer's path, if shapes of x or parameters do not match; INVALID_PARAMETER if a state or key is missing.
 */
export const apply = ad.withLine(
  (layer: Layer, parameters: WeightTree, x: ad.Tensor, options: ApplyOptions = {}): ad.Tensor => {
    knownKeys('apply', options, applyKeys);
    return pass(layer, parameters, x, options, undefined).value;
  },
);

/**
 * As {@link apply}, and also returns the new state: in training, running statistics updated by this batch.
 * @throws as {@link apply}.
 */
export const applyWithState = ad.withLine(
  (
    layer: Layer,
    parameters: WeightTree,
    x: ad.Tensor,
    options: ApplyOptions = {},
  ): [value: ad.Tensor, state: State] => {
    knownKeys('applyWithState', options, applyKeys);
    const { value, state } = pass(layer, parameters, x, options, undefined);
    return [value, state];
  },
);

/** Options of {@link initMemory}. */
export interface MemoryOptions extends Partial<Extent> {
  /** Data type ('f32'). */
  readonly dtype?: Precision;
}
const memoryKeys: OptionKeys<MemoryOptions> = { batch: true, capacity: true, dtype: true };

/**
 * Initial memory of a model for `step`, all zeros: `batch` sequences (1) of up to `capacity` positions (256).
 * @throws INVALID_PARAMETER for an invalid model.
 */
export const initMemory = ad.withLine((layer: Layer, options: MemoryOptions = {}): Memory => {
  knownKeys('initMemory', options, memoryKeys);
  const { batch = 1, capacity = 256, dtype = 'f32' } = options;
  const zeros = (shape: ad.Shape) => ad.tensor(new Float64Array(shape.reduce((a, b) => a * b, 1)), { shape, dtype });
  const out: Record<string, ad.Tensor> = { position: zeros([]) };
  walk(layer, ({ kind, options: own }, path) => {
    const shapes = kind.memory?.(own, { batch, capacity }) ?? {};
    for (const [name, shape] of Object.entries(shapes)) out[joined(path, name)] = zeros(shape);
  });
  return out;
});

/** Maximum sequence length of a model; infinite if unbounded. */
export function longestOf(layer: Layer): number {
  let least = Number.POSITIVE_INFINITY;
  walk(layer, ({ kind, options }) => {
    least = Math.min(least, kind.longest?.(options) ?? least);
  });
  return least;
}

/**
 * Processes the next positions of sequences, x [n, t, …], given the memory of earlier ones; returns the output and the new memory. The cost
 * is that of the new positions: keys, values and hidden states are cached; keys and values of a source are recomputed.
 * @throws as {@link apply}; INVALID_PARAMETER if the memory is full or belongs to another model.
 */
export const step = ad.withLine(
  (
    layer: Layer,
    parameters: WeightTree,
    memory: Memory,
    x: ad.Tensor,
    options: StepOptions = {},
  ): [value: ad.Tensor, memory: Memory] => {
    knownKeys('step', options, stepKeys);
    needObject('step', 'the memory of initMemory', memory);
    needTensors('step', { x });
    const { position } = memory;
    if (!position) fail('INVALID_PARAMETER', "The memory has no 'position'; initMemory makes it.");
    if (x.rank < 2) fail('INVALID_SHAPE', `step takes sequences [n, t, …], not ${show(x)}.`);
    const capacity = Object.entries(memory).find(([name]) => name.endsWith('.keys') || name === 'keys')?.[1].shape[1];
    const at = position.storage.values ? position.item() : 0;
    if (capacity !== undefined && at + x.shape[1] > capacity)
      fail(
        'INVALID_PARAMETER',
        `The memory holds ${capacity} positions, ${at} of them used: ${x.shape[1]} more do not fit.`,
      );
    if (at + x.shape[1] > longestOf(layer))
      fail(
        'INVALID_PARAMETER',
        `The model has ${longestOf(layer)} positions, ${at} of them used: ${x.shape[1]} more do not fit.`,
      );
    const { value, memory: after } = pass(layer, parameters, x, options, memory);
    return [value, { ...after, position: ad.add(position, x.shape[1]) }];
  },
);

/**
 * Validates an architecture, such as one from JSON, including sublayers, and returns it with defaults filled in.
 * @throws INVALID_PARAMETER, with the layer's path, for unknown layer types and invalid options.
 */
export const checkArchitecture = ad.withLine((architecture: unknown): Layer => {
  const layer = architecture as Layer;
  const shared: Array<[string, string]> = [];
  walk(layer, ({ kind, options }, path) => {
    if (kind.kind === 'unembedding') shared.push([placeOf(path, kind.kind), (options as { table: string }).table]);
  });
  const names = declaredOf(layer, 'parameters');
  for (const [where, table] of shared) {
    if (!names.has(table))
      fail(
        'INVALID_PARAMETER',
        `${where}: the model has no parameter '${table}'; it has ${listed([...names.keys()])}.`,
      );
  }
  return filled(layer);
});

/** Fills in defaults of a layer and of its sublayers. */
function filled(layer: Layer): Layer {
  const { options } = resolve(layer, '');
  const deep = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(deep);
    if (typeof value !== 'object' || value === null) return value;
    if (typeof (value as Layer).kind === 'string') return filled(value as Layer);
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, deep(entry)]));
  };
  return { kind: layer.kind, ...(deep(options) as object) };
}
