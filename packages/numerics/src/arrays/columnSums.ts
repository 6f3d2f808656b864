import type { SplitRows } from '../core/index.ts';
import type { CscMatrix } from './csc.ts';

/** The piece that each local row belongs to. */
export function pieceOfRows(rows: SplitRows): Int32Array {
  const pieceOf = new Int32Array(rows.own);
  rows.pieces.forEach(([from, to], c) => void pieceOf.fill(c, from, to));
  return pieceOf;
}

/**
 * Σ of(value, row, column) over the stored entries of every column and over the rows of all ranks, bitwise equal to
 * summing piece by piece. Columns are traversed one after the other: traversal by pieces would jump about in memory for
 * matrices with many columns and thousands of pieces. O(entries · log₂ pieces + columns).
 */
export function columnSums(
  X: CscMatrix,
  rows: SplitRows,
  of: (value: number, row: number, j: number) => number,
): Float64Array {
  const { cols: p, colPointers, rowIndices, values } = X;
  const { nodeOf, places, nodes } = rows.tree;
  const pieceOf = pieceOfRows(rows);
  const sums = new Float64Array(nodes * p);
  // Subtree sums that have not yet been joined, and the index of the last piece in each.
  const [stack, marks] = [new Float64Array(32), new Int32Array(32)];
  for (let j = 0; j < p; j++) {
    const end = colPointers[j + 1];
    for (let q = colPointers[j]; q < end; ) {
      const node = nodeOf[pieceOf[rowIndices[q]]];
      let top = 0;
      while (q < end) {
        const piece = pieceOf[rowIndices[q]];
        if (nodeOf[piece] !== node) break;
        const place = places[piece];
        for (; top >= 2 && Math.clz32(marks[top - 2] ^ marks[top - 1]) > Math.clz32(marks[top - 1] ^ place); top--) {
          stack[top - 2] += stack[top - 1];
        }
        let sum = 0;
        for (; q < end && pieceOf[rowIndices[q]] === piece; q++) sum += of(values[q], rowIndices[q], j);
        stack[top] = sum;
        marks[top++] = place;
      }
      for (; top >= 2; top--) stack[top - 2] += stack[top - 1];
      // Turns −0 into +0, as adding pieces without entries would.
      sums[node * p + j] = stack[0] + 0;
    }
  }
  const into = new Float64Array(p);
  rows.sumNodes(into, sums);
  return into;
}

/** Number of stored entries in every column, over all rows. O(columns · nodes). */
export function storedCounts(X: CscMatrix, rows: SplitRows): Float64Array {
  const { cols: p, colPointers } = X;
  // Sums of integers are exact, so it does not matter which node holds them.
  const counts = new Float64Array(rows.tree.nodes * p);
  if (counts.length > 0) for (let j = 0; j < p; j++) counts[j] = colPointers[j + 1] - colPointers[j];
  const into = new Float64Array(p);
  rows.sumNodes(into, counts);
  return into;
}
