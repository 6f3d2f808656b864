import type { Matrix } from './matrix.ts';

/**
 * Goes through the stored entries of rows [from, to), column by column. Of sparse matrices ranges of rows must follow each
 * other, from row 0 on as often as wanted. O(entries of these rows + columns).
 */
export function entriesByRows(X: Matrix) {
  /** The first entry of each column that no range has had. */
  const next = new Int32Array(X.cols);
  return (from: number, to: number, use: (j: number, value: number, row: number) => void): void => {
    if (X.kind === 'dense') {
      for (let j = 0; j < X.cols; j++) {
        const column = X.column(j);
        for (let i = from; i < to; i++) use(j, column[i], i);
      }
      return;
    }
    const { colPointers, rowIndices, values, cols } = X;
    if (from === 0) next.set(colPointers.subarray(0, cols));
    for (let j = 0; j < cols; j++) {
      for (; next[j] < colPointers[j + 1] && rowIndices[next[j]] < to; next[j]++) {
        use(j, values[next[j]], rowIndices[next[j]]);
      }
    }
  };
}
