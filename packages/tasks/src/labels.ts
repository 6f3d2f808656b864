import type { CategoryColumn, Column, Table } from '@southwell/data';
import { RequestError } from './errors.ts';
import { count } from './format.ts';

/** The name of the column of labels. */
export const LABEL = 'label';

/** Labels from a separate file. */
export interface Labels {
  /** The name of the file, given by the option. */
  readonly name: string;
  readonly column: CategoryColumn;
  readonly notes: readonly string[];
}

/** The single column of a file as class names, including numbers. Throws a sentence if there are more columns. */
export function labelsIn(file: Table, option: string): Labels {
  const name = `${option}: ${file.name}`;
  const found = file.columns.length === 1 ? file.columns[0] : undefined;
  if (found) return { name, column: asClasses(found), notes: file.notes };
  throw new RequestError(
    `${name} has ${count(file.columns.length, 'column')}, but must have one: the class of each row.`,
  );
}

function asClasses(found: Column): CategoryColumn {
  if (found.type !== 'number') return { ...found, name: LABEL, type: 'category' };
  const values = [...new Set(found.values)].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const places = new Map(values.map((value, k) => [value, k]));
  const codes = Int32Array.from(found.values, (value) => places.get(value) ?? -1);
  return { name: LABEL, type: 'category', codes, levels: values.map(String) };
}

/** A table with labels added. Throws a sentence if their number differs from that of the rows. */
export function labelled(table: Table, { name, column, notes }: Labels): Table {
  if (column.codes.length !== table.rows) {
    throw new RequestError(
      `${name} has ${count(column.codes.length, 'row')}, but ${table.name} ${count(table.rows, 'row')}.`,
    );
  }
  if (table.sparse) throw new RequestError(`${name}: labels cannot be added to ${table.name}, a sparse matrix.`);
  const others = table.columns.filter((other) => other.name !== LABEL);
  return { ...table, columns: [...others, column], notes: [...table.notes, ...notes] };
}
