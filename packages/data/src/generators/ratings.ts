import { fail, Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';

/** Ratings as triples, in random order. */
export interface Ratings {
  readonly users: number;
  readonly items: number;
  readonly user: Int32Array;
  readonly item: Int32Array;
  /** 1, 2, 3, 4 or 5. */
  readonly value: Float64Array;
  /** Values before noise and rounding: the best possible predictions. */
  readonly expected: Float64Array;
}

/** The dimensions of MovieLens 100K, which may not be redistributed. */
const SHAPE = { users: 943, items: 1682, ratings: 100_000 };
/** Minimum number of ratings per user in MovieLens 100K. */
const LEAST = 20;
const TASTES = 10;

/**
 * Simulated film ratings: user activity and item popularity are log-normal, users have at least 20 ratings if there are
 * enough, and a rating is a mean plus user and item biases, ten latent factors of decreasing weight, and noise, rounded
 * and clipped to 1 … 5. The scales of these parts were chosen so that statistics are close to those known of MovieLens
 * 100K: mean 3.5, standard deviation 1.13, and errors of 0.94 with biases alone and 0.91 with factors there; 3.5, 1.09,
 * 0.93 and 0.89 here. Real tastes are less regular. O(ratings · log items).
 * @throws `INVALID_PARAMETER` for more than half of all pairs.
 */
export function simulatedRatings(
  options: { readonly users?: number; readonly items?: number; readonly ratings?: number; readonly seed?: number } = {},
): Ratings {
  const { users, items, ratings, seed = 0 } = { ...SHAPE, ...options };
  for (const [name, value] of Object.entries({ users, items, ratings })) {
    if (!(Number.isInteger(value) && value >= 1)) {
      fail('INVALID_PARAMETER', `${name} must be a whole number of at least 1, but is ${value}.`);
    }
  }
  if (ratings > (users * items) / 2) {
    fail('INVALID_PARAMETER', `${ratings} ratings are more than half of the ${users} × ${items} pairs.`);
  }
  const random = new Random(seed);
  const normals = (n: number) => Float64Array.from({ length: n }, () => random.normal());
  const fame = normals(items);
  const kind = normals(users).map((v) => 0.5 * v);
  // Quality is correlated with popularity.
  const good = normals(items).map((v, j) => 0.35 * v + 0.33 * fame[j] - 0.38);
  const [taste, kin] = [normals(users * TASTES), normals(items * TASTES)];
  const weight = Float64Array.from({ length: TASTES }, (_, a) => 0.26 * 0.85 ** a);
  const pickUser = picker(normals(users).map((v) => elementary.exp(v)));
  const pickItem = picker(fame.map((v) => elementary.exp(1.35 * v)));
  const user = new Int32Array(ratings);
  const item = new Int32Array(ratings);
  const seen = new Set<number>();
  const each = Math.min(LEAST, Math.floor(ratings / users), Math.floor(items / 4));
  for (let n = 0; n < ratings; ) {
    const u = n < each * users ? n % users : pickUser(random.uniform());
    const i = pickItem(random.uniform());
    if (seen.has(u * items + i)) continue;
    seen.add(u * items + i);
    user[n] = u;
    item[n++] = i;
  }
  const order = random.permutation(ratings);
  const value = new Float64Array(ratings);
  const expected = new Float64Array(ratings);
  const [u, i] = [order.map((n) => user[n]), order.map((n) => item[n])];
  for (let n = 0; n < ratings; n++) {
    let score = 3.55 + kind[u[n]] + good[i[n]];
    for (let a = 0; a < TASTES; a++) score += weight[a] * taste[u[n] * TASTES + a] * kin[i[n] * TASTES + a];
    expected[n] = score;
    value[n] = Math.max(1, Math.min(5, Math.round(score + 0.82 * random.normal())));
  }
  return { users, items, user: u, item: i, value, expected };
}

/** Samples an index with probability proportional to its weight, given a uniform number. */
function picker(weights: Float64Array): (u: number) => number {
  const sums = new Float64Array(weights.length);
  let total = 0;
  for (let k = 0; k < weights.length; k++) {
    total += weights[k];
    sums[k] = total;
  }
  return (u) => {
    const at = u * total;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
