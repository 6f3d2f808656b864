import { CscMatrix } from '@southwell/numerics/arrays';
import { fail, type SplitRows } from '@southwell/numerics/core';

/**
 * A partially observed matrix: stored entries, explicit zeros included, are observed and all others unknown. Entries
 * may be in any order. O(entries + rows + cols).
 * @throws `INVALID_SHAPE` for an entry outside of the matrix or given twice, `NON_FINITE` for a value that is not
 * finite.
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
 * Observed entries as `count` rows of a sparse matrix, as plain arrays: rows of the data, or of its transpose. Each is
 * a regression on rows of the other factor, which has `across` of them.
 */
export interface ObservedRows {
  readonly across: number;
  readonly count: number;
  readonly pointers: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
  readonly weights?: Float64Array;
  /** Position of each entry in the order by columns; empty in distributed runs. */
  readonly order: Int32Array;
  /** Position of these rows among those of all ranks. */
  readonly shared?: SplitRows;
}

/**
 * Distribution of the rows and columns of a completion over ranks: each rank computes the factors of its own rows and
 * columns from all of their entries and the whole other factor. So each regression is done on a single rank, with the
 * same bits as without distribution, and only factors are communicated, k numbers for each row and column, twice per
 * sweep; summing normal equations over ranks would need k² per column. All ranks have the whole factors; an entry is on
 * the rank of its row and on that of its column. Sums over entries run over the columns of all ranks.
 */
export interface EntryShares {
  readonly rows: SplitRows;
  readonly cols: SplitRows;
}

/** Observed entries by columns and by rows, with biases subtracted. */
export interface Observed {
  readonly rows: number;
  readonly cols: number;
  /** Number of entries on all ranks together. */
  readonly entries: number;
  readonly byCol: ObservedRows;
  readonly byRow: ObservedRows;
}

/**
 * The entries by columns and by rows, by counting sort; `values` and `weights` in the order of the compressed columns,
 * which are not copied. O(entries + rows + cols).
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
 * The columns and rows of one rank, from entries that all ranks have, in the same order as in {@link bothWays}.
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

/** Subtracts a function of row and column from the entries. O(entries). */
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
