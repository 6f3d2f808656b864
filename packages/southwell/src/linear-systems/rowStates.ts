import { systemKernels } from '@southwell/kernels/systems';
import type { CscMatrix } from '@southwell/numerics/arrays';

/** What a row's state is made of, as kernels write it: its dominance, and that it sums to 0, each to rounding. */
export const [DOMINANCE, ZERO_SUM] = [3, 4];
/** |aᵢᵢ| is above the sum of the others' sizes, or reaches it. */
export const [STRICT, WEAK] = [2, 1];

/** What the entries of each row say, and of all together. */
export interface RowStates {
  readonly states: Int32Array;
  /** Stored entries that are not 0. */
  readonly entries: number;
  readonly largest: number;
  readonly bandwidth: number;
  readonly diagonal: { readonly positive: number; readonly negative: number; readonly zero: number };
  /** Positive entries beside the diagonal. */
  readonly above: number;
}

/** Looks at the columns of A, or the rows of its transpose. O(entries). */
export function rowStates({ arena, cols: n, pointers }: CscMatrix): RowStates {
  const scratch = arena.scratch();
  try {
    const [states, out] = [scratch.i32(n), scratch.f64(7)];
    const { colPointers, rowIndices, values } = pointers;
    arena.use(systemKernels).rowFacts(n, colPointers, rowIndices, values, states.pointer, out.pointer);
    const [entries, largest, bandwidth, positive, negative, zero, above] = out.view;
    const diagonal = { positive, negative, zero };
    return { states: states.view.slice(), entries, largest, bandwidth, diagonal, above };
  } finally {
    scratch.release();
  }
}
