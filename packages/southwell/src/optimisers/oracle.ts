/** f at x, with its gradient written to `gradient`. Must not retain its arguments. */
export type GradientOracle = (x: Float64Array, gradient: Float64Array) => number;

/** Σ a[k]·b[k]. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** max |v[k]|, NaN if an entry is NaN; 0 for an empty array. */
export function largest(v: Float64Array): number {
  let most = 0;
  for (let k = 0; k < v.length; k++) most = Math.max(most, Math.abs(v[k]));
  return most;
}
