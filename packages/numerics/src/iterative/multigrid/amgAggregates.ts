import { systemKernels } from '@southwell/kernels/systems';
import { Rows } from './amgRows.ts';

/** Which entries may tie two unknowns: all by their size, or negative ones alone, as in M-matrices. */
export type Strength = 'absolute' | 'classical';

/** What {@link strongPart} finds. */
export interface StrongPart {
  /** The diagonal and the entries that are strong in their row; A itself where all are. */
  readonly F: Rows;
  /** Entries that are strong in both rows; F where all of its are. */
  readonly graph: Graph;
}

/** A graph in compressed rows; loops are not looked at. */
export type Graph = Pick<Rows, 'arena' | 'rows' | 'pointers' | 'indices'>;

/** Rows whose entries sum up to no more than this share of the diagonal are left to smoothing. */
const DOMINANT = 0.1;

/** Pointers of what is not to be written. */
const NOWHERE = [0, 0, 0] as const;

/**
 * The strong entries of A, those above θ times the largest of their row, with the weak ones added to the diagonal, so that row sums stay.
 * Prolongators are smoothed by what is strong in a row: beside a stiff part a soft unknown follows it. Aggregates are made of what is
 * strong in both, so that none lies across a jump. Rows whose `inverse` is 0 have no strong entry. O(entries).
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

/** The aggregate of each unknown, −1 of those without a strong entry, which smoothing alone takes care of. */
export interface Aggregates {
  readonly of: Int32Array;
  readonly count: number;
}

/**
 * Aggregates of a node and all its neighbours, where they are still free; others join a neighbour's, and what is left is gathered as it
 * can be (Vaněk, Mandel and Brezina 1996, Algorithm 5.1). O(edges).
 */
export function greedyAggregates({ arena, rows: n, pointers, indices }: Graph): Aggregates {
  const parts = arena.i32Block(n);
  const count = arena.use(systemKernels).greedyAggregates(n, pointers.pointer, indices.pointer, parts.pointer);
  const of = parts.view.slice();
  parts.free();
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
