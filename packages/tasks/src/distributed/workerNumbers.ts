import type { CategoryColumn, Column, Table } from '@southwell/data';
import { wordsOf } from '../declaration/targets.ts';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';

/** Numbers of the workers in a table. */
export interface WorkerNumbers {
  /** Their names. */
  readonly workers: readonly string[];
  /** By worker. */
  readonly numbers: readonly Float64Array[];
  /** Names of the numbers of a worker; undefined if the table has none. */
  readonly entries?: readonly string[];
  /** What the reader noted, except about names. */
  readonly notes: readonly string[];
}

const textAt = (column: Column, row: number): string =>
  column.type === 'number' ? `${column.values[row]}` : (column.levels[column.codes[row]] ?? '');

/** A first column of words, different in each row, names the rows. */
const namesRows = (column: Column | undefined): column is CategoryColumn =>
  column !== undefined && column.type !== 'number' && new Set(column.codes).size === column.codes.length;

/**
 * The numbers of the workers in rows or in columns; missing values are NaN. Throws a message for words, sparse matrices, and tables of one worker.
 * @param what the numbers are, in messages: "gradients".
 */
export function workerNumbers(
  table: Table,
  where: 'rows' | 'columns',
  what: string,
  { spell }: Pick<TaskTools, 'spell'>,
): WorkerNumbers {
  if (table.sparse) {
    throw new RequestError(`${table.name} is a sparse matrix, but ${what} are read from dense tables.`);
  }
  const named = table.index ?? (namesRows(table.columns[0]) ? table.columns[0] : undefined);
  const columns = table.columns.filter((column) => column !== named);
  const values = columns.map((column) => {
    if (column.type === 'number') return column.values;
    throw new RequestError(
      `${table.name}: column '${column.name}' holds ${wordsOf(column)}, but ${what} are numbers: correct it, or leave it out with ${spell('types', `${column.name}=drop`)}.`,
    );
  });
  if (table.rows === 0 || values.length === 0) throw new RequestError(`${table.name} has no numbers.`);
  const rows = Array.from({ length: table.rows }, (_, i) => (named ? textAt(named, i) : `${i + 1}`));
  const heads = columns.map(({ name }) => name);
  const notes = table.notes.filter((note) => !named || !note.startsWith(`Column '${named.name}'`));
  if (where === 'columns') {
    const few = values.length === 1 ? `; workers in rows are read without ${spell('workers', 'columns')}` : '';
    if (values.length === 1) throw new RequestError(`${table.name} has one column, and so one worker${few}.`);
    return { workers: heads, numbers: values, notes, ...(named && { entries: rows }) };
  }
  if (table.rows === 1) {
    throw new RequestError(
      `${table.name} has one row, and so one worker: workers in columns are read with ${spell('workers', 'columns')}.`,
    );
  }
  const numbers = rows.map((_, i) => Float64Array.from(values, (column) => column[i]));
  return { workers: rows, numbers, notes, entries: heads };
}
