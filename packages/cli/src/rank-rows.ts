import type { Column, Table } from '@southwell/data';
import { rowsOfRank } from '@southwell/distributed';
import { CscMatrix } from '@southwell/numerics/arrays';

/** A rank's part of a table that every rank has read whole: its rows, with the types and levels of all. */
export function rankRows(table: Table, { rank, size }: { readonly rank: number; readonly size: number }): Table {
  const { rows: all, columns, index, sparse } = table;
  const [before, end] = rowsOfRank(all, rank, size);
  const part = (column: Column): Column =>
    column.type === 'number'
      ? { ...column, values: column.values.slice(before, end) }
      : { ...column, codes: column.codes.slice(before, end) };
  return {
    ...table,
    rows: end - before,
    before,
    all,
    columns: columns.map(part),
    ...(index && { index: part(index) }),
    ...(sparse && {
      sparse: { X: partOf(sparse.X, before, end), ...(sparse.y && { y: sparse.y.slice(before, end) }) },
    }),
  };
}

function partOf(X: CscMatrix, from: number, end: number): CscMatrix {
  const { colPointers, rowIndices, values } = X;
  const inside = (q: number) => rowIndices[q] >= from && rowIndices[q] < end;
  let count = 0;
  for (let q = 0; q < rowIndices.length; q++) if (inside(q)) count++;
  const part = CscMatrix.create(end - from, X.cols, count);
  let next = 0;
  for (let j = 0; j < X.cols; j++) {
    part.colPointers[j] = next;
    for (let q = colPointers[j]; q < colPointers[j + 1]; q++) {
      if (!inside(q)) continue;
      part.rowIndices[next] = rowIndices[q] - from;
      part.values[next++] = values[q];
    }
  }
  part.colPointers[X.cols] = next;
  return part;
}
