import { arenaFor } from '@southwell/kernels';

/**
 * Layout of the statistics of a column: the number of values that are not NaN, of integer or infinite values, and of
 * values that are neither 0 nor NaN; then 0 if all values are finite and NaN otherwise.
 */
export const FACTS = { known: 0, whole: 1, filled: 2, finite: 3, width: 4 } as const;

/** Values per kernel call, chosen to fit the first-level cache. */
const PIECE = 4096;

/** {@link FACTS} of values that need not lie in kernel memory. O(n). */
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
