import { select } from './select.ts';

/**
 * The largest threshold that at least ⌈fraction·n⌉ of n values reach in absolute value; exactly that many if no two are
 * equal. Zeros never count: if there are fewer non-zeros, the threshold is the smallest of them, and 0 if all values
 * are 0. Infinite for a fraction of 0. `work` is scratch space as long as the values. O(n) on average, by Hoare's
 * selection.
 */
export function coordinateBar(
  values: Float32Array | Float64Array,
  fraction: number,
  work: Float64Array = new Float64Array(values.length),
): number {
  const reach = Math.ceil(fraction * values.length);
  if (reach === 0) return Number.POSITIVE_INFINITY;
  let n = 0;
  for (let k = 0; k < values.length; k++) {
    const size = Math.abs(values[k]);
    if (size > 0) work[n++] = size;
  }
  return n === 0 ? 0 : select(work, n, Math.max(0, n - reach));
}
