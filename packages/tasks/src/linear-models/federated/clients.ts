import type { Table } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import type { Spell } from '../../declaration/check.ts';
import { foldColumnOf } from '../folds.ts';

/**
 * The rows of the matrix by client: one for each value of the column, in order of first appearance, or a single one without a column.
 * `rows` are those of the table that are used. Throws a sentence for a row without a value.
 */
export function clientsOf(
  table: Table,
  column: string | undefined,
  rows: Int32Array | undefined,
  count: number,
  spell: Spell,
): number[][] {
  if (column === undefined) return [Array.from({ length: count }, (_, i) => i)];
  const found = foldColumnOf(table, column, 'clients');
  const values: ArrayLike<number> = found.type === 'number' ? found.values : found.codes;
  const lists = new Map<number, number[]>();
  for (let k = 0; k < count; k++) {
    const i = rows ? rows[k] : k;
    const value = values[i];
    if (found.type === 'number' ? Number.isNaN(value) : value < 0)
      fail(
        'NON_FINITE',
        `${table.name}: column '${column}' has no value in row ${i + 1 + (table.before ?? 0)}, which ${spell('clients')} needs to know its client. Fill it in or leave the row out.`,
      );
    const list = lists.get(value) ?? [];
    lists.set(value, list);
    list.push(k);
  }
  return [...lists.values()];
}
