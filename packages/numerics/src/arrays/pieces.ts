import type { Matrix } from './matrix.ts';

/**
 * Goes through the stored entries of rows [from, to), column by column: `use` is told that those of column j are values[a] to
 * below values[b], in the rows rowIndices[a] …, or of a dense matrix from row `from` on. Of sparse matrices ranges of rows
 * must follow each other, from row 0 on as often as wanted. O(columns), sparse O(entries of these rows + columns).
 */
export function columnsOfRows(X: Matrix) {
  /** The first entry of each column that no range has had. */
  const next = new Int32Array(X.cols);
  return (
    from: number,
    to: number,
    use: (j: number, values: Float64Array, a: number, b: number, rowIndices?: Int32Array) => void,
  ): void => {
    if (X.kind === 'dense') {
      const { data, rows, cols } = X;
      for (let j = 0; j < cols; j++) use(j, data, j * rows + from, j * rows + to);
      return;
    }
    const { colPointers, rowIndices, values, cols } = X;
    if (from === 0) next.set(colPointers.subarray(0, cols));
    for (let j = 0; j < cols; j++) {
      const a = next[j];
      let b = a;
      while (b < colPointers[j + 1] && rowIndices[b] < to) b++;
      next[j] = b;
      if (b > a) use(j, values, a, b, rowIndices);
    }
  };
}
