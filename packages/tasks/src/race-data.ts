import { designMatrix, type Table } from '@southwell/data';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { RequestError } from './errors.ts';

/** The columns of a table that hold numbers, rows with gaps left out, and a sentence where some hold none. */
export function numbersOf(table: Table, drop: readonly string[] = []) {
  const texts = table.columns.filter((c) => c.type !== 'number').map((c) => c.name);
  if (!table.sparse && texts.length === table.columns.length)
    throw new RequestError(`${table.name} has no column of numbers.`);
  const { X, featureNames: names } = designMatrix(table, {
    drop: [...texts, ...drop],
    missing: 'drop-rows',
    sparse: false,
  });
  const left = texts.length > 0 ? ` (left out, not numbers: ${texts.join(', ')})` : '';
  return { X: X as DenseMatrix, names, about: `${table.name}: ${X.rows} rows, ${X.cols} columns${left}` };
}

/** Some rows, in that order. */
export function rowsOf(X: DenseMatrix, rows: Int32Array): DenseMatrix {
  const out = DenseMatrix.create(rows.length, X.cols, { fill: false });
  for (let j = 0; j < X.cols; j++) out.column(j).set(Float64Array.from(rows, (i) => X.get(i, j)));
  return out;
}
