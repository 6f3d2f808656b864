import { fail } from '@southwell/numerics/core';
import { type PackedMatrix, type PackedTensor, packedTensor, Tensor } from '../index.ts';
import type { Weights } from './layer.ts';
import type { Stored, StoredTensor, StoredValues } from './stored.ts';

// Packed matrices in files: their arrays are tensors named after the parameter (`blocks.0.weight.values`), their forms
// and sizes are in the metadata, by parameter.

/** Metadata key of the forms of packed parameters. */
const PACKED = 'southwell.packed';
const VERSION = 1;

/** Tensors of parameters, those of packed ones apart, and the metadata that names them. */
export function storedParts(weights: Weights): {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly metadata: Readonly<Record<string, string>>;
} {
  const tensors: Record<string, Tensor> = {};
  const matrices: Record<string, unknown> = {};
  for (const [name, weight] of Object.entries(weights)) {
    if (weight instanceof Tensor) {
      tensors[name] = weight;
      continue;
    }
    const { arrays, ...sizes } = weight;
    matrices[name] = sizes;
    for (const [key, x] of Object.entries<Tensor>(arrays)) tensors[`${name}.${key}`] = x;
  }
  const none = Object.keys(matrices).length === 0;
  return { tensors, metadata: none ? {} : { [PACKED]: JSON.stringify({ version: VERSION, matrices }) } };
}

/**
 * Takes the packed matrices out of the contents of a file: the other tensors, and a packed matrix for each parameter
 * that has one.
 * @throws INVALID_FORMAT for damaged matrices and metadata, and other versions.
 */
export function packedOf({ tensors, metadata }: Stored): {
  readonly rest: Readonly<Record<string, StoredTensor>>;
  readonly packed: Readonly<Record<string, PackedTensor>>;
} {
  const text = metadata[PACKED];
  if (text === undefined) return { rest: tensors, packed: {} };
  const rest: Record<string, StoredTensor> = { ...tensors };
  const packed: Record<string, PackedTensor> = {};
  for (const [name, sizes] of Object.entries(matricesIn(text))) {
    const arrays: Record<string, Float32Array | Int32Array> = {};
    for (const key of Object.keys(rest)) {
      if (!key.startsWith(`${name}.`) || key.slice(name.length + 1).includes('.')) continue;
      const { dtype, values } = rest[key];
      arrays[key.slice(name.length + 1)] = dtype === 'I32' ? wordsOf(values) : fractionsOf(values);
      delete rest[key];
    }
    try {
      packed[name] = packedTensor({ ...sizes, arrays } as unknown as PackedMatrix);
    } catch (error) {
      fail('INVALID_FORMAT', `The packed parameter '${name}': ${(error as Error).message}`);
    }
  }
  return { rest, packed };
}

// Arrays of these types are shared with the file's contents, so that a large model is in memory once.
const wordsOf = (values: StoredValues): Int32Array =>
  values instanceof Int32Array ? values : Int32Array.from(values as ArrayLike<number>);
const fractionsOf = (values: StoredValues): Float32Array =>
  values instanceof Float32Array ? values : Float32Array.from(values as ArrayLike<number>);

function matricesIn(text: string): Readonly<Record<string, object>> {
  let found: { version?: unknown; matrices?: unknown };
  try {
    found = JSON.parse(text) ?? {};
  } catch (error) {
    return fail('INVALID_FORMAT', `'${PACKED}' of the metadata is not valid JSON: ${(error as Error).message}.`);
  }
  const { version, matrices } = found;
  if (version !== VERSION)
    fail(
      'INVALID_FORMAT',
      `The packed weights of this file have version ${String(version)} of their format; this version of southwell reads ${VERSION}.`,
    );
  if (typeof matrices !== 'object' || matrices === null)
    fail('INVALID_FORMAT', `'${PACKED}' of the metadata has no matrices.`);
  return matrices as Readonly<Record<string, object>>;
}
