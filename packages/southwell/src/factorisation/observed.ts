import { CscMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { transpose } from '@southwell/numerics/linalg';

/**
 * A matrix of which some entries were seen: what is stored was seen, explicit zeros too, all else is unknown. In any
 * order. Throws `INVALID_SHAPE` for an entry outside of the matrix or given twice, `NON_FINITE` for a value that is no
 * number. O(entries + rows + cols).
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

/** Both views of the entries; `values` and `weights` in the order of the compressed columns. O(entries). */
export function bothWays(matrix: CscMatrix, values: Float64Array, weights?: Float64Array): Observed {
  const { rows, cols, colPointers, rowIndices } = matrix;
  const view = (m: CscMatrix, v: Float64Array, w: Float64Array | undefined): ObservedRows => ({
    across: m.rows,
    count: m.cols,
    pointers: m.colPointers.slice(),
    indices: m.rowIndices.slice(),
    values: v,
    weights: w,
    order: Int32Array.from(m.values),
  });
  // Positions travel through the transposition, so that values and weights can follow.
  const order = CscMatrix.fromColumns(
    rows,
    cols,
    colPointers,
    rowIndices,
    Float64Array.from(values, (_, e) => e),
  );
  const turned = transpose(order);
  const follow = (v: Float64Array) => Float64Array.from(turned.values, (e) => v[e]);
  const out = {
    rows,
    cols,
    byCol: view(order, values, weights),
    byRow: view(turned, follow(values), weights && follow(weights)),
  };
  order.free();
  turned.free();
  return out;
}
