import * as ad from '@southwell/autodiff';
import type * as nn from '@southwell/autodiff/nn';
import { assign } from '@southwell/numerics/assignment';
import { fail } from '@southwell/numerics/core';
import { factorsOf, gathered, mapsOf, type PermutationSpec, type Permutations } from './permute.ts';

/** Gains below this, relative to the objective, may be rounding. */
const ROUNDING = 1e-12;

/** A parameter of both networks and the factors of its axes. */
export interface Pair {
  readonly name: string;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly factors: ReturnType<typeof factorsOf>;
  readonly lengths: readonly number[];
}

/** The parameters of two networks of this spec. @throws INVALID_SHAPE for another spec. */
export const pairsOf = (a: nn.Model, b: nn.Model, spec: PermutationSpec): Pair[] =>
  Object.entries(a.parameters).map(([name, t]) => {
    const factors = factorsOf(spec, name);
    const lengths = factors.map(({ size }) => size);
    if (lengths.reduce((n, m) => n * m, 1) !== t.size)
      fail('INVALID_SHAPE', `The spec is of another network: ${name} has ${t.size} numbers.`);
    return { name, a: Float64Array.from(t.data()), b: Float64Array.from(b.parameters[name].data()), factors, lengths };
  });

/** ⟨a, π(b)⟩ over these parameters. */
export function overlap(pairs: readonly Pair[], permutations: Permutations): number {
  let sum = 0;
  for (const { a, b, factors, lengths } of pairs) {
    const moved = gathered(b, lengths, mapsOf(factors, permutations));
    for (let i = 0; i < a.length; i++) sum += a[i] * moved[i];
  }
  return sum;
}

/**
 * How well each place of one permutation agrees with each place of b, the other permutations held: n × n. If it occurs
 * twice in a parameter, the overlap is quadratic in it and this is its gradient.
 */
function gains(name: string, n: number, pairs: readonly Pair[], permutations: Permutations): Float64Array {
  const sum = new Float64Array(n * n);
  for (const { a, b, factors, lengths } of pairs) {
    factors.forEach(({ permutation }, d) => {
      if (permutation !== name) return;
      const order = [d, ...lengths.map((_, k) => k).filter((k) => k !== d)];
      const maps = mapsOf(factors, permutations).map((map, k) => (k === d ? undefined : map));
      const rows = (values: Float64Array): ad.Tensor => ad.tensorOver(values, [n, values.length / n]);
      const product = ad.matmulTransposed(
        rows(gathered(a, lengths, [], order)),
        rows(gathered(b, lengths, maps, order)),
      );
      const values = product.data();
      for (let i = 0; i < sum.length; i++) sum[i] += values[i];
    });
  }
  return sum;
}

/** The best permutation for an n × n matrix of gains. */
export const bestOf = (matrix: Float64Array, n: number): Int32Array =>
  Int32Array.from(assign(matrix, { rows: n, columns: n, maximise: true }).columnOfRow);

export const identities = ({ sizes }: PermutationSpec): Record<string, Int32Array> =>
  Object.fromEntries(Object.entries(sizes).map(([name, n]) => [name, Int32Array.from({ length: n }, (_, i) => i)]));

export const copyOf = (permutations: Permutations): Record<string, Int32Array> =>
  Object.fromEntries(Object.entries(permutations).map(([name, p]) => [name, p.slice()]));

/**
 * Replaces each permutation in turn, in this order, by the best one for those of the others, if that increases the overlap;
 * whether one was replaced.
 */
export function sweepOnce(
  pairs: readonly Pair[],
  permutations: Record<string, Int32Array>,
  order: readonly string[],
): boolean {
  let changed = false;
  for (const name of order) {
    const n = permutations[name].length;
    const own = pairs.filter(({ factors }) => factors.some(({ permutation }) => permutation === name));
    const matrix = gains(name, n, own, permutations);
    const next = bestOf(matrix, n);
    // The gains add up to the overlap, unless the permutation occurs twice in a parameter.
    const twice = own.some(({ factors }) => factors.filter(({ permutation }) => permutation === name).length > 1);
    const value = (p: Int32Array): number =>
      twice ? overlap(own, { ...permutations, [name]: p }) : p.reduce((sum, from, i) => sum + matrix[i * n + from], 0);
    const before = value(permutations[name]);
    const gain = value(next) - before;
    if (!(gain > ROUNDING * Math.max(1, Math.abs(before)))) continue;
    permutations[name] = next;
    changed = true;
  }
  return changed;
}
