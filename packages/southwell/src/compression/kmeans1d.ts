import { fail, wholeNumber } from '@southwell/numerics/core';

/** Numbers grouped around k codewords. */
export interface Codebook {
  /** Ascending; fewer than k if there are fewer different numbers. */
  readonly codewords: Float64Array;
  /** The codeword of each number. */
  readonly indices: Uint8Array;
  /** Σ (x_i − c)². */
  readonly error: number;
}

/** Entries of the table of runs beyond which neighbouring numbers share one, but at least so many of them do not. */
const [TABLE, BINS] = [2 ** 19, 2 ** 14];
/** Rounds of Lloyd's algorithm after that. */
const ROUNDS = 100;

/**
 * k-means of numbers on the line, exactly: the least sum of squared distances to k codewords. Clusters are runs of sorted
 * numbers; the cost of the best first i numbers in q clusters follows from those of q − 1, and where the last run begins
 * only moves to the right with i, so that divide and conquer finds all of a row in O(n log n) (Wu 1991; Grønlund et al.
 * 2017). O(k·n·log n) time, O(k·n) memory, for n different numbers. With more than max(2^14, 2^19/k) of them, runs of neighbours count as
 * one number at their mean, and Lloyd's algorithm on all of them follows: then the sum is only a local minimum.
 * @throws INVALID_PARAMETER unless k is from 1 to 256; INVALID_SHAPE without numbers; NON_FINITE for NaN and infinite ones.
 */
export function kmeans1d(x: ArrayLike<number>, k: number): Codebook {
  wholeNumber('The number of codewords', k, 1, 256);
  if (x.length === 0) fail('INVALID_SHAPE', 'kmeans1d: there are no numbers to group.');
  for (let i = 0; i < x.length; i++)
    if (!Number.isFinite(x[i])) fail('NON_FINITE', `kmeans1d: number ${i} is ${x[i]}.`);
  const all = distinct(x);
  const most = Math.max(BINS, Math.floor(TABLE / k));
  const few = all.values.length <= most;
  const { values, counts } = few ? all : binned(all, most);
  const n = values.length;
  const starts = n <= k ? Int32Array.from({ length: n }, (_, i) => i) : bestRuns(values, counts, k);
  const codewords = meansOf(values, counts, starts);
  if (!few) refine(all, codewords);
  const indices = nearestCodewords(x, codewords);
  let error = 0;
  for (let i = 0; i < x.length; i++) error += (x[i] - codewords[indices[i]]) ** 2;
  return { codewords, indices, error };
}

/** The index of the nearest of ascending codewords to each number; of two, the lower. O(n log k). */
export function nearestCodewords(x: ArrayLike<number>, codewords: Float64Array): Uint8Array {
  const out = new Uint8Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = nearestCodeword(x[i], codewords);
  return out;
}

/** The index of the nearest of ascending codewords; of two, the lower. O(log k). */
export function nearestCodeword(x: number, codewords: Float64Array): number {
  let low = 0;
  let high = codewords.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x - codewords[middle] <= codewords[middle + 1] - x) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Ascending numbers with how often each counts. */
interface Weighted {
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

/** The means of runs. */
function meansOf(values: Float64Array, counts: Float64Array, starts: Int32Array): Float64Array {
  return Float64Array.from(starts, (start, q) => {
    const end = q + 1 < starts.length ? starts[q + 1] : values.length;
    if (end - start === 1) return values[start];
    let [sum, weight] = [0, 0];
    for (let i = start; i < end; i++) {
      sum += values[i] * counts[i];
      weight += counts[i];
    }
    return sum / weight;
  });
}

/** Runs of neighbours as one number each. */
function binned({ values, counts }: Weighted, bins: number): Weighted {
  const starts = Int32Array.from({ length: bins }, (_, b) => Math.floor((b * values.length) / bins));
  const sizes = Float64Array.from(starts, (start, b) => {
    const end = b + 1 < bins ? starts[b + 1] : values.length;
    let sum = 0;
    for (let i = start; i < end; i++) sum += counts[i];
    return sum;
  });
  return { values: meansOf(values, counts, starts), counts: sizes };
}

/** Sums over the first i numbers of their counts, values and squares, less `centre`: squares of large ones would cancel. */
function prefixSums({ values, counts }: Weighted, centre: number) {
  const n = values.length;
  const [weights, sums, squares] = [new Float64Array(n + 1), new Float64Array(n + 1), new Float64Array(n + 1)];
  for (let i = 0; i < n; i++) {
    const v = values[i] - centre;
    weights[i + 1] = weights[i] + counts[i];
    sums[i + 1] = sums[i] + counts[i] * v;
    squares[i + 1] = squares[i] + counts[i] * v * v;
  }
  return { weights, sums, squares };
}

/** Lloyd's algorithm on sorted numbers, in place. O(k·log n) a round: clusters are runs. */
function refine(all: Weighted, codewords: Float64Array): void {
  const { values } = all;
  const centre = values[values.length >> 1];
  const { weights, sums } = prefixSums(all, centre);
  /** How many numbers are at most x. */
  const upTo = (x: number): number => {
    let [low, high] = [0, values.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle] <= x) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  for (let round = 0, moved = true; moved && round < ROUNDS; round++) {
    moved = false;
    const ends = Array.from(codewords, (c, q) =>
      q + 1 < codewords.length ? upTo((c + codewords[q + 1]) / 2) : values.length,
    );
    for (const [q, end] of ends.entries()) {
      const start = q === 0 ? 0 : ends[q - 1];
      const weight = weights[end] - weights[start];
      if (weight === 0) continue;
      const next = centre + (sums[end] - sums[start]) / weight;
      moved ||= next !== codewords[q];
      codewords[q] = next;
    }
  }
}

function distinct(x: ArrayLike<number>): Weighted {
  const sorted = Float64Array.from(x).sort();
  const counts = new Float64Array(sorted.length);
  let n = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (n > 0 && sorted[n - 1] === sorted[i]) counts[n - 1]++;
    else {
      sorted[n] = sorted[i];
      counts[n++] = 1;
    }
  }
  return { values: sorted.subarray(0, n), counts: counts.subarray(0, n) };
}

/** Where the k runs of least cost begin. */
function bestRuns(values: Float64Array, counts: Float64Array, k: number): Int32Array {
  const n = values.length;
  const { weights, sums, squares } = prefixSums({ values, counts }, values[n >> 1]);
  const cost = (from: number, to: number): number => {
    const s = sums[to] - sums[from];
    return Math.max(0, squares[to] - squares[from] - (s * s) / (weights[to] - weights[from]));
  };
  let before = Float64Array.from({ length: n + 1 }, (_, i) => (i === 0 ? 0 : cost(0, i)));
  const begins: Int32Array[] = [];
  for (let q = 1; q < k; q++) {
    const now = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
    const begin = new Int32Array(n + 1);
    // The best beginning of the last run of the first i numbers, for i from `low` to `high`, lies from `left` to `right`.
    const fill = (low: number, high: number, left: number, right: number): void => {
      if (low > high) return;
      const i = (low + high) >> 1;
      const last = Math.min(right, i - 1);
      for (let b = Math.max(left, q); b <= last; b++) {
        const c = before[b] + cost(b, i);
        if (c < now[i]) {
          now[i] = c;
          begin[i] = b;
        }
      }
      fill(low, i - 1, left, begin[i]);
      fill(i + 1, high, begin[i], right);
    };
    fill(q + 1, n, q, n - 1);
    begins.push(begin);
    before = now;
  }
  const starts = new Int32Array(k);
  let end = n;
  for (let q = k - 1; q > 0; q--) {
    starts[q] = begins[q - 1][end];
    end = starts[q];
  }
  return starts;
}
