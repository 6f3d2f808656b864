import type { DenseMatrix } from './dense.ts';

/**
 * Iterates over the columns of rows [from, to): calls `use` with column j, whose values in these rows are values[a], …,
 * values[b − 1]. O(columns).
 */
export function columnsOfRows(X: DenseMatrix) {
  const { data, rows, cols } = X;
  return (from: number, to: number, use: (j: number, values: Float64Array, a: number, b: number) => void): void => {
    for (let j = 0; j < cols; j++) use(j, data, j * rows + from, j * rows + to);
  };
}
