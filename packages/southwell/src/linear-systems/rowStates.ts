import { systemKernels } from '@southwell/kernels/systems';
import type { CscMatrix } from '@southwell/numerics/arrays';

/** Bits of a row's state, as kernels write it: its dominance, and whether it sums to 0, each up to rounding. */
export const [DOMINANCE, ZERO_SUM] = [3, 4];
/** |aᵢᵢ| exceeds the sum of the absolute values of the others, or equals it. */
export const [STRICT, WEAK] = [2, 1];

/** Properties of each row, and totals. */
export interface RowStates {
  readonly states: Int32Array;
  /** Number of stored non-zero entries. */
  readonly entries: number;
  readonly largest: number;
  readonly bandwidth: number;
  readonly diagonal: { readonly positive: number; readonly negative: number; readonly zero: number };
  /** Number of positive off-diagonal entries. */
  readonly above: number;
}

/** Analyses the columns of A, or the rows of its transpose. O(entries). */
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
