/** max |vᵢ|; NaN if an entry is NaN. */
export function largest(v: ArrayLike<number>): number {
  let most = 0;
  for (let k = 0; k < v.length; k++) {
    const size = Math.abs(v[k]);
    if (!(size <= most)) most = size;
  }
  return most;
}

/** Σ a·b over the entries of a. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** ‖v‖₂. */
export const norm = (v: ArrayLike<number>): number => Math.sqrt(dot(v, v));
