import { systemKernels } from '@southwell/kernels/systems';
import { CscMatrix } from '../arrays/index.ts';

/** Aᵀ by counting sort, in the arena of A. O(nnz + rows + cols). */
export function transpose(A: CscMatrix): CscMatrix {
  const { rows, cols, nnz, arena } = A;
  const out = CscMatrix.create(cols, rows, nnz, { arena });
  const scratch = arena.scratch();
  try {
    // One more entry than there are pointers, which the kernel uses as scratch.
    const starts = scratch.i32(rows + 2);
    const [from, to] = [A.pointers, out.pointers];
    arena
      .use(systemKernels)
      .rowsTranspose(
        ...([cols, rows, from.colPointers, from.rowIndices, from.values] as const),
        ...([starts.pointer, to.rowIndices, to.values] as const),
      );
    out.colPointers.set(starts.view.subarray(0, rows + 1));
    return out;
  } finally {
    scratch.release();
  }
}

/**
 * Whether a square A is symmetric: every entry has a stored transpose whose value differs by at most the fraction
 * `tolerance`. One pass, since most matrices that are meant to be symmetric are. A negative answer may be due to stored
 * zeros alone. O(nnz + cols).
 */
export function isMirrored({ arena, cols: n, pointers }: CscMatrix, tolerance = 0): boolean {
  const scratch = arena.scratch();
  try {
    const { colPointers, rowIndices, values } = pointers;
    return (
      arena.use(systemKernels).mirrored(n, colPointers, rowIndices, values, tolerance, scratch.i32(n).pointer) === 1
    );
  } finally {
    scratch.release();
  }
}
