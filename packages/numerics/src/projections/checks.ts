import { fail } from '@southwell/numerics/core';

/** @throws NON_FINITE, with the position counted from 1. */
export function checkFinitePoint(x: ArrayLike<number>): void {
  // v·0 is 0 for finite numbers only: one pass without a branch per value.
  let probe = 0;
  for (let i = 0; i < x.length; i++) probe += x[i] * 0;
  if (probe === 0) return;
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i])) fail('NON_FINITE', `A point to be projected has ${x[i]} in entry ${i + 1}.`);
  }
}

/** @throws INVALID_SHAPE if the result does not fit. */
export function checkOut(out: Float64Array, n: number): void {
  if (out.length !== n) fail('INVALID_SHAPE', `out has room for ${out.length} values, but the point has ${n}.`);
}

/** @throws INVALID_PARAMETER unless it is finite and at least 0. */
export function checkRadius(radius: number): void {
  if (!(radius >= 0 && radius < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `The radius must be a finite number of at least 0, but is ${radius}.`);
  }
}
