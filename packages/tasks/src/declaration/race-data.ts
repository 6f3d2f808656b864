import { type Design, designMatrix, type Table } from '@southwell/data';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';

/** What a matrix is of: rows and columns, and which of the table it leaves out. */
const aboutOf = (
  table: Table,
  X: { readonly rows: number; readonly cols: number },
  left: readonly string[],
): string => {
  const without = left.length > 0 ? ` (left out, not numbers: ${left.join(', ')})` : '';
  return `${table.name}: ${count(X.rows, 'row')}, ${count(X.cols, 'column')}${without}`;
};

/** The same of a design. */
export function designText(table: Table, { X, encoding }: Pick<Design, 'X' | 'encoding'>): string {
  const used = [encoding.target?.name, ...encoding.features.map(({ name }) => name)];
  const texts = table.columns.filter(({ name, type }) => type !== 'number' && !used.includes(name));
  return aboutOf(
    table,
    X,
    texts.map(({ name }) => name),
  );
}

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
  return { X: X as DenseMatrix, names, about: aboutOf(table, X, texts) };
}

/** Some rows, in that order. */
export function rowsOf(X: DenseMatrix, rows: Int32Array): DenseMatrix {
  const out = DenseMatrix.create(rows.length, X.cols, { fill: false });
  for (let j = 0; j < X.cols; j++) out.column(j).set(Float64Array.from(rows, (i) => X.get(i, j)));
  return out;
}
