import { largestMagnitude } from './message.ts';

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

/** The least leading digit of a number that is not finite. */
const NOT_FINITE = 0x7ff << 5;

let table: Uint32Array | undefined;

/** How often each digit occurs, in memory that the next call overwrites. */
function countsOf(v: Float64Array, [word, shift, mask]: (typeof DIGITS)[number]): Uint32Array {
  table ??= new Uint32Array(0x10000);
  const counts = table.fill(0);
  const words = new Uint32Array(v.buffer, v.byteOffset, 2 * v.length);
  // The sign is the highest bit of the high word; it is above the first mask.
  for (let i = word; i < words.length; i += 2) counts[(words[i] >>> shift) & mask]++;
  return counts;
}

/** The digit of the kth greatest, and how many have a greater one. */
function digitOf(counts: Uint32Array, k: number, mask: number): readonly [digit: number, greater: number] {
  let [digit, greater] = [mask, 0];
  while (k > greater + counts[digit]) greater += counts[digit--];
  return [digit, greater];
}

/**
 * The kth greatest magnitude |v(i)|, k from 1 to the length, for finite v. The magnitudes that share the leading digits
 * of the answer are found by counting; at most four passes over v in the worst case, one and a fraction for usual data.
 * O(n).
 */
export function kthMagnitude(v: Float64Array, k: number): number {
  let [left, wanted] = [v, k];
  for (const place of DIGITS) {
    if (left.length <= SMALL) break;
    const [word, shift, mask] = place;
    const counts = countsOf(left, place);
    const [digit, greater] = digitOf(counts, wanted, mask);
    wanted -= greater;
    const words = new Uint32Array(left.buffer, left.byteOffset, 2 * left.length);
    const same = new Float64Array(counts[digit]);
    for (let i = word, n = 0; i < words.length; i += 2) {
      if (((words[i] >>> shift) & mask) === digit) same[n++] = left[i >>> 1];
    }
    left = same;
  }
  if (left.length > SMALL) return Math.abs(left[0]);
  return quickSelect(left.map(Math.abs), wanted);
}

/** The indices of the numbers whose leading digit is that of the kth greatest magnitude or a greater one, ascending. */
function candidates(v: Float64Array, k: number): Int32Array {
  const place = DIGITS[0];
  const [word, shift, mask] = place;
  const counts = countsOf(v, place);
  for (let digit = NOT_FINITE; digit <= mask; digit++) if (counts[digit] > 0) largestMagnitude(v);
  const [digit, greater] = digitOf(counts, k, mask);
  const found = new Int32Array(greater + counts[digit]);
  const words = new Uint32Array(v.buffer, v.byteOffset, 2 * v.length);
  for (let i = word, n = 0; i < words.length; i += 2) {
    if (((words[i] >>> shift) & mask) >= digit) found[n++] = i >>> 1;
  }
  return found;
}

/**
 * The indices of the k greatest magnitudes of v that are not zero, ascending; of equal ones, those of lower index.
 * Fewer than k if fewer are not zero. O(n) whatever the data, in two passes for usual data.
 * @throws NON_FINITE, naming the first entry that is not finite.
 */
export function greatestMagnitudes(v: Float64Array, k: number): Int32Array {
  if (v.length <= SMALL || k >= v.length) {
    largestMagnitude(v);
    return greatestOf(v, undefined, k);
  }
  return greatestOf(v, candidates(v, k), k);
}

/** The same among the indices of `from`, ascending, or all; v is finite there. */
function greatestOf(v: Float64Array, from: Int32Array | undefined, k: number): Int32Array {
  const values = from ? new Float64Array(from.length) : v;
  if (from) for (let i = 0; i < from.length; i++) values[i] = v[from[i]];
  const found = new Int32Array(Math.min(k, values.length));
  const limit = k < values.length ? kthMagnitude(values, k) : 0;
  let n = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]) > limit) n++;
  let equal = limit > 0 ? k - n : 0;
  n = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    if (size > limit || (size === limit && equal > 0)) {
      if (size === limit) equal--;
      found[n++] = from ? from[i] : i;
    }
  }
  return found.subarray(0, n);
}
