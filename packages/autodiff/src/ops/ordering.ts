/** Length of runs that are sorted by insertion before merging. */
const RUN = 12;

/**
 * order ← the indices 0 … n − 1 sorted by ascending or descending keys, with ties in their original order and NaN last.
 * A stable merge sort over typed arrays, several times as fast as sorting with a comparison function; `spare` has
 * length n. O(n log n).
 */
export function sortPlaces(
  keys: Float64Array,
  order: Int32Array,
  spare: Int32Array,
  n: number,
  descending: boolean,
): void {
  // Negating reverses the order; NaN stays NaN.
  if (descending) for (let i = 0; i < n; i++) keys[i] = -keys[i];
  let count = 0;
  for (let i = 0; i < n; i++) if (!Number.isNaN(keys[i])) order[count++] = i;
  if (count < n) {
    let at = count;
    for (let i = 0; i < n; i++) if (Number.isNaN(keys[i])) order[at++] = i;
  }
  for (let a = 0; a < count; a += RUN) {
    const b = Math.min(count, a + RUN);
    for (let i = a + 1; i < b; i++) {
      const place = order[i];
      const key = keys[place];
      let j = i;
      while (j > a && keys[order[j - 1]] > key) {
        order[j] = order[j - 1];
        j--;
      }
      order[j] = place;
    }
  }
  let [from, to] = [order, spare];
  for (let width = RUN; width < count; width *= 2) {
    for (let a = 0; a < count; a += 2 * width)
      merge(keys, from, to, a, Math.min(count, a + width), Math.min(count, a + 2 * width));
    [from, to] = [to, from];
  }
  if (from !== order) for (let i = 0; i < count; i++) order[i] = from[i];
  if (descending) for (let i = 0; i < n; i++) keys[i] = -keys[i];
}

/** Merges the sorted runs [a, b) and [b, c). */
function merge(keys: Float64Array, from: Int32Array, to: Int32Array, a: number, b: number, c: number): void {
  let [i, j, k] = [a, b, a];
  if (b >= c || keys[from[b - 1]] <= keys[from[b]]) {
    for (; k < c; k++) to[k] = from[k];
    return;
  }
  while (i < b && j < c) {
    if (keys[from[j]] < keys[from[i]]) to[k++] = from[j++];
    else to[k++] = from[i++];
  }
  while (i < b) to[k++] = from[i++];
  while (j < c) to[k++] = from[j++];
}

/**
 * The indices of the `count` largest keys, in descending order, with ties in their original order and NaN last, in
 * order[0 … count − 1]. For few of them: O(n + count² log(n/count)) for keys in random order.
 */
export function largestPlaces(keys: Float64Array, order: Int32Array, n: number, count: number): void {
  let found = 0;
  let least = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const key = keys[i];
    if (found === count ? !(key > least) : Number.isNaN(key)) continue;
    let j = found === count ? count - 1 : found++;
    for (; j > 0 && keys[order[j - 1]] < key; j--) order[j] = order[j - 1];
    order[j] = i;
    least = keys[order[found - 1]];
  }
  for (let i = 0; found < count && i < n; i++) if (Number.isNaN(keys[i])) order[found++] = i;
}

/** Whether {@link largestPlaces} is faster than sorting. */
export const isFew = (count: number, n: number): boolean => count > 0 && count <= 64 && count * 4 <= n;
