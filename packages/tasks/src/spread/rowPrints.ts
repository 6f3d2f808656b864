import { fingerprint, Random, type SplitRows } from '@southwell/numerics/core';
import type { Matrix } from 'southwell';

/**
 * A fingerprint of data whose rows are distributed over ranks, independent of the distribution: prints of blocks of X
 * and of the data beside its rows. For checkpoints. O(stored values).
 */
export function rowPrints(
  X: Matrix,
  rows: SplitRows,
  beside: ReadonlyArray<ArrayLike<unknown> | undefined> = [],
): readonly unknown[] {
  const mixed = mixedRows(X);
  const prints = rows.pieces.map(([from, to]) =>
    fingerprint(...[mixed, ...beside].map((values) => values && part(values, from, to))),
  );
  return [rows.tell(prints).flat(), X.cols];
}

const part = (values: ArrayLike<unknown>, from: number, to: number): unknown =>
  Array.prototype.slice.call(values, from, to);

/** A hash of each row: the sum of its entries times random factors. O(stored values). */
function mixedRows(X: Matrix): Float64Array {
  const random = new Random(1);
  const out = new Float64Array(X.rows);
  for (let j = 0; j < X.cols; j++) {
    const factor = random.normal();
    if (X.kind === 'dense') {
      const column = X.column(j);
      for (let i = 0; i < out.length; i++) out[i] += factor * column[i];
    } else {
      for (let k = X.colPointers[j]; k < X.colPointers[j + 1]; k++) out[X.rowIndices[k]] += factor * X.values[k];
    }
  }
  return out;
}
