import { systemKernels } from '@southwell/kernels/systems';
import { Rows } from './amgRows.ts';

/** Which entries may couple two unknowns: all by magnitude, or only negative ones, as in M-matrices. */
export type Strength = 'absolute' | 'classical';

/** The result of {@link strongPart}. */
export interface StrongPart {
  /** The diagonal and the entries that are strong in their row; A itself if all are. */
  readonly F: Rows;
  /** The entries that are strong in both rows; F itself if all of its entries are. */
  readonly graph: Graph;
}

/** A graph in compressed rows; loops are ignored. */
export type Graph = Pick<Rows, 'arena' | 'rows' | 'pointers' | 'indices'>;

/** Rows whose off-diagonal entries sum to at most this fraction of the diagonal are left to the smoother. */
const DOMINANT = 0.1;

/** Null pointers, for outputs that are not needed. */
const NOWHERE = [0, 0, 0] as const;

/**
 * The strong entries of A, those above θ times the largest in their row, with the weak ones lumped into the diagonal,
 * which preserves row sums. Prolongators are smoothed by entries that are strong in their row, so that a soft unknown
 * beside a stiff part follows it. Aggregates are formed from entries that are strong in both rows, so that none crosses
 * a jump in the coefficients. Rows whose `inverse` is 0 have no strong entries. O(entries).
 */
export function strongPart(A: Rows, inverse: Float64Array, strength: Strength, theta: number): StrongPart {
  const { rows: n, arena, entries } = A;
  const kernels = arena.use(systemKernels);
  const negative = strength === 'classical';
  const scratch = arena.scratch();
  try {
    const [inverses, limits, counts] = [scratch.f64(n), scratch.f64(n), scratch.i32(2)];
    inverses.view.set(inverse);
    const least = limits.pointer;
    kernels.strongLimits(n, ...A.at, inverses.pointer, negative, theta, DOMINANT, least);
    kernels.strongCounts(n, ...A.at, least, negative, counts.pointer);
    const [kept, mutual] = counts.view;
    const F = kept === entries ? A : Rows.create(arena, n, n, kept);
    const graph: Graph =
      mutual === kept ? F : { arena, rows: n, pointers: arena.i32Block(n + 1), indices: arena.i32Block(mutual) };
    const keep = F === A ? NOWHERE : F.at;
    const tie = graph === F ? NOWHERE : [graph.pointers.pointer, graph.indices.pointer];
    if (F !== A || graph !== F) kernels.strongRows(n, ...A.at, least, negative, ...keep, tie[0], tie[1]);
    return { F, graph };
  } finally {
    scratch.release();
  }
}

/** The aggregate of each unknown; −1 for those without strong connections, which are left to the smoother. */
export interface Aggregates {
  readonly of: Int32Array;
  readonly count: number;
}

/**
 * Forms aggregates of a node and all its neighbours if these are all free; the remaining nodes join the aggregate of a
 * neighbour, or are aggregated among themselves (Vaněk, Mandel and Brezina 1996, Algorithm 5.1). O(edges).
 */
export function greedyAggregates({ arena, rows: n, pointers, indices }: Graph): Aggregates {
  const parts = arena.i32Block(n);
  const count = arena.use(systemKernels).greedyAggregates(n, pointers.pointer, indices.pointer, parts.pointer);
  const of = parts.view.slice();
  parts.free();
  return { of, count };
}

/** Maximum size of a pair that single nodes have joined. */
const CROWDED = 3;

/**
 * Pairwise aggregation: each free node is matched with the free node to which it has the strongest coupling (most
 * negative entry of either row); a node left alone joins the pair of a neighbour (after Notay 2010). O(entries).
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

/** Composes two levels of aggregation. */
export function composed(first: Aggregates, second: Aggregates): Aggregates {
  return { of: first.of.map((a) => (a < 0 ? -1 : second.of[a])), count: second.count };
}
