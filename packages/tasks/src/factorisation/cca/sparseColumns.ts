import type { Table } from '@southwell/data';
import { RequestError } from '../../errors.ts';

/**
 * Columns of a sparse matrix, named x1, x2, … as when it is read in blocks, as a numeric table. O(rows) each.
 * @param shift Number of columns that the matrix lacks before its first one.
 */
export function namedColumns(table: Table, names: readonly string[], shift = 0): Table {
  const { X } = table.sparse!;
  const columns = names.map((name) => {
    const j = /^x[1-9]\d{0,8}$/.test(name) ? Number(name.slice(1)) - 1 - shift : X.cols;
    if (j >= X.cols) throw new RequestError(`${table.name} has no column '${name}'; it has x1 to x${X.cols}.`);
    const values = new Float64Array(table.rows);
    if (j >= 0) for (let e = X.colPointers[j]; e < X.colPointers[j + 1]; e++) values[X.rowIndices[e]] = X.values[e];
    return { name, type: 'number', values } as const;
  });
  return { ...table, columns, sparse: undefined };
}
