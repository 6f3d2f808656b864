import { type Design, designMatrix, type Table } from '@southwell/data';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';

/** A description of a matrix: its rows and columns, and those of the table that it leaves out. */
const aboutOf = (
  table: Table,
  X: { readonly rows: number; readonly cols: number },
  left: readonly string[],
): string => {
  const without = left.length > 0 ? ` (left out, not numbers: ${left.join(', ')})` : '';
  return `${table.name}: ${count(X.rows, 'row')}, ${count(X.cols, 'column')}${without}`;
};

/** The same for a design. */
export function designText(table: Table, { X, encoding }: Pick<Design, 'X' | 'encoding'>): string {
  const used = [encoding.target?.name, ...encoding.features.map(({ name }) => name)];
  const texts = table.columns.filter(({ name, type }) => type !== 'number' && !used.includes(name));
  return aboutOf(
    table,
    X,
    texts.map(({ name }) => name),
  );
}

/** The numeric columns of a table without rows that have gaps, and a sentence if some columns are not numeric. */
export function numbersOf(table: Table, drop: readonly string[] = []) {
  const texts = table.columns.filter((c) => c.type !== 'number').map((c) => c.name);
  if (!table.sparse && texts.length === table.columns.length)
    throw new RequestError(`${table.name} has no column of numbers.`);
  const { X, featureNames: names } = designMatrix(table, {
    drop: [...texts, ...drop],
    missing: 'drop-rows',
    sparse: false,
  });
  return { X: X as DenseMatrix, names, about: aboutOf(table, X, texts) };
}

/** The given rows, in that order. */
export function rowsOf(X: DenseMatrix, rows: Int32Array): DenseMatrix {
  const out = DenseMatrix.create(rows.length, X.cols, { fill: false });
  for (let j = 0; j < X.cols; j++) out.column(j).set(Float64Array.from(rows, (i) => X.get(i, j)));
  return out;
}
