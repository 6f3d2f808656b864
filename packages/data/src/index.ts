export type { Input, Source } from './io/source.ts';
export { readTable } from './read-table.ts';
export {
  type CategoryColumn,
  type Column,
  DEFAULT_MISSING,
  type Format,
  type NumberColumn,
  type ReadOptions,
  type Table,
} from './table.ts';
