import type { Table } from '@southwell/data';
import { CscMatrix } from '@southwell/numerics/arrays';
import { DenseMatrix } from 'southwell';
import { wordsOf } from '../declaration/targets.ts';
import { RequestError } from '../errors.ts';

export { type MatrixFacts, matrixFacts } from 'southwell/linear-systems';

/** The columns of a table as numbers; throws, naming the position, if there is anything else. */
function numbersOf(table: Table): Float64Array[] {
  return table.columns.map((column) => {
    if (column.type !== 'number') {
      const words = wordsOf(column);
      throw new RequestError(`${table.name}: column '${column.name}' holds ${words}, but a matrix is of numbers.`);
    }
    const bad = column.values.findIndex((v) => !Number.isFinite(v));
    if (bad >= 0) {
      const what = Number.isNaN(column.values[bad]) ? 'has no value' : `holds ${column.values[bad]}`;
      throw new RequestError(`${table.name}: column '${column.name}' ${what} in row ${bad + 1}: correct it.`);
    }
    return column.values;
  });
}

/** The matrix in a file: Matrix Market, or all columns of a numeric table. */
export function matrixOf(table: Table): CscMatrix {
  if (table.sparse) return table.sparse.X;
  const columns = numbersOf(table);
  if (columns.length === 0) throw new RequestError(`${table.name} has no columns of numbers, and so no matrix.`);
  const dense = DenseMatrix.create(table.rows, columns.length);
  for (const [j, values] of columns.entries()) dense.column(j).set(values);
  const sparse = CscMatrix.fromDense(dense);
  dense.free();
  return sparse;
}

/** Right-hand sides, by name: the columns of a table or of a sparse matrix. */
export function rightHandSidesOf(
  table: Table,
): ReadonlyArray<{ readonly name: string; readonly values: Float64Array }> {
  if (!table.sparse) {
    const columns = numbersOf(table);
    if (columns.length === 0) throw new RequestError(`${table.name} has no column of numbers to solve for.`);
    return columns.map((values, j) => ({ name: table.columns[j].name, values }));
  }
  const { X } = table.sparse;
  const dense = X.toDense();
  const out = Array.from({ length: X.cols }, (_, j) => ({ name: `x${j + 1}`, values: dense.column(j).slice() }));
  dense.free();
  return out;
}

/**
 * The number of entries in each cell of a grid over a matrix, at most `most` cells a side, row by row.
 * @param rows Number of rows of the whole matrix, of which A may contain those from `before` on.
 */
export function patternOf(
  A: CscMatrix,
  most: number,
  { rows, before }: { readonly rows: number; readonly before: number } = { rows: A.rows, before: 0 },
): { readonly width: number; readonly height: number; readonly counts: Float64Array } {
  // Cells are square, as far as the longer side allows.
  const scale = Math.min(1, most / Math.max(A.cols, rows, 1));
  const [width, height] = [A.cols, rows].map((side) => Math.min(side, Math.max(1, Math.round(side * scale))));
  const counts = new Float64Array(width * height);
  const { colPointers, rowIndices, values } = A;
  for (let j = 0; j < A.cols; j++) {
    const x = Math.floor((j * width) / A.cols);
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      if (values[k] !== 0) counts[Math.floor(((before + rowIndices[k]) * height) / rows) * width + x]++;
    }
  }
  return { width, height, counts };
}
