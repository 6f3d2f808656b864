import type { Random } from '@southwell/numerics/core';

/** Sample size for the two means of a piece, and number of k-means iterations. */
const SAMPLE = 128;
const ROUNDS = 4;
/** A split that leaves a smaller fraction than this on one side is replaced by a split at the median. */
const LEAST = 0.05;

/**
 * Recursively splits rows into pieces of at most `size` neighbouring rows, by the plane halfway between two means of a
 * sample: the leaves of a ball tree (Omohundro 1989). `order` lists the rows piece by piece; `starts` has the offsets
 * of the pieces, followed by n. O(n·d·log n).
 */
export function leaves(
  data: Float64Array,
  n: number,
  d: number,
  size: number,
  random: Random,
): { readonly order: Int32Array; readonly starts: Int32Array } {
  const order = Int32Array.from({ length: n }, (_, p) => p);
  const starts: number[] = [];
  const open: Array<[number, number]> = [[0, n]];
  const heights = new Float64Array(n);
  const below = new Int32Array(n);
  for (let piece = open.pop(); piece; piece = open.pop()) {
    const [from, to] = piece;
    if (to - from <= size) {
      starts.push(from);
      continue;
    }
    const { normal, height } = plane(data, d, order.subarray(from, to), random);
    let cut = height;
    let count = 0;
    for (let i = from; i < to; i++) {
      let sum = 0;
      for (let j = 0, at = order[i] * d; j < d; j++) sum += normal[j] * data[at + j];
      heights[i] = sum;
      if (sum < cut) count++;
    }
    const length = to - from;
    if (count < LEAST * length || count > (1 - LEAST) * length) {
      cut = heights.slice(from, to).sort()[length >> 1];
      count = 0;
      for (let i = from; i < to; i++) if (heights[i] < cut) count++;
    }
    let [low, high] = [from, 0];
    if (count === 0) {
      // At least half of the rows share the smallest height, so any split will do.
      low = from + (length >> 1);
    } else {
      for (let i = from; i < to; i++) {
        if (heights[i] < cut) order[low++] = order[i];
        else below[high++] = order[i];
      }
      order.set(below.subarray(0, high), low);
    }
    open.push([low, to], [from, low]);
  }
  starts.push(n);
  return { order, starts: Int32Array.from(starts) };
}

/** The plane halfway between two means of a sample of the rows, which are split by whether normal·x < height. */
function plane(data: Float64Array, d: number, rows: Int32Array, random: Random) {
  const sample = rows.length <= SAMPLE ? rows : Array.from({ length: SAMPLE }, () => rows[random.integer(rows.length)]);
  const means = [new Float64Array(d), new Float64Array(d)];
  const [first] = sample;
  // The point farthest from an arbitrary one, and the point farthest from that: the first two of Gonzalez's algorithm.
  const a = farthest(data, d, sample, first);
  const b = farthest(data, d, sample, a);
  for (let j = 0; j < d; j++) {
    means[0][j] = data[a * d + j];
    means[1][j] = data[b * d + j];
  }
  const normal = new Float64Array(d);
  let height = 0;
  for (let round = 0; round < ROUNDS; round++) {
    height = 0;
    for (let j = 0; j < d; j++) {
      normal[j] = means[1][j] - means[0][j];
      height += (normal[j] * (means[1][j] + means[0][j])) / 2;
    }
    if (round === ROUNDS - 1) break;
    const sums = [new Float64Array(d), new Float64Array(d)];
    const counts = [0, 0];
    for (const p of sample) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += normal[j] * data[p * d + j];
      const side = sum < height ? 0 : 1;
      counts[side]++;
      for (let j = 0; j < d; j++) sums[side][j] += data[p * d + j];
    }
    for (let side = 0; side < 2; side++) {
      if (counts[side] > 0) means[side] = sums[side].map((v) => v / counts[side]);
    }
  }
  return { normal, height };
}

function farthest(data: Float64Array, d: number, rows: ArrayLike<number>, p: number): number {
  let [most, far] = [-1, p];
  for (let i = 0; i < rows.length; i++) {
    let square = 0;
    for (let j = 0; j < d; j++) square += (data[rows[i] * d + j] - data[p * d + j]) ** 2;
    if (square > most) [most, far] = [square, rows[i]];
  }
  return far;
}
