import { fail, knownKeys, type OptionKeys, SouthwellError } from '@southwell/numerics/core';
import * as ad from '../index.ts';
import type { Context, Declared, Extent, Layer, Memory, Parameters, Precision, State } from './layer.ts';
import { flattenParameters, listed } from './parameters.ts';
import { joined, placeOf, resolve, walk } from './registry.ts';
import { checkParameters, declaredOf } from './weights.ts';

const show = (x: ad.Tensor): string => (x.rank === 0 ? 'a scalar' : `[${x.shape.join(', ')}]`);

/** A number of 32 bits for a name (FNV-1a): each parameter has random numbers of its own, whatever else a model has. */
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
 * First parameters of a model by its layers' initialisations, from a key (`ad.randomKey(seed)`): numbers depend on the key and a parameter's
 * name alone. Flat, by names such as `blocks.0.attention.query.weight`. O(parameters).
 * @throws INVALID_PARAMETER for what is no model; INVALID_SHAPE for what is no key.
 */
export function init(layer: Layer, key: ad.Tensor, options: InitOptions = {}): Parameters {
  knownKeys('init', options, initKeys);
  return made(declaredOf(layer, 'parameters'), key, options.dtype ?? 'f32');
}

/**
 * The state that a model begins with: what batch norms count, means of 0 and variances of 1. Nothing for models without.
 * @throws as {@link init}.
 */
export function initState(layer: Layer, options: InitOptions = {}): State {
  knownKeys('initState', options, initKeys);
  return made(declaredOf(layer, 'state'), ad.randomKey(0), options.dtype ?? 'f32');
}

/** The shapes of a model's parameters by names, without their numbers. */
export const parameterShapes = (layer: Layer): Readonly<Record<string, ad.Shape>> =>
  Object.fromEntries([...declaredOf(layer, 'parameters')].map(([name, { shape }]) => [name, shape]));

/** Options of {@link apply}. */
export interface ApplyOptions {
  /** Training mode: dropout is active and batch norms use batch statistics (false). */
  readonly train?: boolean;
  /** Random numbers for dropout: a key for each step, by `ad.foldIn`. */
  readonly key?: ad.Tensor;
  /** Running statistics of batch norms; required for models that have some. */
  readonly state?: State;
  /** Who sees whom in every attention: not 0 where a position may see another, of a shape that broadcasts to [n, heads, t, t]. */
  readonly mask?: ad.Tensor;
  /** What `crossAttention` and `decoderBlock` attend to, [n, s, width]: what an encoder made of another sequence. */
  readonly source?: ad.Tensor;
  /** What of the source counts: [n, s], 0 for padding; or, as the mask, of a shape that broadcasts to [n, heads, t, s]. */
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
/** An error that says in which layer it came up: what operations refuse does not. The innermost counts. */
function located(error: unknown, where: string): unknown {
  if (!(error instanceof SouthwellError) || withPlace.has(error)) return error;
  const found = error.message.startsWith(where) ? error : new SouthwellError(error.code, `${where}: ${error.message}`);
  withPlace.add(found);
  return found;
}

/** What a pass gives and leaves behind. */
interface Passed {
  readonly value: ad.Tensor;
  readonly state: State;
  readonly memory: Memory;
}

function pass(layer: Layer, tree: ad.Tree, x: ad.Tensor, options: ApplyOptions, memory: Memory | undefined): Passed {
  const parameters = flattenParameters(tree);
  checkParameters(layer, parameters);
  const { train = false, key, state = {}, mask, source, sourceMask } = options;
  if (sourceMask && !source)
    fail('INVALID_PARAMETER', 'A sourceMask says what of a source counts: give the source, too.');
  const [states, memories]: Array<Record<string, ad.Tensor>> = [{ ...state }, { ...memory }];
  const visit = (part: Layer, path: string, input: ad.Tensor): ad.Tensor => {
    const { kind, options: own, children } = resolve(part, path);
    const where = placeOf(path, kind.kind);
    const context: Context = {
      ...{ where, train, mask, source, sourceMask, children: Object.keys(children) },
      position: memory?.position,
      param: (name) => parameters[joined(path, name)],
      shared: (name) =>
        parameters[name] ??
        fail(
          'INVALID_PARAMETER',
          `${where}: the model has no parameter '${name}'; it has ${listed(Object.keys(parameters))}.`,
        ),
      state: (name) =>
        states[joined(path, name)] ??
        fail(
          'INVALID_PARAMETER',
          `${where} needs the state '${joined(path, name)}': hand apply the state that initState, a file or training gave.`,
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
          : fail('INVALID_PARAMETER', `${where} needs random numbers to train: apply(…, { train: true, key }).`),
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
 * What a model makes of x. Parameters may be flat, as `init` gives them, or a tree of their names. In training, batch norms count in the state,
 * which `applyWithState` gives.
 * @throws INVALID_SHAPE, by the layer's path, where x or parameters do not fit; INVALID_PARAMETER where a state or a key is missing.
 */
export function apply(layer: Layer, parameters: ad.Tree, x: ad.Tensor, options: ApplyOptions = {}): ad.Tensor {
  knownKeys('apply', options, applyKeys);
  return pass(layer, parameters, x, options, undefined).value;
}

/**
 * As {@link apply}, and the state after it: of training, running statistics that this batch has moved.
 * @throws as {@link apply}.
 */
export function applyWithState(
  layer: Layer,
  parameters: ad.Tree,
  x: ad.Tensor,
  options: ApplyOptions = {},
): [value: ad.Tensor, state: State] {
  knownKeys('applyWithState', options, applyKeys);
  const { value, state } = pass(layer, parameters, x, options, undefined);
  return [value, state];
}

/** Options of {@link initMemory}. */
export interface MemoryOptions extends Partial<Extent> {
  /** Data type ('f32'). */
  readonly dtype?: Precision;
}
const memoryKeys: OptionKeys<MemoryOptions> = { batch: true, capacity: true, dtype: true };

/**
 * What a model remembers of sequences before their first position: 0 throughout. `batch` sequences (1) of up to `capacity` positions (256).
 * @throws INVALID_PARAMETER for what is no model.
 */
export function initMemory(layer: Layer, options: MemoryOptions = {}): Memory {
  knownKeys('initMemory', options, memoryKeys);
  const { batch = 1, capacity = 256, dtype = 'f32' } = options;
  const zeros = (shape: ad.Shape) => ad.tensor(new Float64Array(shape.reduce((a, b) => a * b, 1)), { shape, dtype });
  const out: Record<string, ad.Tensor> = { position: zeros([]) };
  walk(layer, ({ kind, options: own }, path) => {
    const shapes = kind.memory?.(own, { batch, capacity }) ?? {};
    for (const [name, shape] of Object.entries(shapes)) out[joined(path, name)] = zeros(shape);
  });
  return out;
}

/** The most positions that a model knows; infinite where none is the last. */
export function longestOf(layer: Layer): number {
  let least = Number.POSITIVE_INFINITY;
  walk(layer, ({ kind, options }) => {
    least = Math.min(least, kind.longest?.(options) ?? least);
  });
  return least;
}

/**
 * The next positions of sequences, x [n, t, …], given what is remembered of those before, and what is remembered then. Each costs as much
 * as what is new in it: attention has keys and values by it, recurrent nets their hidden numbers; those of a source are computed anew.
 * @throws as {@link apply}; INVALID_PARAMETER where the memory is full or of another model.
 */
export function step(
  layer: Layer,
  parameters: ad.Tree,
  memory: Memory,
  x: ad.Tensor,
  options: StepOptions = {},
): [value: ad.Tensor, memory: Memory] {
  knownKeys('step', options, stepKeys);
  const { position } = memory;
  if (!position) fail('INVALID_PARAMETER', "The memory has no 'position'; initMemory makes it.");
  if (x.rank < 2) fail('INVALID_SHAPE', `step takes sequences [n, t, …], not ${show(x)}.`);
  const capacity = Object.entries(memory).find(([name]) => name.endsWith('.keys') || name === 'keys')?.[1].shape[1];
  const at = position.storage.values ? position.item() : 0;
  if (capacity !== undefined && at + x.shape[1] > capacity)
    fail(
      'INVALID_PARAMETER',
      `The memory holds ${capacity} positions, and ${at} are there already: ${x.shape[1]} more do not fit.`,
    );
  if (at + x.shape[1] > longestOf(layer))
    fail(
      'INVALID_PARAMETER',
      `The model knows ${longestOf(layer)} positions, and ${at} are there already: ${x.shape[1]} more do not fit.`,
    );
  const { value, memory: after } = pass(layer, parameters, x, options, memory);
  return [value, { ...after, position: ad.add(position, x.shape[1]) }];
}

/**
 * Checks an architecture, such as one from JSON, with all layers inside, and gives it with defaults filled in.
 * @throws INVALID_PARAMETER, by the path of the layer, for kinds and options that there are not.
 */
export function checkArchitecture(architecture: unknown): Layer {
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
}

/** A layer with defaults, and those inside that are options of it. */
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
