import { CscMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';

/**
 * A matrix of which some entries were seen: what is stored was seen, explicit zeros too, all else is unknown. In any
 * order. O(entries + rows + cols).
 * @throws `INVALID_SHAPE` for an entry outside of the matrix or given twice, `NON_FINITE` for a value that is no
 * number.
 */
export function observedMatrix(
  rows: number,
  cols: number,
  rowOf: ArrayLike<number>,
  colOf: ArrayLike<number>,
  values: ArrayLike<number>,
): CscMatrix {
  const matrix = CscMatrix.fromTriplets(rows, cols, rowOf, colOf, values);
  if (matrix.nnz !== values.length) {
    const seen = new Set<number>();
    for (let k = 0; k < values.length; k++) {
      const at = rowOf[k] * cols + colOf[k];
      if (seen.has(at)) {
        fail('INVALID_SHAPE', `Row ${rowOf[k] + 1}, column ${colOf[k] + 1} is given twice; which of the values holds?`);
      }
      seen.add(at);
    }
  }
  checkValues(matrix);
  return matrix;
}

/** @throws NON_FINITE. */
export function checkValues(observed: CscMatrix): void {
  const { values, colPointers, rowIndices } = observed;
  for (let j = 0; j < observed.cols; j++) {
    for (let e = colPointers[j]; e < colPointers[j + 1]; e++) {
      if (!Number.isFinite(values[e])) {
        fail('NON_FINITE', `Row ${rowIndices[e] + 1}, column ${j + 1} is ${values[e]}; leave out what is not known.`);
      }
    }
  }
}

/**
 * Observed entries as `count` rows of a sparse matrix, as plain arrays: the rows of the data, or of its transpose. Each is
 * a regression on the `across` rows of the other factor.
 */
export interface ObservedRows {
  readonly across: number;
  readonly count: number;
  readonly pointers: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
  readonly weights?: Float64Array;
  /** Where each entry stands by columns. */
  readonly order: Int32Array;
}

/** Observed entries both ways, values less their biases. */
export interface Observed {
  readonly rows: number;
  readonly cols: number;
  readonly byCol: ObservedRows;
  readonly byRow: ObservedRows;
}

/**
 * Both views of the entries, by counting sort; `values` and `weights` in the order of the compressed columns, and taken
 * over. O(entries + rows + cols).
 */
export function bothWays(matrix: CscMatrix, values: Float64Array, weights?: Float64Array): Observed {
  const { rows, cols } = matrix;
  const [colPointers, rowIndices] = [matrix.colPointers.slice(), matrix.rowIndices.slice()];
  const n = values.length;
  const rowPointers = new Int32Array(rows + 1);
  for (let e = 0; e < n; e++) rowPointers[rowIndices[e] + 1]++;
  for (let i = 0; i < rows; i++) rowPointers[i + 1] += rowPointers[i];
  const next = rowPointers.slice(0, rows);
  const [columns, order, own] = [new Int32Array(n), new Int32Array(n), new Int32Array(n)];
  for (let j = 0; j < cols; j++) {
    for (let e = colPointers[j]; e < colPointers[j + 1]; e++) {
      const at = next[rowIndices[e]]++;
      columns[at] = j;
      order[at] = e;
      own[e] = e;
    }
  }
  return {
    ...{ rows, cols },
    byCol: { across: rows, count: cols, pointers: colPointers, indices: rowIndices, values, weights, order: own },
    byRow: {
      ...{ across: cols, count: rows, pointers: rowPointers, indices: columns, order },
      ...{ values: inOrder(values, order), weights: weights && inOrder(weights, order) },
    },
  };
}

/** The same places with other values. O(entries). */
export function withValues({ rows, cols, byCol, byRow }: Observed, values: Float64Array): Observed {
  return { rows, cols, byCol: { ...byCol, values }, byRow: { ...byRow, values: inOrder(values, byRow.order) } };
}

function inOrder(v: Float64Array, order: Int32Array): Float64Array {
  const out = new Float64Array(order.length);
  for (let e = 0; e < order.length; e++) out[e] = v[order[e]];
  return out;
}
