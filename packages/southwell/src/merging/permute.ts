import * as ad from '@southwell/autodiff';
import type * as nn from '@southwell/autodiff/nn';
import { fail } from '@southwell/numerics/core';

/** A factor of a parameter's axis: an index over `size` places, the slowest first. */
export interface AxisFactor {
  readonly size: number;
  /** Name of the permutation of these places; undefined if their order is fixed. */
  readonly permutation?: string;
}

/**
 * Which axes of a network's parameters can be permuted without a change of the function that it computes. Axes of the same
 * name are permuted alike. An axis of several factors is permuted in blocks: that of a projection to h heads of width d has
 * the factors h, with a name, and d, without.
 */
export interface PermutationSpec {
  /** Length of each permutation by name; named after the first parameter and its axis. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Factors of each axis of each parameter and state; none for an axis of length 1. */
  readonly axes: Readonly<Record<string, ReadonlyArray<readonly AxisFactor[]>>>;
}

/** Permutations by name: entry i is the place from which place i is taken. One that is missing is the identity. */
export type Permutations = Readonly<Record<string, Int32Array>>;

type Numbers = Float64Array | Float32Array | Int32Array;

/**
 * Elements of an array of these lengths, in the given order of axes, each axis read through a map, if it has one: the array itself if nothing
 * moves. O(size).
 */
export function gathered<T extends Numbers>(
  values: T,
  lengths: readonly number[],
  maps: ReadonlyArray<Int32Array | undefined>,
  order: readonly number[] = lengths.map((_, d) => d),
): T {
  if (order.every((d, k) => d === k && !maps[d])) return values;
  const strides = new Array<number>(lengths.length).fill(1);
  for (let d = lengths.length - 2; d >= 0; d--) strides[d] = strides[d + 1] * lengths[d + 1];
  const places = order.map((d) => Int32Array.from({ length: lengths[d] }, (_, i) => (maps[d]?.[i] ?? i) * strides[d]));
  const out = new (values.constructor as new (length: number) => T)(values.length);
  const innermost = order[order.length - 1];
  const last = places.pop()!;
  const whole = innermost === lengths.length - 1 && !maps[innermost];
  let at = 0;
  const visit = (depth: number, from: number): void => {
    if (depth < places.length) for (const place of places[depth]) visit(depth + 1, from + place);
    else if (whole) {
      out.set(values.subarray(from, from + last.length), at);
      at += last.length;
    } else for (let i = 0; i < last.length; i++) out[at++] = values[from + last[i]];
  };
  visit(0, 0);
  return out;
}

/** The factors of all axes of a parameter, one after the other. */
export const factorsOf = (spec: PermutationSpec, name: string): readonly AxisFactor[] =>
  (spec.axes[name] ?? fail('INVALID_PARAMETER', `The spec does not have the parameter ${name}.`)).flat();

/** The maps of these factors. */
export const mapsOf = (
  factors: readonly AxisFactor[],
  permutations: Permutations,
): ReadonlyArray<Int32Array | undefined> =>
  factors.map(({ permutation }) => (permutation === undefined ? undefined : permutations[permutation]));

/** @throws INVALID_PARAMETER for names that the spec does not have, and arrays that are no permutation of this length. */
export function checkPermutations(spec: PermutationSpec, permutations: Permutations): void {
  for (const [name, p] of Object.entries(permutations)) {
    const size = spec.sizes[name] ?? fail('INVALID_PARAMETER', `The network has no permutation named ${name}.`);
    const seen = new Uint8Array(size);
    for (const i of p) if (i >= 0 && i < size) seen[i] = 1;
    if (p.length !== size || seen.includes(0))
      fail('INVALID_PARAMETER', `${name} is no permutation: each of the places 0 to ${size - 1} must be in it once.`);
  }
}

/** One tensor permuted. */
export function permuteTensor(t: ad.Tensor, factors: readonly AxisFactor[], permutations: Permutations): ad.Tensor {
  const maps = mapsOf(factors, permutations);
  if (maps.every((map) => map === undefined)) return t;
  const values = gathered(
    t.data(),
    factors.map(({ size }) => size),
    maps,
  );
  return ad.cast(ad.tensor(values, { shape: t.shape }), t.dtype);
}

/**
 * The network with its neurons in another order; it computes the same function. O(parameters).
 * @throws INVALID_PARAMETER for what is no permutation of the spec.
 */
export function permuteModel(model: nn.Model, spec: PermutationSpec, permutations: Permutations): nn.Model {
  checkPermutations(spec, permutations);
  const moved = (tensors: Readonly<Record<string, ad.Tensor>>): Record<string, ad.Tensor> =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, t]) => [name, permuteTensor(t, factorsOf(spec, name), permutations)]),
    );
  return { layer: model.layer, parameters: moved(model.parameters), state: moved(model.state) };
}
