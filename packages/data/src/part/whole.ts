import { CscMatrix } from '@southwell/numerics/arrays';
import type { Source } from '../io/source.ts';
import { readers } from '../readers.ts';
import type { Column, Format, ReadContext, Table } from '../table.ts';
import type { Company } from './company.ts';

/** The range of rows [first, end) of a rank. */
export type RowsOf = (all: number, rank: number) => readonly [first: number, end: number];

/** The rows of this rank of a source that can only be read whole. */
export async function wholePart(
  source: Source,
  format: Format,
  context: ReadContext,
  company: Company,
  rowsOf: RowsOf,
): Promise<Table> {
  let table!: Table;
  await company.agree(async () => {
    table = await readers[format](source, context);
  });
  const [first, end] = rowsOf(table.rows, company.rank);
  const { sparse, index } = table;
  return {
    ...table,
    rows: end - first,
    before: first,
    all: table.rows,
    columns: table.columns.map((column) => columnPart(column, first, end)),
    ...(index && { index: columnPart(index, first, end) }),
    ...(sparse && {
      sparse: { X: matrixPart(sparse.X, first, end), ...(sparse.y && { y: sparse.y.slice(first, end) }) },
    }),
  };
}

/** Keeps all levels. */
const columnPart = (column: Column, first: number, end: number): Column =>
  column.type === 'number'
    ? { ...column, values: column.values.slice(first, end) }
    : { ...column, codes: column.codes.slice(first, end) };

/** Extracts contiguous rows and frees the matrix. */
function matrixPart(X: CscMatrix, first: number, end: number): CscMatrix {
  const own = (q: number) => X.rowIndices[q] >= first && X.rowIndices[q] < end;
  let count = 0;
  for (let q = 0; q < X.nnz; q++) if (own(q)) count++;
  const part = CscMatrix.create(end - first, X.cols, count);
  let next = 0;
  for (let j = 0; j < X.cols; j++) {
    part.colPointers[j] = next;
    for (let q = X.colPointers[j]; q < X.colPointers[j + 1]; q++) {
      if (!own(q)) continue;
      part.rowIndices[next] = X.rowIndices[q] - first;
      part.values[next++] = X.values[q];
    }
  }
  part.colPointers[X.cols] = next;
  X.free();
  return part;
}
