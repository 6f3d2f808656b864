import { arenaFor } from '@southwell/kernels';

/**
 * What is counted of a column, by places: values that are no NaN, those that are whole or infinite, those that are neither 0
 * nor NaN; and 0 where all are finite, else NaN.
 */
export const FACTS = { known: 0, whole: 1, filled: 2, finite: 3, width: 4 } as const;

/** Values that the kernel is handed at a time: what a first-level cache holds. */
const PIECE = 4096;

/** {@link FACTS} of values that need not lie in memory of kernels. O(n). */
export function columnFacts(values: Float64Array): Float64Array {
  const arena = arenaFor(0);
  const piece = arena.f64Block(Math.min(PIECE, values.length));
  const out = arena.f64Block(FACTS.width);
  try {
    const { view } = piece;
    out.view.fill(0);
    for (let from = 0; from < values.length; from += PIECE) {
      const part = values.subarray(from, from + PIECE);
      view.set(part);
      arena.kernels.columnFacts(part.length, 1, piece.pointer, part.length, out.pointer);
    }
    return out.view.slice();
  } finally {
    out.free();
    piece.free();
  }
}
