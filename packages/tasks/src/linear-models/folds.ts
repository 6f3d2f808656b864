import { type Column, columnOf, type Table } from '@southwell/data';
import { fail, type SplitRows } from '@southwell/numerics/core';
import type { Spell } from '../declaration/check.ts';
import { count as rowsText } from '../format.ts';

/** Folds defined by a column. */
export interface NamedFolds {
  /** The fold of every row of the matrix, from 0. */
  readonly of: Int32Array;
  readonly count: number;
}

/** The column of that name, which says the folds, or other parts. Throws a sentence if there is none. */
export function foldColumnOf(table: Table, name: string, parts = 'folds'): Column {
  if (!table.sparse) return columnOf(table, name, parts);
  fail('INVALID_PARAMETER', `${table.name} is a matrix without column names, so that no column can say the ${parts}.`);
}

/**
 * A fold for every distinct value of a column, numeric or text, in order of first appearance. `rows` are those that are
 * used. Throws a sentence for a missing column, for a row without a value, and if there is only one value.
 */
export function foldsOfColumn(
  table: Table,
  name: string,
  rows: Int32Array | undefined,
  spell: Spell,
  spread: SplitRows,
): NamedFolds {
  const column = foldColumnOf(table, name);
  const values: ArrayLike<number> = column.type === 'number' ? column.values : column.codes;
  const missing = (v: number) => (column.type === 'number' ? Number.isNaN(v) : v < 0);
  const folds = new Map<number, number>();
  const of = new Int32Array(rows ? rows.length : table.rows);
  for (let k = 0; k < of.length; k++) {
    const i = rows ? rows[k] : k;
    const value = values[i];
    if (missing(value)) {
      fail(
        'NON_FINITE',
        `${table.name}: column '${name}' has no value in row ${i + 1 + (table.before ?? 0)}, which ${spell('foldColumn')} needs to know its fold. Fill it in or leave the row out.`,
      );
    }
    const fold = folds.get(value) ?? folds.size;
    folds.set(value, fold);
    of[k] = fold;
  }
  // In order of first appearance over all ranks; as texts, which can represent any number.
  const places = new Map([...new Set(spread.tell([...folds.keys()].map(String)).flat())].map((text, k) => [text, k]));
  const own = [...folds.keys()].map((value) => places.get(String(value))!);
  for (let k = 0; k < of.length; k++) of[k] = own[of[k]];
  const count = places.size;
  if (count < 2) {
    fail(
      'INVALID_PARAMETER',
      `${table.name}: column '${name}' has one value in ${rowsText(spread.all, 'row')}, and ${spell('foldColumn')} needs two or more, a fold each.`,
    );
  }
  return { of, count };
}
