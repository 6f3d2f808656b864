import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { fail, Random } from '@southwell/numerics/core';
import { type Axis, type Factor, fix, freshAxis, leavesOf } from './factors.ts';
import { type AxisFactor, type PermutationSpec, type Permutations, permuteModel } from './permute.ts';
import { follow, products } from './rules.ts';

/** An input of a product with weights, along which a permutation acts. */
export interface Site {
  /** Index of the operation among all that are computed. */
  readonly operation: number;
  readonly permutation: string;
  /** Lengths of the factors of the input, and which of them is permuted. */
  readonly lengths: readonly number[];
  readonly at: number;
}

/** A value of whose elements no two differ is the same in every order. */
function isUniform(x: ad.Tensor): boolean {
  const values = x.data();
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false;
  return true;
}

/** The axes of all tensors of one evaluation, by the identity of the tensor. */
class Observed {
  private readonly axes = new Map<number, readonly Axis[]>();
  private readonly ofStorage = new Map<unknown, Axis[]>();

  set(x: ad.Tensor, axes: readonly Axis[]): readonly Axis[] {
    this.axes.set(x.id, axes);
    const own = this.ofStorage.get(x.storage);
    if (own) own.push(...axes);
    else this.ofStorage.set(x.storage, [...axes]);
    return axes;
  }

  /** The axes of a tensor; of one that no operation made, those of a constant. */
  of(x: ad.Tensor): readonly Axis[] {
    const known = this.axes.get(x.id);
    if (known) return known;
    const shared = this.ofStorage.get(x.storage);
    if (shared) fix(shared.flat());
    const fixed = shared !== undefined || !isUniform(x);
    return this.set(
      x,
      x.shape.map((n) => freshAxis(n, fixed)),
    );
  }
}

/** Derives the spec from one evaluation, and where products read values along permuted axes. */
export function deriveSpec(model: nn.Model, x: ad.Tensor): { readonly spec: PermutationSpec; readonly sites: Site[] } {
  const observed = new Observed();
  const all = { ...model.parameters, ...model.state };
  for (const t of Object.values(all))
    observed.set(
      t,
      t.shape.map((n) => freshAxis(n)),
    );
  observed.set(
    x,
    x.shape.map((n) => freshAxis(n, true)),
  );
  const read: Array<{ operation: number; axes: readonly Axis[]; contracted: Axis }> = [];
  let operation = 0;
  const out = ad.observe(
    () => nn.apply(model.layer, model.parameters, x, { state: model.state }),
    (seen) => {
      const inputs = seen.inputs.map((t) => observed.of(t));
      follow(inputs, seen).forEach((axes, i) => {
        observed.set(seen.outputs[i], axes);
      });
      if (products.has(seen.name)) read.push({ operation, axes: inputs[0], contracted: inputs[0].at(-1)! });
      operation++;
    },
  );
  fix(observed.of(out).flat());
  const names = new Map<Factor, string>();
  const sizes: Record<string, number> = {};
  const nameOf = (leaf: Factor, wanted: string): string | undefined => {
    if (leaf.fixed) return undefined;
    if (!names.has(leaf)) {
      let name = wanted;
      while (name in sizes) name += "'";
      names.set(leaf, name);
      sizes[name] = leaf.size;
    }
    return names.get(leaf);
  };
  const axes = Object.fromEntries(
    Object.entries(all).map(([name, t]) => [
      name,
      observed.of(t).map((axis, d) =>
        leavesOf(axis).map((leaf): AxisFactor => {
          const permutation = nameOf(leaf, `${name}[${d}]`);
          return { size: leaf.size, ...(permutation === undefined ? {} : { permutation }) };
        }),
      ),
    ]),
  );
  const sites = read.flatMap((one) => {
    const leaves = one.axes.flatMap((axis) => leavesOf(axis));
    const along = new Set(leavesOf(one.contracted));
    return leaves.flatMap((leaf, at): Site[] => {
      const permutation = names.get(leaf);
      if (permutation === undefined || !along.has(leaf)) return [];
      return [{ operation: one.operation, permutation, lengths: leaves.map(({ size }) => size), at }];
    });
  });
  return { spec: { sizes, axes }, sites };
}

/** Largest difference that rounding explains, relative to the largest output. */
const ROUNDING = { f32: 1e-3, f64: 1e-9 } as const;

/**
 * Derives which axes of the parameters can be permuted from one evaluation of the network on x, a small batch of inputs: axes
 * that are added or multiplied element by element, summed over in a product or normalised together move together, heads move
 * as blocks, and inputs, outputs, and all that an operation reads by its place stay. Any network can be given, also one read from ONNX. The
 * result is checked: the network is evaluated again with random permutations.
 * @throws INVALID_PARAMETER and INVALID_SHAPE as `apply`; NUMERICAL, with the parameter, if a permutation changes the outputs;
 * NON_FINITE if the outputs are not finite.
 */
export function permutationSpec(model: nn.Model, x: ad.Tensor): PermutationSpec {
  const { spec } = deriveSpec(model, x);
  const outputs = ({ layer, parameters, state }: nn.Model): ad.Tensor => nn.apply(layer, parameters, x, { state });
  const before = outputs(model);
  const data = before.data();
  let largest = 0;
  for (const v of data) {
    if (!Number.isFinite(v))
      fail('NON_FINITE', `The network gives ${v} for the inputs from which its permutations are derived.`);
    largest = Math.max(largest, Math.abs(v));
  }
  const bound = ROUNDING[before.dtype === 'f64' ? 'f64' : 'f32'] * largest;
  const random = new Random(1);
  const drawn = Object.fromEntries(Object.entries(spec.sizes).map(([name, n]) => [name, random.permutation(n)]));
  const changes = (permutations: Permutations): boolean => {
    const after = outputs(permuteModel(model, spec, permutations)).data();
    return after.some((v, i) => !(Math.abs(v - data[i]) <= bound));
  };
  if (changes(drawn)) {
    const culprit = Object.keys(drawn).find((name) => changes({ [name]: drawn[name] }));
    const which = culprit ?? Object.keys(drawn)[0];
    fail(
      'NUMERICAL',
      `The outputs of the network change with a permutation of ${which}, for which the network has no symmetry.`,
    );
  }
  return spec;
}
