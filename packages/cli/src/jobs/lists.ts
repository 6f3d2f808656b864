import type { Columns } from '@southwell/tasks';

/** Columns in the form that the writers take. */
export const listsOf = (columns: Columns) =>
  Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, [...values]]));
