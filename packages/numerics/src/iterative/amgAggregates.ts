import { Rows } from './amgRows.ts';

/** Which entries may tie two unknowns: all by their size, or negative ones alone, as in M-matrices. */
export type Strength = 'absolute' | 'classical';

/** What {@link strongPart} finds. */
export interface StrongPart {
  /** The diagonal and the entries that are strong in their row; A itself where all are. */
  readonly F: Rows;
  /** Entries that are strong in both rows. */
  readonly graph: Graph;
}

/** A graph in compressed rows; loops are not looked at. */
export interface Graph {
  readonly pointers: Int32Array;
  readonly indices: Int32Array;
}

/** Rows whose entries sum up to no more than this share of the diagonal are left to smoothing. */
const DOMINANT = 0.1;

/**
 * The strong entries of A, those above θ times the largest of their row, with the weak ones added to the diagonal, so that row sums stay.
 * Prolongators are smoothed by what is strong in a row: beside a stiff part a soft unknown follows it. Aggregates are made of what is
 * strong in both, so that none lies across a jump. Rows whose `inverse` is 0 have no strong entry. O(entries).
 */
export function strongPart(A: Rows, inverse: Float64Array, strength: Strength, theta: number): StrongPart {
  const { rows: n, arena } = A;
  const from = A.views;
  const sign = strength === 'classical' ? -1 : 0;
  const least = leastStrong(A, inverse, sign, theta);
  let kept = 0;
  let mutual = 0;
  for (let i = 0; i < n; i++) {
    const own = least[i];
    for (let k = from.pointers[i], end = from.pointers[i + 1]; k < end; k++) {
      const j = from.indices[k];
      const v = from.values[k];
      const size = sign < 0 || v < 0 ? -v : v;
      if (j === i) {
        kept++;
        mutual++;
      } else if (size > own) {
        kept++;
        if (size > least[j]) mutual++;
      }
    }
  }
  if (mutual === A.entries) return { F: A, graph: from };
  const F = kept === A.entries ? A : Rows.create(arena, n, n, kept);
  const { pointers, indices, values } = A.views;
  const to = F.views;
  const graph = mutual === kept ? to : { pointers: new Int32Array(n + 1), indices: new Int32Array(mutual) };
  let at = 0;
  let edge = 0;
  for (let i = 0; i < n; i++) {
    let diagonal = -1;
    let lumped = 0;
    for (let k = pointers[i], end = pointers[i + 1]; k < end; k++) {
      const j = indices[k];
      const v = values[k];
      const size = sign < 0 || v < 0 ? -v : v;
      if (j !== i && !(size > least[i])) {
        lumped += v;
        continue;
      }
      if (j === i) diagonal = at;
      if (graph !== to && (j === i || size > least[j])) graph.indices[edge++] = j;
      if (F !== A) {
        to.indices[at] = j;
        to.values[at] = v;
      }
      at++;
    }
    // Not where next to nothing of the diagonal would be left to divide by.
    const d = F === A ? 0 : to.values[diagonal];
    if (d + lumped > 0.1 * d) to.values[diagonal] = d + lumped;
    if (F !== A) to.pointers[i + 1] = at;
    if (graph !== to) graph.pointers[i + 1] = edge;
  }
  to.pointers[0] = 0;
  return { F, graph };
}

/** θ times the largest entry of each row beside its diagonal: what strong ones exceed. */
function leastStrong(A: Rows, inverse: Float64Array, sign: number, theta: number): Float64Array {
  const { pointers, indices, values } = A.views;
  const out = new Float64Array(A.rows);
  for (let i = 0; i < A.rows; i++) {
    let most = 0;
    let sum = 0;
    for (let k = pointers[i], end = pointers[i + 1]; k < end; k++) {
      if (indices[k] === i) continue;
      const v = values[k];
      const size = sign < 0 || v < 0 ? -v : v;
      if (size > most) most = size;
      sum += v < 0 ? -v : v;
    }
    out[i] = most > 0 && sum * inverse[i] > DOMINANT ? theta * most : Number.POSITIVE_INFINITY;
  }
  return out;
}

/** The aggregate of each unknown, −1 of those without a strong entry, which smoothing alone takes care of. */
export interface Aggregates {
  readonly of: Int32Array;
  readonly count: number;
}

/**
 * Aggregates of a node and all its neighbours, where they are still free; others join a neighbour's, and what is left is gathered as it
 * can be (Vaněk, Mandel and Brezina 1996, Algorithm 5.1). O(edges).
 */
export function greedyAggregates({ pointers, indices }: Graph, n: number): Aggregates {
  const of = new Int32Array(n).fill(-1);
  let count = 0;
  for (let i = 0; i < n; i++) {
    if (of[i] >= 0) continue;
    const from = pointers[i];
    const end = pointers[i + 1];
    let free = true;
    let others = 0;
    for (let k = from; k < end; k++) {
      const j = indices[k];
      if (j === i) continue;
      others++;
      if (of[j] >= 0) {
        free = false;
        break;
      }
    }
    if (!free || others === 0) continue;
    of[i] = count;
    for (let k = from; k < end; k++) of[indices[k]] = count;
    count++;
  }
  // Joined nodes are written as −2 − aggregate first, so that nobody joins through them.
  for (let i = 0; i < n; i++) {
    if (of[i] !== -1) continue;
    for (let k = pointers[i], end = pointers[i + 1]; k < end; k++) {
      const a = of[indices[k]];
      if (a >= 0) {
        of[i] = -2 - a;
        break;
      }
    }
  }
  for (let i = 0; i < n; i++) if (of[i] < -1) of[i] = -2 - of[i];
  for (let i = 0; i < n; i++) {
    if (of[i] !== -1) continue;
    let others = 0;
    for (let k = pointers[i], end = pointers[i + 1]; k < end; k++) if (indices[k] !== i) others++;
    if (others === 0) continue;
    of[i] = count;
    for (let k = pointers[i], end = pointers[i + 1]; k < end; k++) if (of[indices[k]] === -1) of[indices[k]] = count;
    count++;
  }
  return { of, count };
}

/** Members at most of a pair that others joined. */
const CROWDED = 3;

/**
 * Pairs: each free node with the free one that an entry of either's row, the more negative the better, ties it to; a node that is left
 * alone joins a neighbour's pair (after Notay 2010). O(entries).
 */
export function pairwiseAggregates(A: Rows): Aggregates {
  const n = A.rows;
  const mirrored = A.transpose();
  const sides = [A.views, mirrored.views];
  const of = new Int32Array(n).fill(-1);
  const sizes: number[] = [];
  for (let i = 0; i < n; i++) {
    if (of[i] >= 0) continue;
    let [best, most] = [-1, 0];
    let [joined, strongest] = [-1, 0];
    for (const { pointers, indices, values } of sides) {
      for (let k = pointers[i]; k < pointers[i + 1]; k++) {
        const j = indices[k];
        if (j === i) continue;
        if (of[j] < 0) {
          if (-values[k] > most) {
            best = j;
            most = -values[k];
          }
        } else if (sizes[of[j]] < CROWDED && -values[k] > strongest) {
          joined = of[j];
          strongest = -values[k];
        }
      }
    }
    if (best >= 0 && most >= 0.25 * strongest) {
      of[i] = of[best] = sizes.length;
      sizes.push(2);
    } else if (joined >= 0) {
      of[i] = joined;
      sizes[joined]++;
    } else if (sides.some(({ pointers }) => pointers[i + 1] - pointers[i] > 1)) {
      of[i] = sizes.length;
      sizes.push(1);
    }
  }
  mirrored.free();
  return { of, count: sizes.length };
}

/** The aggregates of aggregates. */
export function composed(first: Aggregates, second: Aggregates): Aggregates {
  return { of: first.of.map((a) => (a < 0 ? -1 : second.of[a])), count: second.count };
}
