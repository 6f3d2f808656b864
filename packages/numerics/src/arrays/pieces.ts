import type { DenseMatrix } from './dense.ts';

/** Goes through rows [from, to), column by column: `use` is told that those of column j are values[a] to below values[b]. O(columns). */
export function columnsOfRows(X: DenseMatrix) {
  const { data, rows, cols } = X;
  return (from: number, to: number, use: (j: number, values: Float64Array, a: number, b: number) => void): void => {
    for (let j = 0; j < cols; j++) use(j, data, j * rows + from, j * rows + to);
  };
}
