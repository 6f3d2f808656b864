import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { Shape, Tensor, Tree } from '../index.ts';
import type { Layer, Parameters, Precision, State } from './layer.ts';
import { checkArchitecture } from './model.ts';
import { flattenParameters } from './parameters.ts';
import { isWhole, type PlainTensor, type Stored, type StoredTensor, storedTensors, toTensors } from './stored.ts';
import { checkFit, declaredOf } from './weights.ts';

/** Where the architecture stands in the metadata. */
const ARCHITECTURE = 'southwell.architecture';

/** A model with its numbers. */
export interface Model {
  readonly layer: Layer;
  readonly parameters: Parameters;
  readonly state: State;
}

/** Options of {@link saveModel}. */
export interface SaveOptions {
  /** What batch norms have counted. */
  readonly state?: State;
  /** Further texts that go with it. */
  readonly metadata?: Readonly<Record<string, string>>;
}
const saveKeys: OptionKeys<SaveOptions> = { state: true, metadata: true };

/** As JSON, what a model is without its numbers. `JSON.parse` and {@link checkArchitecture} give it back. */
export const architectureJson = (layer: Layer): string => JSON.stringify(checkArchitecture(layer));

/**
 * A model as a file has it: parameters and state by their names, the architecture in the metadata. `writeSafetensors` of `@southwell/data` makes
 * the file's bytes of it. Numbers are not copied. O(parameters).
 * @throws INVALID_SHAPE where numbers do not fit the architecture; as {@link checkArchitecture}.
 */
export function saveModel(layer: Layer, parameters: Tree, options: SaveOptions = {}): Stored<PlainTensor> {
  knownKeys('saveModel', options, saveKeys);
  const { state = {}, metadata = {} } = options;
  const all = flattenParameters(parameters);
  const architecture = architectureJson(layer);
  checkFit('parameters', declaredOf(layer, 'parameters'), all);
  checkFit('states', declaredOf(layer, 'state'), state);
  return { tensors: storedTensors({ ...all, ...state }), metadata: { ...metadata, [ARCHITECTURE]: architecture } };
}

/** Options of {@link loadModel}. */
export interface LoadOptions {
  /** The architecture, where the file does not carry one; text or what JSON.parse makes of it. */
  readonly architecture?: Layer | string;
  /** The name here of a tensor of the file; undefined leaves it out. */
  readonly rename?: (name: string) => string | undefined;
  /** Data type ('f32'; 'f64' is exact for F64). */
  readonly dtype?: Precision;
}
const loadKeys: OptionKeys<LoadOptions> = { architecture: true, rename: true, dtype: true };

/**
 * A model of what a file has: of what {@link saveModel} gave, or of named tensors such as `readSafetensors` of `@southwell/data` reads. What
 * PyTorch's attention packs into one tensor (`in_proj_weight`) is taken apart. O(numbers).
 * @throws INVALID_PARAMETER without an architecture, or where that is none, and for what are no tensors by names; INVALID_FORMAT for whole numbers
 * as parameters; INVALID_SHAPE where the numbers do not fit the architecture: the first that does not is named, those missing and not expected
 * are counted.
 */
export function loadModel(stored: Stored, options: LoadOptions = {}): Model {
  knownKeys('loadModel', options, loadKeys);
  const { architecture, rename = (name) => name, dtype = 'f32' } = options;
  const { tensors, metadata } = stored;
  if (typeof tensors !== 'object' || typeof metadata !== 'object')
    fail(
      'INVALID_PARAMETER',
      'A model is loaded from { tensors, metadata }; of the bytes of a file, from readSafetensors(bytes) of @southwell/data.',
    );
  const given = architecture ?? metadata[ARCHITECTURE];
  if (given === undefined) {
    fail(
      'INVALID_PARAMETER',
      `The file carries no architecture ('${ARCHITECTURE}' in its metadata): give one, loadModel(file, { architecture }).`,
    );
  }
  const layer = checkArchitecture(typeof given === 'string' ? parsed(given) : given);
  const named: Record<string, StoredTensor> = {};
  for (const [from, t] of Object.entries(tensors)) {
    const name = rename(from);
    if (name === undefined) continue;
    if (Object.hasOwn(named, name)) fail('INVALID_PARAMETER', `Two tensors of the file would have the name '${name}'.`);
    named[name] = t;
  }
  const [parameters, state] = [declaredOf(layer, 'parameters'), declaredOf(layer, 'state')];
  const expected = new Map([...parameters, ...state]);
  const apart = unpacked(named, expected);
  checkFit('weights', expected, apart);
  const whole = Object.entries(apart).find(([, t]) => isWhole(t.dtype));
  if (whole)
    fail(
      'INVALID_FORMAT',
      `'${whole[0]}' has whole numbers (${whole[1].dtype}) where the architecture has a parameter.`,
    );
  const all = toTensors(apart, { dtype });
  const pick = (names: Iterable<string>): Readonly<Record<string, Tensor>> =>
    Object.fromEntries([...names].map((name) => [name, all[name]]));
  return { layer, parameters: pick(parameters.keys()), state: pick(state.keys()) };
}

/** Names of PyTorch's MultiheadAttention, and where a layer of attention has their rows. */
const PROJECTIONS: ReadonlyArray<readonly [theirs: string, ours: readonly string[], what: string]> = [
  ['in_proj_weight', ['query', 'key', 'value'], 'weight'],
  ['in_proj_bias', ['query', 'key', 'value'], 'bias'],
  ['q_proj_weight', ['query'], 'weight'],
  ['k_proj_weight', ['key'], 'weight'],
  ['v_proj_weight', ['value'], 'weight'],
  ['out_proj.weight', ['out'], 'weight'],
  ['out_proj.bias', ['out'], 'bias'],
];

/** Tensors of which those of PyTorch's attention, one for several products, are cut into the architecture's own. */
function unpacked(
  tensors: Readonly<Record<string, StoredTensor>>,
  expected: ReadonlyMap<string, { readonly shape: Shape }>,
): Readonly<Record<string, StoredTensor>> {
  const out: Record<string, StoredTensor> = {};
  for (const [name, t] of Object.entries(tensors)) {
    const rule = PROJECTIONS.find(([theirs]) => name === theirs || name.endsWith(`.${theirs}`));
    const parts = rule?.[1].map((own) => `${name.slice(0, name.length - rule[0].length)}${own}.${rule[2]}`) ?? [];
    const rows = parts.map((part) => expected.get(part)?.shape[0] ?? 0);
    // Of another architecture, or of other sizes: it is named as it stands.
    if (!rule || expected.has(name) || rows.includes(0) || rows.reduce((a, b) => a + b, 0) !== t.shape[0]) {
      out[name] = t;
      continue;
    }
    let at = 0;
    parts.forEach((part, i) => {
      const [from, to] = [at, at + rows[i]].map((row) => (t.values.length / t.shape[0]) * row);
      out[part] = { dtype: t.dtype, shape: [rows[i], ...t.shape.slice(1)], values: t.values.subarray(from, to) };
      at += rows[i];
    });
  }
  return out;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return fail('INVALID_FORMAT', `The architecture is no JSON: ${(error as Error).message}.`);
  }
}
