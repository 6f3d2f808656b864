import { Rows } from './amgRows.ts';

/** Which entries tie two unknowns, for {@link strongPart}. */
export type Strength = 'symmetric' | 'classical';

/**
 * The strong entries of A and its diagonal, to which the weak ones of a row are added, so that row sums stay; A itself where all are
 * strong. Symmetric: |a_ij| > θ√(a_ii·a_jj) (Vaněk, Mandel and Brezina 1996); classical: −a_ij ≥ θ·max_k −a_ik for i or for j (Ruge and
 * Stüben 1987). Rows whose `inverse` is 0 have no strong entry. O(entries).
 */
export function strongPart(A: Rows, inverse: Float64Array, strength: Strength, theta: number): Rows {
  const { rows, arena } = A;
  const { pointers, indices, values } = A.views;
  const root = new Float64Array(rows);
  for (let i = 0; i < rows; i++) root[i] = strength === 'symmetric' ? Math.sqrt(inverse[i]) : largestNegative(A, i);
  // Of scaled entries |a_ij|/√(a_ii·a_jj), or of −a_ij against the largest of its row or of the other's.
  const symmetric = strength === 'symmetric';
  const isStrong = (i: number, j: number, v: number): boolean => {
    if (inverse[i] === 0 || inverse[j] === 0) return false;
    return symmetric ? Math.abs(v) * root[i] * root[j] > theta : -v > 0 && -v >= theta * Math.min(root[i], root[j]);
  };
  let kept = 0;
  for (let i = 0; i < rows; i++) {
    for (let k = pointers[i], end = pointers[i + 1]; k < end; k++) {
      const j = indices[k];
      if (j === i || isStrong(i, j, values[k])) kept++;
    }
  }
  if (kept === A.entries) return A;
  const out = Rows.create(arena, rows, rows, kept);
  const from = A.views;
  const to = out.views;
  to.pointers[0] = 0;
  let at = 0;
  for (let i = 0; i < rows; i++) {
    let diagonal = -1;
    let lumped = 0;
    for (let k = from.pointers[i], end = from.pointers[i + 1]; k < end; k++) {
      const j = from.indices[k];
      const v = from.values[k];
      if (j !== i && !isStrong(i, j, v)) {
        lumped += v;
        continue;
      }
      if (j === i) diagonal = at;
      to.indices[at] = j;
      to.values[at++] = v;
    }
    // Not where next to nothing of the diagonal would be left to divide by.
    const d = to.values[diagonal];
    if (d + lumped > 0.1 * d) to.values[diagonal] = d + lumped;
    to.pointers[i + 1] = at;
  }
  return out;
}

function largestNegative(A: Rows, i: number): number {
  const { pointers, indices, values } = A.views;
  let most = 0;
  for (let k = pointers[i]; k < pointers[i + 1]; k++) if (indices[k] !== i && -values[k] > most) most = -values[k];
  return most;
}

/** The aggregate of each unknown, −1 of those without a strong entry, which smoothing alone takes care of. */
export interface Aggregates {
  readonly of: Int32Array;
  readonly count: number;
}

/** A graph in compressed rows; loops are not looked at. */
export interface Graph {
  readonly pointers: Int32Array;
  readonly indices: Int32Array;
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

/**
 * Pairs: each free node with the free one that its row ties it to most by a negative entry; a node without one joins the pair of its
 * strongest neighbour (after Notay 2010). O(entries).
 */
export function pairwiseAggregates(A: Rows): Aggregates {
  const n = A.rows;
  const { pointers, indices, values } = A.views;
  const of = new Int32Array(n).fill(-1);
  let count = 0;
  for (let i = 0; i < n; i++) {
    if (of[i] >= 0) continue;
    let [best, most] = [-1, 0];
    let [joined, strongest] = [-1, 0];
    for (let k = pointers[i]; k < pointers[i + 1]; k++) {
      const j = indices[k];
      if (j === i) continue;
      if (of[j] < 0 && -values[k] > most) {
        best = j;
        most = -values[k];
      } else if (of[j] >= 0 && -values[k] > strongest) {
        joined = of[j];
        strongest = -values[k];
      }
    }
    if (best >= 0 && most >= 0.25 * strongest) {
      of[i] = of[best] = count++;
    } else if (joined >= 0) of[i] = joined;
  }
  return { of, count };
}

/** The aggregates of aggregates. */
export function composed(first: Aggregates, second: Aggregates): Aggregates {
  return { of: first.of.map((a) => (a < 0 ? -1 : second.of[a])), count: second.count };
}
