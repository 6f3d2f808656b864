import { coordinateBar } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { meanOf, type SymmetricProduct } from './product.ts';
import { type DirectionalSharpness, directionalSharpness } from './sharpness.ts';

/** A loss on a batch, at the point where directions are compared. */
export interface BatchCurvature {
  readonly gradient: Float64Array;
  readonly product: SymmetricProduct;
}

/**
 * A direction, or a function that computes one from the gradient of a batch, such as a descent direction of an
 * optimiser.
 */
export type ComparedDirection = Float64Array | ((gradient: Float64Array) => Float64Array);

/** Slope and curvature along a unit direction, averaged over batches. */
export interface ComparedSharpness extends DirectionalSharpness {
  /** Standard error of the sharpness over batches; NaN for one batch. */
  readonly sharpnessError: number;
  /** The fraction of the squared norm in the largest 1 % of the coordinates. */
  readonly topShare: number;
}

/**
 * {@link directionalSharpness} of named directions at one point: each on the batch whose gradient it was computed from,
 * averaged over the batches. Directions are normalised to unit norm. The best step and its predicted decrease are those
 * of the means. Batches are processed once, in turn, so that a generator may move one model from batch to batch. One
 * product for each direction and batch.
 *
 * @throws INVALID_PARAMETER without batches or for a zero direction; INVALID_SHAPE; NON_FINITE.
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
    if (each.length === 0) fail('INVALID_PARAMETER', 'compareDirections needs at least one batch.');
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

/** The fraction of ‖u‖² in the ⌈fraction·size⌉ largest coordinates of a non-zero direction. */
function topShare(u: Float64Array, fraction: number): number {
  const bar = coordinateBar(u, fraction);
  let [above, more, all] = [0, 0, 0];
  for (const v of u) {
    all += v * v;
    if (Math.abs(v) <= bar) continue;
    above += v * v;
    more++;
  }
  // Coordinates equal to the threshold complete the number.
  return (above + (Math.ceil(fraction * u.length) - more) * bar * bar) / all;
}
