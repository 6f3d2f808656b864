import { select } from './select.ts';

/**
 * The largest bar that at least ⌈fraction·n⌉ of n values reach by their sizes |v|: just as many where no two are equal. Zeros never
 * reach it: where fewer are not 0 it is the smallest of these, and 0 where all are; infinite for a fraction of 0. `work` is as long
 * as the values, and is written to. O(n) on average, by Hoare's selection.
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
