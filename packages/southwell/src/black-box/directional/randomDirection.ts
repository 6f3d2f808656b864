import type { Random } from '@southwell/numerics/core';

/** A random direction with Euclidean norm 1, uniform on the sphere. O(n). */
export function randomDirection(n: number, random: Random): Float64Array {
  const d = new Float64Array(n);
  let squares = 0;
  do {
    for (let i = 0; i < n; i++) d[i] = random.normal();
    squares = d.reduce((s, v) => s + v * v, 0);
  } while (squares === 0 && n > 0);
  const norm = Math.sqrt(squares);
  for (let i = 0; i < n; i++) d[i] /= norm;
  return d;
}

/** Scales d in place to this norm, the largest absolute value. */
export function scaledTo(d: Float64Array, norm: number): Float64Array {
  let largest = 0;
  for (const v of d) largest = Math.max(largest, Math.abs(v));
  if (largest > 0) for (let i = 0; i < d.length; i++) d[i] *= norm / largest;
  return d;
}
