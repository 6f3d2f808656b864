import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { cast, type PackedTensor, type Shape, type Tensor, unpackTensor, withLine } from '../index.ts';
import type { Layer, Parameters, State, WeightDType, Weights, WeightTree } from './layer.ts';
import { checkArchitecture } from './model.ts';
import { packedOf, storedParts } from './packedFiles.ts';
import { flattenParameters } from './parameters.ts';
import { isWhole, type PlainTensor, type Stored, type StoredTensor, storedTensors, toTensors } from './stored.ts';
import { checkFit, declaredOf } from './weights.ts';

/** Metadata key of the architecture. */
const ARCHITECTURE = 'southwell.architecture';

/** Whether the contents of a file have their architecture, as those of `saveModel` do, so that `loadModel` needs no other. */
export const hasArchitecture = (stored: Pick<Stored, 'metadata'>): boolean =>
  stored?.metadata?.[ARCHITECTURE] !== undefined;

/** A model with its parameters and state. */
export interface Model {
  readonly layer: Layer;
  readonly parameters: Parameters;
  readonly state: State;
}

/** A model that runs packed: see {@link loadModel}. */
export interface PackedModel extends Omit<Model, 'parameters'> {
  readonly parameters: Weights;
}

/** Options of {@link saveModel}. */
export interface SaveOptions {
  /** Running statistics of batch norms. */
  readonly state?: State;
  /** Further metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}
const saveKeys: OptionKeys<SaveOptions> = { state: true, metadata: true };

/** The architecture as JSON, without parameters. `JSON.parse` followed by {@link checkArchitecture} restores it. */
export const architectureJson = (layer: Layer): string => JSON.stringify(checkArchitecture(layer));

/**
 * Converts a model to named tensors, with the architecture in the metadata; packed parameters stay packed. `writeSafetensors` of `@southwell/data` serialises
 * the result. Tensor data is not copied. O(parameters).
 * @throws INVALID_SHAPE if the tensors do not match the architecture; as {@link checkArchitecture}.
 */
export const saveModel = withLine(
  (layer: Layer, parameters: WeightTree, options: SaveOptions = {}): Stored<PlainTensor> => {
    knownKeys('saveModel', options, saveKeys);
    const { state = {}, metadata = {} } = options;
    const all = flattenParameters(parameters);
    const architecture = architectureJson(layer);
    checkFit('parameters', declaredOf(layer, 'parameters'), all);
    checkFit('states', declaredOf(layer, 'state'), state);
    const parts = storedParts(all);
    return {
      tensors: storedTensors({ ...parts.tensors, ...state }),
      metadata: { ...metadata, ...parts.metadata, [ARCHITECTURE]: architecture },
    };
  },
);

/** Options of {@link loadModel}. */
export interface LoadOptions {
  /** The architecture, if the file has none: JSON text or the parsed object. */
  readonly architecture?: Layer | string;
  /** Maps the name of a tensor in the file to a parameter name; undefined skips the tensor. */
  readonly rename?: (name: string) => string | undefined;
  /** Data type ('f32'; 'f64' is exact for F64; 'f16' and 'bf16' take two bytes). */
  readonly dtype?: WeightDType;
  /**
   * What becomes of packed weights: `expand` makes tensors of them, with which everything works (the default); with `keep` they stay
   * packed, in memory too: the model runs, but cannot be trained.
   */
  readonly packed?: 'keep' | 'expand';
}
const loadKeys: OptionKeys<LoadOptions> = { architecture: true, rename: true, dtype: true, packed: true };

/**
 * Loads a model from the output of {@link saveModel}, or from named tensors as `readSafetensors` of `@southwell/data` reads them. PyTorch's
 * packed attention weights (`in_proj_weight`) are split. O(size).
 * @throws INVALID_PARAMETER for a missing or invalid architecture, and for input that is not named tensors; INVALID_FORMAT for integer tensors
 * as parameters, and damaged packed ones; INVALID_SHAPE if the tensors do not match the architecture: the message names the first mismatch and counts missing and
 * unexpected tensors.
 */
export const loadModel = withLine((stored: Stored, options: LoadOptions = {}): PackedModel => {
  knownKeys('loadModel', options, loadKeys);
  const { architecture, rename = (name) => name, dtype = 'f32', packed: kept = 'expand' } = options;
  if (kept !== 'keep' && kept !== 'expand')
    fail('INVALID_PARAMETER', `loadModel: packed must be keep or expand, not ${String(kept)}.`);
  if (kept === 'keep' && dtype === 'f64')
    fail(
      'INVALID_PARAMETER',
      "loadModel: packed weights have single precision; with the dtype 'f64' they are expanded.",
    );
  const { tensors, metadata } = stored ?? {};
  if (typeof tensors !== 'object' || typeof metadata !== 'object')
    fail(
      'INVALID_PARAMETER',
      'loadModel takes { tensors, metadata }; for the bytes of a file, call readSafetensors(bytes) of @southwell/data first.',
    );
  const given = architecture ?? metadata[ARCHITECTURE];
  if (given === undefined) {
    fail(
      'INVALID_PARAMETER',
      `The file has no architecture ('${ARCHITECTURE}' in its metadata): pass one, loadModel(file, { architecture }).`,
    );
  }
  const layer = checkArchitecture(typeof given === 'string' ? parsed(given) : given);
  const { rest, packed } = packedOf(stored);
  const named: Record<string, StoredTensor> = {};
  const matrices: Record<string, PackedTensor> = {};
  const renamed = <T>(given: Readonly<Record<string, T>>, to: Record<string, T>): void => {
    for (const [from, t] of Object.entries(given)) {
      const name = rename(from);
      if (name === undefined) continue;
      if (Object.hasOwn(named, name) || Object.hasOwn(matrices, name))
        fail('INVALID_PARAMETER', `Two tensors of the file map to the name '${name}'.`);
      to[name] = t;
    }
  };
  renamed(rest, named);
  renamed(packed, matrices);
  const [parameters, state] = [declaredOf(layer, 'parameters'), declaredOf(layer, 'state')];
  const expected = new Map([...parameters, ...state]);
  const apart = unpacked(named, expected);
  checkFit('weights', expected, { ...apart, ...matrices });
  const whole = Object.entries(apart).find(([, t]) => isWhole(t.dtype));
  if (whole)
    fail(
      'INVALID_FORMAT',
      `'${whole[0]}' is an integer tensor (${whole[1].dtype}), but the architecture has a parameter of that name.`,
    );
  const all: Record<string, Tensor | PackedTensor> = { ...toTensors(apart, { dtype }), ...matrices };
  if (kept === 'expand') for (const [name, m] of Object.entries(matrices)) all[name] = cast(unpackTensor(m), dtype);
  const pick = (names: Iterable<string>): Weights => Object.fromEntries([...names].map((name) => [name, all[name]]));
  return { layer, parameters: pick(parameters.keys()), state: pick(state.keys()) as State };
}) as {
  (stored: Stored, options: LoadOptions & { readonly packed: 'keep' }): PackedModel;
  (stored: Stored, options?: LoadOptions & { readonly packed?: 'expand' }): Model;
};

/** Tensor names of PyTorch's MultiheadAttention, and the parameters of attention layers that their rows go to. */
const PROJECTIONS: ReadonlyArray<readonly [theirs: string, ours: readonly string[], what: string]> = [
  ['in_proj_weight', ['query', 'key', 'value'], 'weight'],
  ['in_proj_bias', ['query', 'key', 'value'], 'bias'],
  ['q_proj_weight', ['query'], 'weight'],
  ['k_proj_weight', ['key'], 'weight'],
  ['v_proj_weight', ['value'], 'weight'],
  ['out_proj.weight', ['out'], 'weight'],
  ['out_proj.bias', ['out'], 'bias'],
];

/** Splits PyTorch's packed attention tensors into the architecture's separate projections. */
function unpacked(
  tensors: Readonly<Record<string, StoredTensor>>,
  expected: ReadonlyMap<string, { readonly shape: Shape }>,
): Readonly<Record<string, StoredTensor>> {
  const out: Record<string, StoredTensor> = {};
  for (const [name, t] of Object.entries(tensors)) {
    const rule = PROJECTIONS.find(([theirs]) => name === theirs || name.endsWith(`.${theirs}`));
    const parts = rule?.[1].map((own) => `${name.slice(0, name.length - rule[0].length)}${own}.${rule[2]}`) ?? [];
    const rows = parts.map((part) => expected.get(part)?.shape[0] ?? 0);
    // Another architecture, or other sizes: kept as it is.
    if (!rule || expected.has(name) || rows.includes(0) || rows.reduce((a, b) => a + b, 0) !== t.shape[0]) {
      out[name] = t;
      continue;
    }
    let at = 0;
    parts.forEach((part, i) => {
      const [from, to] = [at, at + rows[i]].map((row) => (t.values.length / t.shape[0]) * row);
      const shape = [rows[i], ...t.shape.slice(1)];
      out[part] = { dtype: t.dtype, shape, values: t.values.subarray(from, to) };
      at += rows[i];
    });
  }
  return out;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return fail('INVALID_FORMAT', `The architecture is not valid JSON: ${(error as Error).message}.`);
  }
}
