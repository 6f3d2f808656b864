import { described, needAxis } from '../given.ts';
import { misfit, refuse } from '../op.ts';
import { sort } from '../ops/indexing.ts';
import { recurrence } from '../ops/recurrence.ts';
import { padWith, permute, slice } from '../ops/views.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

/**
 * Quantile along an axis (default last) for a probability q, interpolated linearly between the sorted elements. NaN
 * counts as the largest number. O(n log n).
 * @throws INVALID_PARAMETER for an invalid axis, an empty one, or q outside [0, 1].
 */
export const quantile = (x: Tensor, q: number, axis = -1): Tensor => between('quantile', x, q, axis);

function between(name: string, x: Tensor, q: number, axis: number): Tensor {
  const at = needAxis(name, x, axis);
  if (x.dtype === 'i32') misfit(name, [x], "32-bit integers are indices; cast(x, 'f64') converts them to numbers.");
  const d = x.rank + at;
  const n = x.shape[d];
  if (typeof q !== 'number' || !(q >= 0 && q <= 1)) refuse(name, `q must be from 0 to 1, not ${described(q)}.`);
  if (n === 0) refuse(name, `axis ${axis} has no elements.`);
  const { values } = sort(x, axis);
  const entry = (k: number): Tensor => slice(values, ...x.shape.map((_, i) => (i === d ? k : undefined)));
  const place = q * (n - 1);
  const low = Math.floor(place);
  if (low === place) return entry(low);
  return o.add(o.mul(entry(low), low + 1 - place), o.mul(entry(low + 1), place - low));
}

/** Median along an axis (default last): the mean of the two middle elements if their number is even. */
export const median = (x: Tensor, axis = -1): Tensor => between('median', x, 0.5, axis);

/**
 * Cumulative product along an axis (default last); the derivative is correct for zero factors. O(size).
 * @throws INVALID_PARAMETER for an invalid axis.
 */
export function cumprod(x: Tensor, axis = -1): Tensor {
  const at = needAxis('cumprod', x, axis);
  if (x.dtype === 'i32')
    misfit('cumprod', [x], "32-bit integers are indices; cast(x, 'f64') converts them to numbers.");
  const order = x.shape.map((_, k) => k);
  [order[x.rank + at], order[x.rank - 1]] = [x.rank - 1, x.rank + at];
  const factors = permute(x, order);
  const n = factors.shape[x.rank - 1];
  if (n === 0) return x;
  // The first product is the first factor.
  const first = slice(factors, ...factors.shape.slice(0, -1).map(() => undefined), [0, 1]);
  return permute(recurrence(factors, padWith(o, first, [[0, n - 1]])), order);
}
