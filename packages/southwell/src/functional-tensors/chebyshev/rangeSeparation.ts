import { fail } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { columnsOf, type IndicesLike } from '../axes.ts';
import type { SeparableTerm } from './chebSums.ts';
import type { SincSum } from './sincNewton.ts';

/** Gaussians of a kernel: Σ_k weights[k]·exp(−rates[k]²·z²). */
export type Gaussians = Pick<SincSum, 'weights' | 'rates'>;

/**
 * Splits a kernel into Gaussians of rates up to `rate`, its smooth long-range part, and the others of width below
 * 1/rate, its short-range part.
 * @throws INVALID_PARAMETER.
 */
export function separateRange(
  kernel: Gaussians,
  rate: number,
): { readonly long: Gaussians; readonly short: Gaussians } {
  if (!(rate >= 0)) fail('INVALID_PARAMETER', `rate must be at least 0, but is ${rate}.`);
  const part = (inside: (r: number) => boolean): Gaussians => ({
    weights: kernel.weights.filter((_, k) => inside(kernel.rates[k])),
    rates: kernel.rates.filter(inside),
  });
  return { long: part((r) => r <= rate), short: part((r) => r > rate) };
}

/**
 * The potential Σ_i charges[i]·kernel(‖· − positions[i]‖) of particles as a sum of products, for {@link chebTuckerFromSeparable}: a term for each particle and Gaussian.
 * @param positions A row of x, y and z for each particle.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function potentialTerms(
  positions: IndicesLike,
  charges: ArrayLike<number>,
  { weights, rates }: Gaussians,
): SeparableTerm[] {
  const [xs, ys, zs] = columnsOf(positions, 3);
  if (charges.length !== positions.length) {
    fail('INVALID_SHAPE', `There are ${charges.length} charges for ${positions.length} positions.`);
  }
  const bell = (centre: number, rate: number) => (x: number) => elementary.exp(-((rate * (x - centre)) ** 2));
  return Array.from(xs, (_, i) => {
    if (!Number.isFinite(charges[i])) fail('NON_FINITE', `Charge ${i + 1} is ${charges[i]}.`);
    return Array.from(
      rates,
      (rate, k): SeparableTerm => ({
        weight: charges[i] * weights[k],
        factors: [bell(xs[i], rate), bell(ys[i], rate), bell(zs[i], rate)],
      }),
    );
  }).flat();
}
