import { fail, Random } from '../core/index.ts';
import { byColumns, type Drawn } from './sketch.ts';

/**
 * m rows drawn with replacement: row i with probability p_i (uniform without scores) and weight 1/√(m·p_i). O(m) per
 * column.
 */
export function rowSample(n: number, rows: number, seed: number, scores?: ArrayLike<number>): Drawn {
  const random = new Random(seed);
  const at = new Int32Array(rows);
  const weights = new Float64Array(rows);
  if (scores) {
    const sums = cumulated(scores, n);
    const total = sums[n - 1];
    for (let k = 0; k < rows; k++) {
      at[k] = placeIn(sums, random.uniform() * total);
      weights[k] = Math.sqrt(total / (rows * scores[at[k]]));
    }
  } else {
    for (let k = 0; k < rows; k++) {
      at[k] = random.integer(n);
      weights[k] = Math.sqrt(n / rows);
    }
  }
  return byColumns(n, ({ view }, out) => {
    for (let k = 0; k < rows; k++) out[k] = weights[k] * view[at[k]];
  });
}

function cumulated(scores: ArrayLike<number>, n: number): Float64Array {
  if (scores.length !== n) {
    fail('INVALID_SHAPE', `Give one score for each of the ${n} rows, not ${scores.length}.`);
  }
  const sums = new Float64Array(n);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    if (!(scores[i] >= 0 && scores[i] < Number.POSITIVE_INFINITY)) {
      fail(
        'INVALID_PARAMETER',
        `Scores must be finite numbers of at least 0, but that of row ${i + 1} is ${scores[i]}.`,
      );
    }
    sum += scores[i];
    sums[i] = sum;
  }
  if (!(sum > 0 && sum < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `The scores sum to ${sum}: at least one must be positive, and their sum finite.`);
  }
  return sums;
}

/** The first index whose cumulative sum exceeds `u`; its score is never zero. */
function placeIn(sums: Float64Array, u: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle] > u) high = middle;
    else low = middle + 1;
  }
  return low;
}
