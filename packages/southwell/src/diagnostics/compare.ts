import { coordinateBar } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { meanOf, type SymmetricProduct } from './product.ts';
import { type DirectionalSharpness, directionalSharpness } from './sharpness.ts';

/** A loss on a batch, at the point at which directions are compared. */
export interface BatchCurvature {
  readonly gradient: Float64Array;
  readonly product: SymmetricProduct;
}

/** A direction, or how one follows from the gradient of a batch; an optimiser's goes downhill. */
export type ComparedDirection = Float64Array | ((gradient: Float64Array) => Float64Array);

/** Slope and curvature along a unit direction, means over batches. */
export interface ComparedSharpness extends DirectionalSharpness {
  /** Standard error of the sharpness over batches; NaN of one batch. */
  readonly sharpnessError: number;
  /** The part of the square of its length that lies in its largest coordinates, one in a hundred. */
  readonly topShare: number;
}

/**
 * {@link directionalSharpness} of directions by their names, at one point: each on the batch whose gradient made it, and means over the
 * batches. Directions are compared at length 1, whatever lengths they come with. The best step and its predicted decrease are those of the
 * means. Batches are gone through once, in turn, so that a generator may move one model from batch to batch. A product for each direction and batch.
 *
 * @throws INVALID_PARAMETER without batches or for a direction of length 0; INVALID_SHAPE; NON_FINITE.
 */
export function compareDirections<Name extends string>(
  batches: Iterable<BatchCurvature>,
  directions: Readonly<Record<Name, ComparedDirection>>,
): Record<Name, ComparedSharpness> {
  const names = Object.keys(directions) as Name[];
  const found = new Map(names.map((name) => [name, { each: [] as DirectionalSharpness[], shares: [] as number[] }]));
  for (const { gradient, product } of batches) {
    for (const [name, { each, shares }] of found) {
      const given = directions[name];
      const direction = given instanceof Float64Array ? given : given(gradient);
      each.push(directionalSharpness(gradient, product, direction));
      shares.push(topShare(direction, 0.01));
    }
  }
  const one = ([name, { each, shares }]: [Name, { each: DirectionalSharpness[]; shares: number[] }]) => {
    if (each.length === 0) fail('INVALID_PARAMETER', 'compareDirections needs a batch or more.');
    const over = (of: (one: DirectionalSharpness) => number) => meanOf(each.map(of));
    const { mean: sharpness, error: sharpnessError } = over((d) => d.sharpness);
    const { mean: correlation } = over((d) => d.correlation);
    const { mean: norm } = over((d) => d.norm);
    const common = { norm, correlation, sharpness, sharpnessError, topShare: meanOf(shares).mean };
    if (!(sharpness > 0)) return [name, common] as const;
    const best = { optimalStep: -correlation / sharpness, predictedDecrease: correlation ** 2 / (2 * sharpness) };
    return [name, { ...common, ...best }] as const;
  };
  return Object.fromEntries([...found].map(one)) as Record<Name, ComparedSharpness>;
}

/** The part of ‖u‖² that lies in the largest coordinates, ⌈fraction·size⌉ of them, of a direction that is not 0. */
function topShare(u: Float64Array, fraction: number): number {
  const bar = coordinateBar(u, fraction);
  let [above, more, all] = [0, 0, 0];
  for (const v of u) {
    all += v * v;
    if (Math.abs(v) <= bar) continue;
    above += v * v;
    more++;
  }
  // Those that are equal to the bar make up the number.
  return (above + (Math.ceil(fraction * u.length) - more) * bar * bar) / all;
}
