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

let table: Uint32Array | undefined;

/** The low and high words of all numbers; the sign is the highest bit of the high word. */
const wordsOf = (v: Float64Array): Int32Array => new Int32Array(v.buffer, v.byteOffset, 2 * v.length);

/** How often each digit occurs in every `stride`th number, in memory that the next call overwrites. */
function countsOf(v: Float64Array, [word, shift, mask]: (typeof DIGITS)[number], stride = 1): Uint32Array {
  table ??= new Uint32Array(0x10000);
  const counts = table.fill(0);
  const words = wordsOf(v);
  for (let i = word; i < words.length; i += 2 * stride) counts[(words[i] >>> shift) & mask]++;
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
    const words = wordsOf(left);
    const same = new Float64Array(counts[digit]);
    for (let i = word, n = 0; i < words.length; i += 2) {
      if (((words[i] >>> shift) & mask) === digit) same[n++] = left[i >>> 1];
    }
    left = same;
  }
  if (left.length > SMALL) return Math.abs(left[0]);
  return quickSelect(left.map(Math.abs), wanted);
}

/** Vectors from this length on are sampled at first, at a stride that no layer of a network is likely to have. */
const [LARGE, STRIDE] = [1 << 16, 211];

/** The indices of the numbers of a leading digit or a greater one, ascending; undefined if they are more than `most`. */
function atLeast(v: Float64Array, digit: number, most: number): Int32Array | undefined {
  const found = new Int32Array(most);
  const words = wordsOf(v);
  const least = digit << 15;
  const less = (i: number) => (words[i] & 0x7fffffff) < least;
  let n = 0;
  for (let i = 1; i < words.length; i += 2) {
    // Few are as great, so that four at a time are passed over, which takes half the time.
    while (i + 6 < words.length && less(i) && less(i + 2) && less(i + 4) && less(i + 6)) i += 8;
    if (i >= words.length || less(i)) continue;
    if (n === most) return undefined;
    found[n++] = i >>> 1;
  }
  return found.subarray(0, n);
}

/** Indices that contain those of the k greatest magnitudes, and of all numbers that are not finite, ascending. */
function candidates(v: Float64Array, k: number): Int32Array {
  const [place] = DIGITS;
  const mask = place[2];
  if (v.length >= LARGE) {
    // A few more than k are at least as great as what a sample says, unless it is unlike the rest.
    const share = k / STRIDE;
    const wanted = Math.ceil(share + 4 * Math.sqrt(share) + 4);
    const counts = countsOf(v, place, STRIDE);
    if (wanted < v.length / STRIDE) {
      const [digit] = digitOf(counts, wanted, mask);
      const found = digit > 0 ? atLeast(v, digit, Math.min(v.length, 4 * (k + SMALL))) : undefined;
      if (found && found.length >= k) return found;
    }
  }
  const counts = countsOf(v, place);
  const [digit, greater] = digitOf(counts, k, mask);
  return atLeast(v, digit, greater + counts[digit])!;
}

/**
 * The indices of the k greatest magnitudes of v that are not zero, ascending; of equal ones, those of lower index.
 * Fewer than k if fewer are not zero. O(n) whatever the data, in a pass and a fraction for usual data.
 * @throws NON_FINITE, naming the first entry that is not finite.
 */
export function greatestMagnitudes(v: Float64Array, k: number): Int32Array {
  if (v.length <= SMALL || k >= v.length) {
    largestMagnitude(v);
    return greatestOf(v, undefined, k);
  }
  const among = candidates(v, k);
  for (let i = 0; i < among.length; i++) if (!Number.isFinite(v[among[i]])) largestMagnitude(v);
  return greatestOf(v, among, k);
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
