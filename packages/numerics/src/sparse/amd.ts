import { arenaFor } from '@southwell/kernels';
import { frontKernels } from '@southwell/kernels/fronts';
import { checkSquare, type Graph, type Pattern, symmetricGraph, transposed } from './pattern.ts';

/** Number of neighbours from which a node is ordered last without further treatment. */
const dense = (n: number): number => Math.max(16, 10 * Math.sqrt(n));
/** Number of lists of n + 1 integers with which the kernel works. */
const LISTS = 12;
/** Number of places that the quotient graph needs beyond the neighbours. */
const elbow = (n: number, entries: number): number => Math.floor(entries / 5) + 2 * n + 16;

/**
 * A fill-reducing ordering of the rows and columns of a square matrix for factorisations of A + Aᵀ: order[k] is the
 * k-th to be eliminated. The approximate minimum degree algorithm of Amestoy, Davis and Duff (SIAM J. Matrix Anal.
 * Appl. 17(4), 1996), with aggressive absorption, mass elimination and dense rows last. About O(entries of A ·
 * degrees).
 *
 * @throws INVALID_SHAPE.
 */
export function amd(A: Pattern): Int32Array {
  checkSquare(A, 'amd');
  return minimumDegree(symmetricGraph(A));
}

/**
 * A fill-reducing ordering of the columns for LU (whatever the row exchanges) and QR: minimum degree on AᵀA, ignoring
 * rows with more than max(16, 10√n) entries.
 */
export function columnOrder(A: Pattern): Int32Array {
  const { cols: n, rows, colPointers, rowIndices } = A;
  const T = transposed(A);
  const limit = dense(n);
  // Each row connects its columns; most of the edges of many rows are usually the same.
  let bound = 0;
  for (let i = 0; i < rows; i++) {
    const count = T.colPointers[i + 1] - T.colPointers[i];
    if (count <= limit) bound += count * (count - 1);
  }
  const entries = colPointers[n];
  let room = Math.min(bound, 8 * entries + 16 * n);
  for (;;) {
    const scratch = arenaFor(8 * (entries + room)).scratch();
    try {
      const ints = (size: number) => scratch.i32(size);
      const [p, i, q, j] = [colPointers, rowIndices, T.colPointers, T.rowIndices].map((list) => ints(list.length));
      const [seen, pointers] = [ints(n), ints(n + 1)];
      const capacity = room + elbow(n, room);
      const [list, work, order] = [ints(capacity), ints(LISTS * (n + 1)), ints(n)];
      const kernels = scratch.arena.use(frontKernels);
      p.view.set(colPointers);
      i.view.set(rowIndices);
      q.view.set(T.colPointers);
      j.view.set(T.rowIndices);
      const found = kernels.columnGraph(
        ...([n, p.pointer, i.pointer, q.pointer, j.pointer, limit, seen.pointer] as const),
        ...([pointers.pointer, list.pointer, room] as const),
      );
      if (found <= room) {
        kernels.minimumDegree(n, n, pointers.pointer, list.pointer, capacity, limit, work.pointer, order.pointer);
        return order.view.slice();
      }
      room = found;
    } finally {
      scratch.release();
    }
  }
}

/**
 * Minimum degree on a graph.
 * @param inner Number of nodes that are ordered; the others, which are eliminated afterwards, count in degrees only.
 */
export function minimumDegree({ n, pointers, neighbours }: Graph, inner = n): Int32Array {
  const entries = pointers[n];
  const capacity = entries + elbow(n, entries);
  const scratch = arenaFor(4 * (capacity + LISTS * n)).scratch();
  try {
    const [starts, list, work, order] = [n + 1, capacity, LISTS * (n + 1), n].map((size) => scratch.i32(size));
    const kernels = scratch.arena.use(frontKernels);
    starts.view.set(pointers);
    list.view.set(neighbours.subarray(0, entries));
    kernels.minimumDegree(n, inner, starts.pointer, list.pointer, capacity, dense(n), work.pointer, order.pointer);
    return order.view.slice(0, inner);
  } finally {
    scratch.release();
  }
}
