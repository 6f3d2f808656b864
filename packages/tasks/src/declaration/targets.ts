import { bundledSets, type Column, type Table } from '@southwell/data';
import { fail, nearestName } from '@southwell/numerics/core';
import { RequestError } from '../errors.ts';
import type { FormTable } from './option.ts';

const NAMES = /^(y|target|class|label|outcome|response)$/i;
const IDS = /(^|[_. -])(id|uuid|index|key|row)$/i;

/**
 * The most likely target: that of a bundled data set, a column with a name such as `target` or `y`, or the last one
 * that is neither text nor constant, a date or an id.
 */
export function likelyTarget({ data, columns: all }: FormTable): string {
  const bundled = bundledSets().find((s) => `bundled:${s.name}` === data);
  const named = all.find((c) => NAMES.test(c.name) && c.unlikely !== 'constant');
  const likely = all.findLast((c) => c.type !== 'text' && c.unlikely === undefined && !IDS.test(c.name));
  const last = named ?? likely ?? all.findLast((c) => c.type !== 'text') ?? all.at(-1);
  return bundled?.target ?? last?.name ?? '';
}

/** Throws if it is unknown which column to predict. */
export function needsTarget(table: Table, target: string | undefined, spell: (option: string) => string): void {
  if (target !== undefined || table.sparse?.y) return;
  const names = table.columns.map((c) => c.name);
  const list = names.slice(0, 8).join(', ') + (names.length > 8 ? ', …' : '');
  throw new RequestError(
    table.sparse
      ? `${table.name} has no labels to predict: use a LIBSVM file, or a table with columns.`
      : `Which column is to be predicted? Give ${spell('target')} NAME; ${table.name} has ${list}.`,
  );
}

type Words = Exclude<Column, { type: 'number' }>;

/**
 * The first non-numeric word of a column, even if others are numbers, and its row, from 1; undefined if there are no
 * values.
 */
export function firstWord({ levels, codes }: Words): { readonly word: string; readonly row: number } | undefined {
  const isWord = (level: string) => level.trim() === '' || Number.isNaN(Number(level));
  const level = Math.max(0, levels.findIndex(isWord));
  return levels.length === 0 ? undefined : { word: levels[level], row: codes.indexOf(level) + 1 };
}

/** The content of a column that should be numeric: "words such as 'ann' in row 1". */
export function wordsOf(column: Words): string {
  const first = firstWord(column);
  return first === undefined ? 'no values' : `words such as '${first.word}' in row ${first.row}`;
}

/**
 * The numbers of a column for a role, as named by the reader: `target`. Throws if there is no such column, or if it
 * contains words.
 */
export function numbersFor(table: Table, name: string, role: string): Float64Array {
  const found = table.columns.find((c) => c.name === name);
  if (!found) {
    const names = table.columns.map((c) => c.name);
    const near = nearestName(name, names);
    const rest = near ? `did you mean '${near}'?` : `it has ${names.slice(0, 8).join(', ')}.`;
    throw new RequestError(`${table.name} has no column '${name}' for ${role}; ${rest}`);
  }
  if (found.type === 'number') return found.values;
  throw new RequestError(
    `${table.name}: column '${name}' holds ${wordsOf(found)}, but ${role} takes columns of numbers.`,
  );
}

/** The numbers of a column. Throws if there is no such column, or if it contains words. */
export function numberColumn(table: Table, name: string): Float64Array {
  const found = table.columns.find((c) => c.name === name);
  if (!found) {
    const near = nearestName(
      name,
      table.columns.map((c) => c.name),
    );
    fail('INVALID_PARAMETER', `${table.name} has no column '${name}'${near ? `; did you mean '${near}'?` : '.'}`);
  }
  if (found.type !== 'number') {
    fail('INVALID_PARAMETER', `${table.name}: column '${name}' holds ${wordsOf(found)}, not numbers.`);
  }
  return found.values;
}
