import type { CategoryColumn, Column, Table } from '@southwell/data';
import { wordsOf } from '../../declaration/targets.ts';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { count } from '../../format.ts';

/** Gradients of a table, with the names of workers and entries. */
export interface Gradients {
  readonly workers: readonly string[];
  readonly gradients: readonly Float64Array[];
  /** Undefined if the table does not name the entries. */
  readonly entries?: readonly string[];
}

const textAt = (column: Column, row: number): string =>
  column.type === 'number' ? `${column.values[row]}` : (column.levels[column.codes[row]] ?? '');

/** A first column of words, different in each row, names the rows. */
const namesRows = (column: Column | undefined): column is CategoryColumn =>
  column !== undefined && column.type !== 'number' && new Set(column.codes).size === column.codes.length;

/**
 * The gradients of the workers in rows or in columns. Missing values are not numbers and make their worker one that is excluded.
 */
export function gradientsOf(table: Table, where: 'rows' | 'columns', tools: TaskTools): Gradients {
  if (table.sparse) {
    throw new RequestError(`${table.name} is a sparse matrix, but gradients are read from dense tables.`);
  }
  const named = table.index ?? (namesRows(table.columns[0]) ? table.columns[0] : undefined);
  const columns = table.columns.filter((column) => column !== named);
  const values = columns.map((column) => {
    if (column.type === 'number') return column.values;
    throw new RequestError(
      `${table.name}: column '${column.name}' holds ${wordsOf(column)}, but gradients are numbers: correct it, or leave it out with ${tools.spell('types', `${column.name}=drop`)}.`,
    );
  });
  if (table.rows === 0 || values.length === 0) throw new RequestError(`${table.name} has no numbers to aggregate.`);
  const rows = Array.from({ length: table.rows }, (_, i) => (named ? textAt(named, i) : `${i + 1}`));
  const heads = columns.map(({ name }) => name);
  if (where === 'columns') {
    const few = values.length === 1 ? `; workers in rows are read without ${tools.spell('workers', 'columns')}` : '';
    if (values.length === 1) throw new RequestError(`${table.name} has one column, and so one worker${few}.`);
    return { workers: heads, gradients: values, ...(named && { entries: rows }) };
  }
  if (table.rows === 1) {
    throw new RequestError(
      `${table.name} has one row, and so one worker: workers in columns are read with ${tools.spell('workers', 'columns')}.`,
    );
  }
  const gradients = rows.map((_, i) => Float64Array.from(values, (column) => column[i]));
  return { workers: rows, gradients, entries: heads };
}

/** A note if the table looks turned, since a gradient has more entries than there are workers. */
export function turnedNote({ workers, gradients }: Gradients, tools: TaskTools, where: string): string[] {
  const n = gradients[0].length;
  if (where === 'columns' || workers.length <= 200 || workers.length < 4 * n) return [];
  return [
    `${count(workers.length, 'worker')} with ${n} entries each: if workers are in columns, add ${tools.spell('workers', 'columns')}.`,
  ];
}
