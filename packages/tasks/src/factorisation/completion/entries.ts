import { asWritten, type Column, type Table } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import { observedMatrix, type Pattern } from 'southwell/factorisation';
import type { Spell } from '../../declaration/check.ts';
import { firstWord } from '../../declaration/targets.ts';
import { RequestError } from '../../errors.ts';
import { grouped } from '../../format.ts';

/** The columns of a table that contain the entries of a matrix. */
export interface EntryColumns {
  /** Columns of a table of entries; the first three by default. */
  readonly row?: string;
  readonly col?: string;
  readonly value?: string;
  readonly weights?: string;
  /** Whether the table is the matrix itself, with missing values. */
  readonly dense?: boolean;
}

export type Names = ReadonlyArray<string | number>;

/** Names of the columns of a table of entries. */
export interface Titles {
  readonly row: string;
  readonly col: string;
  readonly value: string;
}

export interface Entries {
  readonly rows: Names;
  readonly cols: Names;
  readonly row: Int32Array;
  readonly col: Int32Array;
  readonly value: Float64Array;
  readonly weight?: Float64Array;
  readonly titles: Titles;
  readonly notes: readonly string[];
}

/** Some of the entries as an observed matrix. */
export function matrixOf({ rows, cols, row, col }: Entries, which: Int32Array, values: Float64Array) {
  const pick = (from: Int32Array) => which.map((e) => from[e]);
  const v = Float64Array.from(which, (e) => values[e]);
  return observedMatrix(rows.length, cols.length, pick(row), pick(col), v);
}

/** Positions of the entries with non-zero weight. */
export function patternOf({ rows, cols, row, col, weight }: Entries): Pattern {
  const counts = weight ? (of: Int32Array) => of.filter((_, e) => weight[e] > 0) : (of: Int32Array) => of;
  return { rows: rows.length, cols: cols.length, row: counts(row), col: counts(col) };
}

/**
 * The entries that a table lists, a sparse matrix stores, or a matrix with missing values has.
 * @param counts Whether values are counts: repeated entries are then summed, and without a column of values each line
 * counts once.
 */
export function entriesOf(table: Table, request: EntryColumns, spell: Spell, counts = false): Entries {
  const { sparse, columns } = table;
  const named = [request.row, request.col, request.value].some((name) => name !== undefined);
  if (sparse) {
    if (named || request.dense) {
      throw new RequestError(
        `${table.name} is a sparse matrix, whose stored entries are the observed ones: it has no columns to name.`,
      );
    }
    const { X } = sparse;
    const col = new Int32Array(X.nnz);
    for (let j = 0; j < X.cols; j++) col.fill(j, X.colPointers[j], X.colPointers[j + 1]);
    return checked(table, counts, {
      rows: Array.from({ length: X.rows }, (_, i) => i + 1),
      cols: Array.from({ length: X.cols }, (_, j) => j + 1),
      row: X.rowIndices.slice(0, X.nnz),
      col,
      value: X.values.slice(0, X.nnz),
      titles: { row: 'row', col: 'col', value: 'value' },
      notes: [],
    });
  }
  const entries = request.dense ? denseEntries(table) : listedEntries(table, columns, request, spell, counts);
  return checked(table, counts, counts ? addedUp(entries) : entries);
}

/** Beyond these magnitudes the fourth powers of entries, which occur in errors and penalties, overflow or underflow. */
const [SMALL, LARGE] = [1e-75, 1e75];

/** Throws for entries whose powers overflow or underflow. */
function checkScale(table: Table, values: Float64Array): void {
  const largest = values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  if (largest === 0 || (largest > SMALL && largest < LARGE)) return;
  throw new RequestError(
    `The largest entry of ${table.name} is ${largest.toExponential(0)}, whose square overflows. Rescale the entries.`,
  );
}

function checked(table: Table, counts: boolean, entries: Entries): Entries {
  if (entries.value.length === 0) fail('EMPTY', `${table.name} has no observed entries.`);
  const seen = new Set<number>();
  for (let e = 0; e < entries.value.length; e++) {
    if (!Number.isFinite(entries.value[e])) {
      const { row, col } = entries.titles;
      throw new RequestError(
        `${table.name} holds ${entries.value[e]} for ${row} ${entries.rows[entries.row[e]]}, ${col} ${entries.cols[entries.col[e]]}: correct it, or leave it out.`,
      );
    }
    if (counts && entries.value[e] < 0) {
      const { row, col } = entries.titles;
      throw new RequestError(
        `${table.name} holds ${entries.value[e]} for ${row} ${entries.rows[entries.row[e]]}, ${col} ${entries.cols[entries.col[e]]}, but counts must be at least 0.`,
      );
    }
    const at = entries.row[e] * entries.cols.length + entries.col[e];
    if (seen.has(at)) {
      const { row, col } = entries.titles;
      throw new RequestError(
        `${table.name} has ${row} ${entries.rows[entries.row[e]]}, ${col} ${entries.cols[entries.col[e]]} twice: keep one of the values.`,
      );
    }
    seen.add(at);
  }
  checkScale(table, entries.value);
  return entries;
}

/** Sums repeated entries, at the position of the first. */
function addedUp(entries: Entries): Entries {
  const { rows, cols, row, col, value, notes } = entries;
  const at = new Map<number, number>();
  const kept: number[] = [];
  const sums: number[] = [];
  for (let e = 0; e < value.length; e++) {
    const pair = row[e] * cols.length + col[e];
    const before = at.get(pair);
    if (before !== undefined) sums[before] += value[e];
    else {
      at.set(pair, kept.length);
      kept.push(e);
      sums.push(value[e]);
    }
  }
  const more = value.length - kept.length;
  return {
    ...{ rows, cols, titles: entries.titles },
    row: Int32Array.from(kept, (e) => row[e]),
    col: Int32Array.from(kept, (e) => col[e]),
    value: Float64Array.from(sums),
    notes: more > 0 ? [...notes, `Repeated pairs are summed: ${grouped(more)} lines.`] : notes,
  };
}

/** An error for a column that should be numeric, with the first word and its row, counted from 1. */
export function noNumber(table: Table, column: Exclude<Column, { type: 'number' }>): RequestError {
  const first = firstWord(column);
  const what = first ? `"${first.word}" in row ${first.row}, which is not a number` : 'no values';
  return new RequestError(`Column '${column.name}' of ${table.name} holds ${what}.`);
}

/** A matrix with missing values; a first column that is not numeric contains row names. */
function denseEntries(table: Table): Entries {
  const [given, ...others] = table.columns;
  // Dates are names.
  const first = given && asWritten(given);
  const named = table.index === undefined && first !== undefined && first.type !== 'number';
  const label = table.index?.type !== 'number' ? (table.index ?? (named ? first : undefined)) : undefined;
  const columns = named ? others : table.columns;
  const [row, col, value]: [number[], number[], number[]] = [[], [], []];
  columns.forEach((column, j) => {
    if (column.type !== 'number') {
      throw noNumber(table, column);
    }
    column.values.forEach((v, i) => {
      if (Number.isNaN(v)) return;
      row.push(i);
      col.push(j);
      value.push(v);
    });
  });
  return {
    rows: Array.from({ length: table.rows }, (_, i) => (label ? (label.levels[label.codes[i]] ?? '') : i + 1)),
    cols: columns.map((column) => column.name),
    row: Int32Array.from(row),
    col: Int32Array.from(col),
    value: Float64Array.from(value),
    titles: { row: label?.name ?? 'row', col: 'col', value: 'value' },
    notes: [],
  };
}

/** A table with a row for each entry. */
function listedEntries(
  table: Table,
  columns: readonly Column[],
  request: EntryColumns,
  spell: Spell,
  counts: boolean,
): Entries {
  const find = (option: string, name: string | undefined, place: number): Column => {
    const column = name === undefined ? columns[place] : columns.find((c) => c.name === name);
    if (column) return column;
    const have = columns.map((c) => c.name).slice(0, 20);
    throw new RequestError(
      name === undefined
        ? counts
          ? `${table.name} has ${columns.length} column, but needs two: row and column.`
          : `${table.name} has ${columns.length} columns, but entries are listed in three: row, column, value. For a matrix with missing values give ${spell('dense', true)}.`
        : `${table.name} has no column '${name}' for ${spell(option)}; it has ${have.join(', ')}.`,
    );
  };
  const [rowColumn, colColumn] = [find('row', request.row, 0), find('col', request.col, 1)];
  const once = counts && request.value === undefined && columns[2]?.type !== 'number';
  const valueColumn = once ? undefined : find('value', request.value, 2);
  if (new Set([rowColumn, colColumn, valueColumn]).size < 3) {
    throw new RequestError(`${spell('row')}, ${spell('col')} and ${spell('value')} must be three columns.`);
  }
  const numbers = (column: Column): Float64Array => {
    if (column.type === 'number') return column.values;
    throw noNumber(table, column);
  };
  const values = valueColumn ? numbers(valueColumn) : new Float64Array(table.rows).fill(1);
  const valueTitle = valueColumn?.name ?? 'count';
  const weights = request.weights === undefined ? undefined : numbers(find('weights', request.weights, -1));
  const keep = Int32Array.from(values.keys()).filter((e) => !Number.isNaN(values[e]));
  if (weights) checkWeights(table, request.weights!, weights, keep);
  const gone = values.length - keep.length;
  const notes = gone > 0 ? [`Rows without a ${valueTitle} were left out: ${grouped(gone)}.`] : [];
  if (request.row === undefined && request.col === undefined && request.value === undefined) {
    notes.push(
      `Entries: ${rowColumn.name}, ${colColumn.name}${valueColumn ? `, ${valueColumn.name}` : ', each once'}.`,
    );
  }
  const [rows, cols] = [places(table, asWritten(rowColumn), keep), places(table, asWritten(colColumn), keep)];
  return {
    rows: rows.names,
    cols: cols.names,
    row: rows.codes,
    col: cols.codes,
    value: Float64Array.from(keep, (e) => values[e]),
    weight: weights && Float64Array.from(keep, (e) => weights[e]),
    titles: { row: rowColumn.name, col: colColumn.name, value: valueTitle },
    notes,
  };
}

/** Throws a sentence for a weight that is negative, infinite or missing, and if all are 0. */
function checkWeights(table: Table, name: string, weights: Float64Array, keep: Int32Array): void {
  const bad = keep.find((e) => !(weights[e] >= 0 && weights[e] < Number.POSITIVE_INFINITY));
  if (bad === undefined && keep.some((e) => weights[e] > 0)) return;
  if (bad === undefined)
    throw new RequestError(`${table.name}: all weights in '${name}' are 0: there is nothing to fit.`);
  const holds = Number.isNaN(weights[bad]) ? 'has no number' : `holds ${weights[bad]}`;
  throw new RequestError(
    `${table.name}: column '${name}' ${holds} in row ${bad + 1}, but weights must be finite and at least 0.`,
  );
}

/** The distinct names, in order, and the index of the name of each entry. */
function places(table: Table, column: Column, keep: Int32Array): { names: Names; codes: Int32Array } {
  const nameless = (e: number): never =>
    fail('NON_FINITE', `${table.name} has no ${column.name} in row ${e + 1}: fill it in, or leave the row out.`);
  if (column.type === 'number') {
    const names = [...new Set(Array.from(keep, (e) => column.values[e]))].sort((a, b) => a - b);
    const codes = new Map(names.map((name, k) => [name, k]));
    return {
      names,
      codes: keep.map((e) => (Number.isNaN(column.values[e]) ? nameless(e) : codes.get(column.values[e])!)),
    };
  }
  const used = [...new Set(keep.map((e) => (column.codes[e] < 0 ? nameless(e) : column.codes[e])))].sort(
    (a, b) => a - b,
  );
  const codes = new Map(used.map((level, k) => [level, k]));
  return { names: used.map((level) => column.levels[level]), codes: keep.map((e) => codes.get(column.codes[e])!) };
}
