import { asWritten, type Column, placeByValue, type Table } from '@southwell/data';
import { RequestError } from '../../errors.ts';
import type { Names } from './entries.ts';
import { type Prediction, type PredictionTitles, type Predictor, predictionColumns } from './predictor.ts';

/** Pairs of names to predict, as listed in a file. */
export interface Pairs {
  readonly names: ReadonlyArray<readonly [row: string | number | null, col: string | number | null]>;
}

/**
 * A pair from each row: from the columns with the names of the rows and columns of the data, or the first two. Throws
 * RequestError for a table of fewer than two columns.
 */
export function pairsOf(table: Table, titles: PredictionTitles): Pairs {
  const named = (name: string) => table.columns.find((c) => c.name === name);
  const [byRow, byCol] = [named(titles.row), named(titles.col)];
  const [row, col] = byRow && byCol ? [byRow, byCol] : table.columns;
  if (row === undefined || col === undefined) {
    throw new RequestError(
      `${table.name} must have two columns, ${titles.row} and ${titles.col}, or any two in this order.`,
    );
  }
  const [rows, cols] = [asWritten(row), asWritten(col)];
  return { names: Array.from({ length: table.rows }, (_, i) => [nameAt(rows, i), nameAt(cols, i)] as const) };
}

const nameAt = (column: Column, i: number): string | number | null =>
  column.type === 'number'
    ? Number.isNaN(column.values[i])
      ? null
      : column.values[i]
    : column.codes[i] < 0
      ? null
      : column.levels[column.codes[i]];

/**
 * Looks up names regardless of how a file spells them: 7, '7' and '7.0' are the same, but codes are what they are
 * written as: 501 is not 00501. If all names are words, a number is an index, counted from 1.
 */
export function finder(names: Names): (name: string | number | null) => number {
  const words = names.map(String);
  const index = new Map(words.map((name, k) => [name, k]));
  const byValue = placeByValue(words);
  // Numbers that are names, or may be codes that were read as numbers, are not indices.
  const places = words.every((word) => word.trim() !== '' && Number.isNaN(Number(word)));
  return (name) => {
    if (name === null) return -1;
    const at = index.get(String(name)) ?? byValue(String(name));
    if (at !== undefined) return at;
    const place = Number(name);
    return places && Number.isInteger(place) && place >= 1 && place <= names.length ? place - 1 : -1;
  };
}

/** Predictions of pairs in their order, and a sentence on those with unknown names. */
export function predictPairs(
  { names }: Pairs,
  rows: Names,
  cols: Names,
  titles: PredictionTitles,
  at: Predictor,
): {
  readonly columns: ReturnType<typeof predictionColumns>;
  readonly notes: readonly string[];
  readonly found: readonly Prediction[];
} {
  const [rowOf, colOf] = [finder(rows), finder(cols)];
  const unknown = { [titles.row]: new Set<string>(), [titles.col]: new Set<string>() };
  let lost = 0;
  const found = names.map(([row, col]): Prediction => {
    const [i, j] = [rowOf(row), colOf(col)];
    if (i >= 0 && j >= 0) return at(i, j);
    lost++;
    if (i < 0) unknown[titles.row].add(row === null ? 'nothing' : String(row));
    if (j < 0) unknown[titles.col].add(col === null ? 'nothing' : String(col));
    return { value: null, determined: false };
  });
  const some = Object.entries(unknown)
    .filter(([, set]) => set.size > 0)
    .map(([title, set]) => `${title} ${[...set].slice(0, 5).join(', ')}${set.size > 5 ? ', …' : ''}`);
  const notes =
    lost > 0
      ? [`${lost} of ${names.length} pairs have names that are not in the data (${some.join('; ')}): no prediction.`]
      : [];
  return { columns: predictionColumns(titles, names, found), notes, found };
}
