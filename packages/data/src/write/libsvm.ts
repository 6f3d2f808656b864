import type { Matrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { concat } from '../io/source.ts';

/**
 * Writes LIBSVM text with indices from 1; zeros are omitted, labels are `y` or 0. O(rows + nnz).
 * @throws INVALID_SHAPE unless y has one label per row, NON_FINITE for values that the format cannot represent.
 */
export function writeLibsvm(X: Matrix, y?: ArrayLike<number>): Uint8Array {
  if (y && y.length !== X.rows) fail('INVALID_SHAPE', `X has ${X.rows} rows, but y has ${y.length} labels.`);
  const lines: string[][] = Array.from({ length: X.rows }, (_, i) => [String(y ? y[i] : 0)]);
  const add = (i: number, j: number, value: number) => {
    if (!Number.isFinite(value))
      fail('NON_FINITE', `X holds ${value} in row ${i + 1}, column ${j + 1}, which LIBSVM cannot.`);
    if (value !== 0) lines[i].push(`${j + 1}:${value}`);
  };
  for (let j = 0; j < X.cols; j++) {
    if (X.kind === 'dense') for (let i = 0; i < X.rows; i++) add(i, j, X.get(i, j));
    else for (let k = X.colPointers[j]; k < X.colPointers[j + 1]; k++) add(X.rowIndices[k], j, X.values[k]);
  }
  const encoder = new TextEncoder();
  return concat(lines.map((line) => encoder.encode(`${line.join(' ')}\n`)));
}
