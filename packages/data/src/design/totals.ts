import type { SplitRows } from '@southwell/numerics/core';
import type { CategoryColumn, Column } from '../table.ts';

/** Statistics from which missing values of a column are imputed. */
export interface ColumnTotals {
  /** Number of rows with and without a value. */
  readonly known: number;
  readonly gaps: number;
  /** Mean, for numeric columns. */
  readonly mean: number;
  /** Number of rows per level, for categorical columns. */
  readonly counts: Float64Array;
}

const widthOf = (column: Column): number => (column.type === 'number' ? 0 : column.levels.length);

/** Counts values in the rows [from, to): missing, present, and per level. */
function count(column: Column, from: number, to: number, into: Float64Array, at: number): void {
  for (let i = from; i < to; i++) {
    const missing = column.type === 'number' ? Number.isNaN(column.values[i]) : column.codes[i] < 0;
    into[at + (missing ? 0 : 1)]++;
    if (!missing && column.type !== 'number') into[at + 2 + column.codes[i]]++;
  }
}

/**
 * Statistics of columns over all rows; computed on demand, column by column, if the rows are local. Collective: must be
 * called on all ranks.
 */
export function totalsOf(columns: readonly Column[], rows: SplitRows): (k: number) => ColumnTotals {
  if (!rows.spread) return (k) => totalsHere(columns[k]);
  const totals = splitTotals(columns, rows);
  return (k) => totals[k];
}

/** For local rows; the mean by Welford's recurrence. */
function totalsHere(column: Column): ColumnTotals {
  const length = column.type === 'number' ? column.values.length : column.codes.length;
  const counted = new Float64Array(2 + widthOf(column));
  count(column, 0, length, counted, 0);
  let mean = 0;
  let known = 0;
  if (column.type === 'number') {
    for (const value of column.values) if (!Number.isNaN(value)) mean += (value - mean) / ++known;
  }
  return { gaps: counted[0], known: counted[1], mean, counts: counted.subarray(2) };
}

/** For rows distributed over ranks. */
function splitTotals(columns: readonly Column[], rows: SplitRows): ColumnTotals[] {
  const places: number[] = [];
  let length = 0;
  for (const column of columns) {
    places.push(length);
    length += 2 + widthOf(column);
  }
  const counted = new Float64Array(length);
  rows.sum(counted, (_, from, to, part) => {
    columns.forEach((column, k) => {
      count(column, from, to, part, places[k]);
    });
  });
  const means = new Float64Array(columns.length);
  rows.sum(means, (_, from, to, part) => {
    columns.forEach((column, k) => {
      if (column.type !== 'number') return;
      const known = counted[places[k] + 1];
      for (let i = from; i < to; i++) if (!Number.isNaN(column.values[i])) part[k] += column.values[i] / known;
    });
  });
  return columns.map((column, k) => ({
    gaps: counted[places[k]],
    known: counted[places[k] + 1],
    mean: means[k],
    counts: counted.subarray(places[k] + 2, places[k] + 2 + widthOf(column)),
  }));
}

/** The most frequent level; the first one on ties. */
export const mode = ({ levels }: CategoryColumn, { counts }: ColumnTotals): string =>
  levels[counts.indexOf(counts.reduce((most, rows) => Math.max(most, rows), 0))];
