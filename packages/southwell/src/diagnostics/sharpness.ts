import { coordinateBar } from '@southwell/numerics/arrays';
import { checkOptions, fail, numberOption, type OptionsOf, otherOption, wholeNumber } from '@southwell/numerics/core';
import { clamp } from '@southwell/numerics/projections';
import { ofLength } from './checks.ts';
import { checkedProduct, dot, type SymmetricProduct } from './product.ts';

/** Second-order expansion of a loss along a unit direction v: f(x + ηv) ≈ f(x) + η·correlation + ½η²·sharpness. */
export interface DirectionalSharpness {
  /** Norm of the given direction. */
  readonly norm: number;
  /** gᵀv: negative for a descent direction. */
  readonly correlation: number;
  /** vᵀHv. */
  readonly sharpness: number;
  /** Minimiser η of the quadratic and its decrease; undefined unless the curvature is positive. */
  readonly optimalStep?: number;
  readonly predictedDecrease?: number;
}

/**
 * Slope and curvature along a direction, such as the step of an optimiser (Pan & Li 2023, arXiv 2306.00204), for
 * comparison with other directions at the same point and on the same batch. One product.
 *
 * @throws INVALID_SHAPE; INVALID_PARAMETER for a zero direction; NON_FINITE.
 */
export function directionalSharpness(
  gradient: Float64Array,
  product: SymmetricProduct,
  direction: Float64Array,
): DirectionalSharpness {
  ofLength('direction', direction, gradient.length);
  const norm = Math.sqrt(dot(direction, direction));
  if (!(norm > 0 && Number.isFinite(norm))) {
    fail('INVALID_PARAMETER', `A direction must have a finite norm above 0, not ${norm}.`);
  }
  const v = direction.map((d) => d / norm);
  const image = new Float64Array(v.length);
  checkedProduct(product, v.length).product(v, image);
  const [correlation, sharpness] = [dot(gradient, v), dot(v, image)];
  if (!(sharpness > 0)) return { norm, correlation, sharpness };
  return {
    ...{ norm, correlation, sharpness },
    optimalStep: -correlation / sharpness,
    predictedDecrease: correlation ** 2 / (2 * sharpness),
  };
}

const clippingRecords = {
  /** The fraction of the values to clip, in [0, 1]: 0 clips nothing; or the threshold itself. */
  fraction: numberOption({ min: 0, max: 1 }),
  threshold: numberOption({ min: 0 }),
  /** Ranges, such as tensors, each with a threshold of its own by the fraction. Default: one threshold for all. */
  ranges: otherOption<ReadonlyArray<{ readonly from: number; readonly to: number }>>('a list of ranges'),
};

export interface CoordinateClipping extends OptionsOf<typeof clippingRecords> {}

/**
 * sign(u)·min(|u|, τ): clips the coordinates of a direction at a threshold, either given or such that a fraction of
 * them reaches it. Zeros do not count as reaching it, so that the threshold is positive for a non-zero direction. With
 * `ranges`, coordinates outside all of them are unchanged. O(size) on average.
 *
 * @throws INVALID_PARAMETER unless exactly one of fraction and threshold is given, and valid, and ranges lie within the
 * direction.
 */
export function clipCoordinates(direction: Float64Array, options: CoordinateClipping): Float64Array {
  checkOptions('clipCoordinates', clippingRecords, options);
  const { fraction, threshold, ranges = [{ from: 0, to: direction.length }] } = options;
  if ((fraction === undefined) === (threshold === undefined)) {
    fail('INVALID_PARAMETER', 'clipCoordinates needs either a fraction or a threshold.');
  }
  const clipped = direction.slice();
  for (const [k, { from, to }] of ranges.entries()) {
    wholeNumber(`The beginning of range ${k + 1}`, from, 0, direction.length);
    wholeNumber(`The end of range ${k + 1}`, to, from, direction.length);
    const bar = threshold ?? coordinateBar(direction.subarray(from, to), fraction!);
    for (let i = from; i < to; i++) clipped[i] = clamp(direction[i], -bar, bar);
  }
  return clipped;
}
