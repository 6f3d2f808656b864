import { CscMatrix } from '@southwell/numerics/arrays';
import { fail, type SplitRows } from '@southwell/numerics/core';

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
  /** Where each entry stands by columns; empty where they are shared. */
  readonly order: Int32Array;
  /** Where these are among those of all ranks. */
  readonly shared?: SplitRows;
}

/**
 * Rows and columns of a completion that are shared among ranks: each finds the factors of its own, from all of their entries
 * and from the factors of all across. So a regression is done on one rank, as on one rank alone and to the same bits, and what
 * travels are factors, k numbers a row or column twice a sweep: with normal equations summed over ranks that would be k²
 * a column. Factors of all are on every rank, entries on that of their row and on that of their column. Sums over entries
 * are over the columns of all ranks.
 */
export interface EntryShares {
  readonly rows: SplitRows;
  readonly cols: SplitRows;
}

/** Observed entries both ways, values less their biases. */
export interface Observed {
  readonly rows: number;
  readonly cols: number;
  /** Of all ranks together. */
  readonly entries: number;
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
    ...{ rows, cols, entries: n },
    byCol: { across: rows, count: cols, pointers: colPointers, indices: rowIndices, values, weights, order: own },
    byRow: {
      ...{ across: cols, count: rows, pointers: rowPointers, indices: columns, order },
      ...{ values: inOrder(values, order), weights: weights && inOrder(weights, order) },
    },
  };
}

/**
 * The columns and the rows of one rank, of entries that all ranks have, in the order in which they are in {@link bothWays}.
 * O(entries + rows + cols).
 */
export function ownBothWays(matrix: CscMatrix, weights: Float64Array | undefined, shares: EntryShares): Observed {
  const { rows, cols, colPointers, rowIndices, nnz } = matrix;
  const { values } = matrix;
  const [firstCol, lastCol] = [shares.cols.first, shares.cols.first + shares.cols.own];
  const [begin, end] = [colPointers[firstCol], colPointers[lastCol]];
  const own = shares.rows.own;
  const { first } = shares.rows;
  const rowPointers = new Int32Array(own + 1);
  for (let e = 0; e < nnz; e++) {
    const i = rowIndices[e] - first;
    if (i >= 0 && i < own) rowPointers[i + 1]++;
  }
  for (let i = 0; i < own; i++) rowPointers[i + 1] += rowPointers[i];
  const next = rowPointers.slice(0, own);
  const n = rowPointers[own];
  const [columns, byRow] = [new Int32Array(n), new Float64Array(n)];
  const rowWeights = weights && new Float64Array(n);
  for (let j = 0; j < cols; j++) {
    for (let e = colPointers[j]; e < colPointers[j + 1]; e++) {
      const i = rowIndices[e] - first;
      if (i < 0 || i >= own) continue;
      const at = next[i]++;
      columns[at] = j;
      byRow[at] = values[e];
      if (rowWeights) rowWeights[at] = weights[e];
    }
  }
  const order = new Int32Array(0);
  return {
    ...{ rows, cols, entries: nnz },
    byCol: {
      ...{ across: rows, count: shares.cols.own, order, shared: shares.cols },
      pointers: colPointers.slice(firstCol, lastCol + 1).map((e) => e - begin),
      indices: rowIndices.slice(begin, end),
      values: values.slice(begin, end),
      weights: weights?.slice(begin, end),
    },
    byRow: {
      ...{ across: cols, count: own, order, shared: shares.rows },
      ...{ pointers: rowPointers, indices: columns, values: byRow, weights: rowWeights },
    },
  };
}

/** The entries less a value that row and column say. O(entries). */
export function less({ byCol, byRow, ...rest }: Observed, of: (row: number, col: number) => number): Observed {
  const view = (rows: ObservedRows, at: (across: number, own: number) => number): ObservedRows => {
    const { pointers, indices, count } = rows;
    const values = rows.values.slice();
    const first = rows.shared?.first ?? 0;
    for (let j = 0; j < count; j++) {
      for (let e = pointers[j]; e < pointers[j + 1]; e++) values[e] -= at(indices[e], first + j);
    }
    return { ...rows, values };
  };
  return { ...rest, byCol: view(byCol, (i, j) => of(i, j)), byRow: view(byRow, (j, i) => of(i, j)) };
}

function inOrder(v: Float64Array, order: Int32Array): Float64Array {
  const out = new Float64Array(order.length);
  for (let e = 0; e < order.length; e++) out[e] = v[order[e]];
  return out;
}
