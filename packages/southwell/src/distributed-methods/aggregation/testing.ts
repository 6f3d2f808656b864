import { Random } from '@southwell/numerics/core';

/** p gradients of n entries around a common direction, the last f of them far off. */
export function drawn(p: number, n: number, f = 0, seed = 1): Float64Array[] {
  const random = new Random(seed);
  const centre = Float64Array.from({ length: n }, () => random.normal());
  return Array.from({ length: p }, (_, i) =>
    centre.map((v) => (i < p - f ? v + 0.5 * random.normal() : 5 * random.normal())),
  );
}

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
};

export const norm = (a: ArrayLike<number>): number => Math.sqrt(dot(a, a));

export const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  norm(Float64Array.from(a, (v, k) => v - b[k]));

/** Inner products by definition. */
export const gram = (gradients: readonly Float64Array[]): Float64Array =>
  Float64Array.from(gradients.flatMap((a) => gradients.map((b) => dot(a, b))));

/** Whether two vectors agree to `tol` relative to the length of the second. */
export const near = (a: ArrayLike<number>, b: ArrayLike<number>, tol = 1e-10): boolean =>
  a.length === b.length && distance(a, b) <= tol * Math.max(norm(b), 1e-300);
