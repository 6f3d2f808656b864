import type { Columns } from '@southwell/tasks';

/** As the writers take them. */
export const listsOf = (columns: Columns) =>
  Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, [...values]]));
