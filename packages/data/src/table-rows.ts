import { CscMatrix } from '@southwell/numerics/arrays';
import { inOnePlace, type SplitRows } from '@southwell/numerics/core';
import type { Column, Table } from './table.ts';

/**
 * A copy of some rows of a table, in the given order; levels of categories that do not occur in them are dropped.
 * O(rows × columns), for a sparse matrix O(entries).
 * @param among For the part of a rank: the distribution of the rows, so that levels are kept that occur on any rank.
 * Default: all rows are local.
 */
export function tableRows(
  table: Table,
  rows: ArrayLike<number>,
  among: Pick<SplitRows, 'max'> = inOnePlace(rows.length),
): Table {
  const { sparse, index } = table;
  return {
    ...table,
    rows: rows.length,
    columns: table.columns.map((column) => columnRows(column, rows, among)),
    ...(index && { index: columnRows(index, rows, among) }),
    ...(sparse && {
      sparse: {
        X: matrixRows(sparse.X, rows),
        ...(sparse.y && { y: Float64Array.from(rows, (i) => sparse.y![i]) }),
      },
    }),
  };
}

function columnRows(column: Column, rows: ArrayLike<number>, among: Pick<SplitRows, 'max'>): Column {
  if (column.type === 'number') {
    const { written, ...rest } = column;
    return {
      ...rest,
      values: Float64Array.from(rows, (i) => column.values[i]),
      ...(written && { written: { ...written, codes: Int32Array.from(rows, (i) => written.codes[i]) } }),
    };
  }
  const codes = Int32Array.from(rows, (i) => column.codes[i]);
  const present = new Float64Array(column.levels.length);
  for (const code of codes) if (code >= 0) present[code] = 1;
  among.max(present);
  const kept = column.levels.map((_, k) => k).filter((k) => present[k] === 1);
  const place = new Map(kept.map((k, at) => [k, at]));
  return { ...column, codes: codes.map((k) => place.get(k) ?? -1), levels: kept.map((k) => column.levels[k]) };
}

function matrixRows(X: CscMatrix, rows: ArrayLike<number>): CscMatrix {
  const place = new Int32Array(X.rows).fill(-1);
  for (let k = 0; k < rows.length; k++) place[rows[k]] = k;
  let count = 0;
  for (let q = 0; q < X.colPointers[X.cols]; q++) if (place[X.rowIndices[q]] >= 0) count++;
  const out = CscMatrix.create(rows.length, X.cols, count);
  let next = 0;
  for (let j = 0; j < X.cols; j++) {
    out.colPointers[j] = next;
    const entries: Array<readonly [row: number, value: number]> = [];
    for (let q = X.colPointers[j]; q < X.colPointers[j + 1]; q++) {
      if (place[X.rowIndices[q]] >= 0) entries.push([place[X.rowIndices[q]], X.values[q]]);
    }
    for (const [row, value] of entries.sort((a, b) => a[0] - b[0])) {
      out.rowIndices[next] = row;
      out.values[next++] = value;
    }
  }
  out.colPointers[X.cols] = next;
  return out;
}
