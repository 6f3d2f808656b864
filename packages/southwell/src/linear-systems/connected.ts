import { systemKernels } from '@southwell/kernels/systems';
import type { CscMatrix } from '@southwell/numerics/arrays';

/** Index of the component of each row. */
export interface Parts {
  readonly of: Int32Array;
  readonly count: number;
}

/**
 * Connected components, by entries in either direction. O(entries). @param transposed A itself if its pattern is
 * symmetric.
 */
export function connectedParts(A: CscMatrix, transposed: CscMatrix): Parts {
  const { arena, cols: n, pointers } = A;
  const scratch = arena.scratch();
  try {
    const [parts, stack] = [scratch.i32(n), scratch.i32(n)];
    const { colPointers, rowIndices } = transposed.pointers;
    const others = transposed === A ? ([0, 0] as const) : ([colPointers, rowIndices] as const);
    const own = [pointers.colPointers, pointers.rowIndices] as const;
    const count = arena.use(systemKernels).connectedParts(n, ...own, ...others, parts.pointer, stack.pointer);
    return { of: parts.view.slice(), count };
  } finally {
    scratch.release();
  }
}

/**
 * Approximate diameter of the graph, for the component of the middle row, with a symmetric pattern: two breadth-first
 * searches from the row reached last (Gibbs, Poole & Stockmeyer 1976). O(entries).
 */
export function diameter({ arena, cols: n, pointers }: CscMatrix): number {
  const scratch = arena.scratch();
  try {
    const [depth, queue] = [scratch.i32(n), scratch.i32(n)];
    const sweep = (from: number): number => {
      const { colPointers, rowIndices } = pointers;
      const count = arena
        .use(systemKernels)
        .breadthFirst(n, colPointers, rowIndices, from, depth.pointer, queue.pointer);
      return queue.view[count - 1];
    };
    return n > 0 ? depth.view[sweep(sweep(n >> 1))] : 0;
  } finally {
    scratch.release();
  }
}
