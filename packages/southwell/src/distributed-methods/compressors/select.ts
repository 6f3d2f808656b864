/** Below this, a quick-select is faster than counting the leading bits. */
const SMALL = 2048;

/**
 * The kth greatest of `values`, k from 1, whose order is changed. Quick-select with the median of three and three-way
 * partitions (Hoare 1961; Bentley & McIlroy 1993).
 */
function quickSelect(values: Float64Array, k: number): number {
  let [low, high] = [0, values.length - 1];
  const wanted = k - 1;
  while (low < high) {
    const [a, b, c] = [values[low], values[(low + high) >> 1], values[high]];
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let [before, i, after] = [low, low, high];
    // values[low…before) > pivot, values[before…i) = pivot, values(after…high] < pivot.
    while (i <= after) {
      const x = values[i];
      if (x > pivot) {
        values[i++] = values[before];
        values[before++] = x;
      } else if (x < pivot) {
        values[i] = values[after];
        values[after--] = x;
      } else i++;
    }
    if (wanted < before) high = before - 1;
    else if (wanted > after) low = after + 1;
    else return pivot;
  }
  return values[low];
}

/** Word of a double (0 low, 1 high), shift and mask of the digits by which magnitudes are compared, leading ones first. */
const DIGITS = [
  [1, 15, 0xffff],
  [1, 0, 0x7fff],
  [0, 16, 0xffff],
  [0, 0, 0xffff],
] as const;

/**
 * The kth greatest magnitude |v(i)|, k from 1 to the length, for finite v. The magnitudes that share the leading digits
 * of the answer are found by counting; at most four passes over v in the worst case, one and a fraction for usual data.
 * O(n).
 */
export function kthMagnitude(v: Float64Array, k: number): number {
  let [left, wanted] = [v, k];
  let counts: Uint32Array | undefined;
  for (const [word, shift, mask] of DIGITS) {
    if (left.length <= SMALL) break;
    counts = counts ? counts.fill(0) : new Uint32Array(0x10000);
    const words = new Uint32Array(left.buffer, left.byteOffset, 2 * left.length);
    // The sign is the highest bit of the high word; it is above the first mask.
    for (let i = word; i < words.length; i += 2) counts[(words[i] >>> shift) & mask]++;
    let digit = mask;
    while (wanted > counts[digit]) wanted -= counts[digit--];
    const same = new Float64Array(counts[digit]);
    for (let i = word, n = 0; i < words.length; i += 2) {
      if (((words[i] >>> shift) & mask) === digit) same[n++] = left[i >>> 1];
    }
    left = same;
  }
  if (left.length > SMALL) return Math.abs(left[0]);
  return quickSelect(left.map(Math.abs), wanted);
}

/**
 * The indices of the k greatest magnitudes of finite v that are not zero, ascending; of equal ones, those of lower index.
 * Fewer than k if fewer are not zero. O(n) whatever the data.
 */
export function greatestMagnitudes(v: Float64Array, k: number): Int32Array {
  const found = new Int32Array(Math.min(k, v.length));
  const limit = k < v.length ? kthMagnitude(v, k) : 0;
  let n = 0;
  for (let i = 0; i < v.length; i++) if (Math.abs(v[i]) > limit) n++;
  let equal = limit > 0 ? k - n : 0;
  n = 0;
  for (let i = 0; i < v.length; i++) {
    const size = Math.abs(v[i]);
    if (size > limit) found[n++] = i;
    else if (size === limit && equal > 0) {
      found[n++] = i;
      equal--;
    }
  }
  return found.subarray(0, n);
}
