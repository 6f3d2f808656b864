import { CscMatrix, type Matrix } from '@southwell/numerics/arrays';
import { fail, inOnePlace, rowsAmong, type SplitRows } from '@southwell/numerics/core';
import { placeByValue } from '../codes.ts';
import type { CategoryColumn, Column, Table } from '../table.ts';
import {
  assembleDense,
  assembleSparse,
  checkFinite,
  countEntries,
  isMissing,
  Looks,
  layOut,
  matchColumns,
  ofTarget,
  type Spell,
  spelledOf,
  usableRows,
} from './assemble.ts';
import {
  type CategoryFeature,
  columnNames,
  columnOf,
  columnShift,
  type Encoding,
  type NumberFeature,
} from './encoding.ts';
import { targetInForm } from './forms.ts';
import { checkProducts, fillProducts, productNames } from './products.ts';
import { EncodingTally } from './tally.ts';
import { type ColumnTotals, mode, totalsOf } from './totals.ts';

export interface DesignOptions {
  /** Name of the column to predict. Not needed if the file has labels of its own (LIBSVM). */
  target?: string;
  /** Feature columns, in this order. Default: all but the target. */
  features?: readonly string[];
  /** Columns to drop. */
  drop?: readonly string[];
  /** Encoding of categories: one-hot, a 0/1 column for each level. */
  categorical?: 'one-hot';
  /** Drop the first level of each category (treatment coding), for unpenalised models. Default false. */
  dropFirst?: boolean;
  /**
   * Missing values: 'error'; 'drop-rows'; 'mean', which imputes the column mean (the most frequent level of a
   * category); or 'indicator', which imputes the mean (no level) and adds, for each feature with missing values, a
   * column that is 1 where they are missing. Default 'error'.
   */
  missing?: Encoding['missing'];
  /** 2: append pairwise interactions of columns of different features. Dense matrices only. */
  interactions?: 2;
  /** How messages refer to these options. Default: by their names here. */
  spell?: Spell;
  /**
   * Distribution of the rows over ranks, if the table is the part of one rank: properties of columns are then over all
   * rows, while X and y hold the rows of this rank. Default: all rows are local.
   */
  rows?: SplitRows;
  /** Whether X is sparse. Default 'auto': if a matrix with at least 10⁵ entries has less than a fifth non-zero. */
  sparse?: boolean | 'auto';
}

export interface Design {
  readonly X: Matrix;
  /** Numbers, or indices into `classes`. Absent if there is no target. */
  readonly y?: Float64Array;
  /** The levels of a categorical target, as spelled in the file. */
  readonly classes?: readonly string[];
  readonly featureNames: readonly string[];
  readonly encoding: Encoding;
  /** Indices into the table's rows of the rows of X, if some were dropped. */
  readonly rows?: Int32Array;
  /** Distribution of the rows of X over ranks, which follows that of the table. */
  readonly spread: SplitRows;
  readonly notes: readonly string[];
}

/**
 * The design matrix and target to which a model is fitted. Text columns (identifiers) are left out, with a note, unless
 * they are named. O(rows × columns).
 * @throws INVALID_PARAMETER for unknown names, suggesting the nearest; NON_FINITE for missing values under 'error' and
 * for infinite ones; EMPTY if no column or row is left.
 */
export function designMatrix(table: Table, options: DesignOptions = {}): Design {
  if (table.sparse) return sparseDesign(table, options);
  const {
    target,
    features,
    drop = [],
    dropFirst = false,
    missing = 'error',
    interactions,
    spell,
    rows: split = inOnePlace(table.rows),
  } = options;
  const sparse = interactions ? false : (options.sparse ?? 'auto');
  const notes: string[] = [];
  const y = target === undefined ? undefined : columnOf(table, target, 'target');
  for (const name of drop) columnOf(table, name, 'columns to leave out');
  const twice = features?.find((name, k) => features.indexOf(name) < k);
  if (twice !== undefined) fail('INVALID_PARAMETER', `'${twice}' is named twice among the features.`);
  let used = features
    ? features.map((name) => columnOf(table, name, 'features'))
    : table.columns.filter((column) => column !== y && column.type !== 'text');
  used = used.filter((column) => !drop.includes(column.name));
  if (y && used.includes(y)) fail('INVALID_PARAMETER', `'${target}' cannot be both the target and a feature.`);
  if (!features) {
    const texts = table.columns.filter(
      (column) => column.type === 'text' && column !== y && !drop.includes(column.name),
    );
    if (texts.length > 0)
      notes.push(
        `Text columns were left out: ${texts.map((column) => column.name).join(', ')}. If named among the features, they are used, with a column for each text.`,
      );
  }
  if (used.length === 0)
    fail(
      'EMPTY',
      `${table.name}: no column is left to predict ${target === undefined ? '' : `'${target}' `}from. A model needs at least one feature.`,
    );
  // Targets cannot be imputed: under 'mean' a missing target is still an error.
  const looks = new Looks();
  if (y) usableRows(table, [y], missing === 'drop-rows' ? missing : 'error', looks, spell, ofTarget);
  const rows = fills(missing) ? undefined : usableRows(table, y ? [...used, y] : used, missing, looks, spell);
  // Collective: called on all ranks, whether or not rows were dropped here.
  const spread = rowsAmong(split, rows ?? allRows(table.rows));
  const [all, left] = [split.all, spread.all];
  if (left === 0 && left < all) fail('EMPTY', `${table.name}: every row has a missing value, so no row is left.`);
  if (left < all) notes.push(`${all - left} of ${all} rows lack a value and were left out.`);
  checkFinite(table, y ? [...used, y] : used, rows, looks);
  const totals = fills(missing) ? totalsOf(used, split) : undefined;
  const described = used.map((column, k) => describe(column, dropFirst, missing, table, totals?.(k)));
  if (interactions) checkProducts(table.name, described, left);
  const names = described.flatMap(columnNames);
  const featureNames = interactions ? [...names, ...productNames(described, names)] : names;
  const draft: Encoding = {
    version: 1,
    kind: 'columns',
    features: described,
    featureNames,
    missing,
    sparse: sparse === true,
    ...(table.indexBase !== undefined && { indexBase: table.indexBase }),
    ...(interactions && { interactions }),
    target: y
      ? { name: y.name, ...(y.type !== 'number' ? { classes: y.levels } : y.form && { form: y.form }) }
      : undefined,
  };
  const built = build(table, used, draft, sparse, rows, looks, spread);
  return {
    ...built,
    y: y && targetValues(y, rows),
    classes: draft.target?.classes,
    featureNames,
    encoding: { ...draft, sparse: built.X.kind === 'csc' },
    rows,
    spread,
    notes,
  };
}

function allRows(count: number): Int32Array {
  const list = new Int32Array(count);
  for (let i = 0; i < count; i++) list[i] = i;
  return list;
}

/**
 * The design matrix for new data: columns are looked up by name in any order, and others are ignored; unknown levels
 * become zeros, with a note. The target is read too if the table has it. If every row lacks a value, the result has no
 * rows.
 * @param tally For blocks of one table: collects the notes, which are then left to the caller.
 * @throws INVALID_PARAMETER for a missing column, INVALID_FORMAT for texts where there were numbers.
 */
export function applyEncoding(table: Table, encoding: Encoding, tally?: EncodingTally): Design {
  const counts = tally ?? new EncodingTally();
  const design = encoding.kind === 'matrix' ? toMatrix(table, encoding, counts) : toColumns(table, encoding, counts);
  return { ...design, notes: tally ? [] : counts.notes(table.name, encoding.featureNames.length) };
}

/**
 * The encoding with gaps filled by the means and most frequent levels of the rows of this table, such as the training
 * rows of a fold. Collective, if the rows are distributed. O(rows × columns).
 * @param rows Distribution of the rows of the table over ranks.
 * @throws EMPTY for a column without values.
 */
export function refilled(table: Table, encoding: Encoding, rows: SplitRows = inOnePlace(table.rows)): Encoding {
  const columns = matchColumns(table, encoding);
  const totals = totalsOf(columns, rows);
  return {
    ...encoding,
    features: encoding.features.map((feature, k) => {
      const column = columns[k];
      const found = totals(k);
      if (found.known === 0) {
        fail(
          'EMPTY',
          `${table.name}: column '${feature.name}' has no values in the training rows of a fold. Leave it out.`,
        );
      }
      return feature.type === 'number'
        ? { ...feature, fill: found.mean }
        : { ...feature, fill: mode(column as CategoryColumn, found) };
    }),
  };
}

/** Whether a feature of an encoding lacks a value in some row of a table. O(rows × columns). */
export function hasGaps(table: Table, encoding: Encoding): boolean {
  if (table.sparse) return false;
  return matchColumns(table, encoding).some((column) => {
    const { length } = column.type === 'number' ? column.values : column.codes;
    for (let i = 0; i < length; i++) if (isMissing(column, i)) return true;
    return false;
  });
}

function toColumns(table: Table, encoding: Encoding, tally: EncodingTally): Omit<Design, 'notes'> {
  const columns = matchColumns(table, encoding);
  const looks = new Looks();
  const rows = fills(encoding.missing) ? undefined : usableRows(table, columns, encoding.missing, looks);
  tally.sawRows(table.rows, rows ? table.rows - rows.length : 0);
  checkFinite(table, columns, rows, looks);
  const spread = inOnePlace(rows ? rows.length : table.rows);
  const { X } = build(table, columns, encoding, encoding.sparse, rows, looks, spread, tally);
  const y = table.columns.find((column) => column.name === encoding.target?.name);
  return {
    X,
    y: y && knownTarget(y, encoding, rows, tally),
    classes: encoding.target?.classes,
    featureNames: encoding.featureNames,
    encoding,
    rows,
    spread,
  };
}

const fills = (missing: Encoding['missing']): boolean => missing === 'mean' || missing === 'indicator';

function describe(
  column: Column,
  dropFirst: boolean,
  missing: Encoding['missing'],
  table: Table,
  filled: ColumnTotals | undefined,
): NumberFeature | CategoryFeature {
  const { name } = column;
  const indicator = missing === 'indicator' && filled && filled.gaps > 0 ? { indicator: true as const } : undefined;
  if (column.type === 'number') {
    const { form, part } = column;
    const written = { ...(form && { form }), ...(part && { part }) };
    if (!filled) return { name, type: 'number', ...written };
    if (filled.known === 0) {
      fail('EMPTY', `${table.name}: column '${name}' has no values at all, so it has no mean. Leave it out.`);
    }
    return { name, type: 'number', ...written, fill: filled.mean, ...indicator };
  }
  if (column.levels.length === 0) fail('EMPTY', `${table.name}: column '${name}' has no values at all. Leave it out.`);
  const levels = dropFirst ? column.levels.slice(1) : column.levels;
  return {
    name,
    type: 'category',
    levels,
    ...(dropFirst && { baseline: column.levels[0] }),
    ...(filled && { fill: mode(column, filled) }),
    ...indicator,
  };
}

function build(
  table: Table,
  columns: readonly Column[],
  encoding: Encoding,
  sparse: boolean | 'auto',
  kept: Int32Array | undefined,
  looks: Looks,
  spread: SplitRows,
  tally?: EncodingTally,
): { X: Matrix } {
  const rows = kept ? kept.length : table.rows;
  const at = kept ? (i: number) => kept[i] : (i: number) => i;
  const cols = encoding.featureNames.length;
  const parts = layOut(columns, encoding, tally);
  let asSparse = sparse === true;
  const { all } = spread;
  if (sparse === 'auto' && all * cols >= 1e5) {
    const enough = 0.2 * all * cols;
    const own = countEntries(parts, rows, at, looks, enough);
    const entries = spread.tell(own).reduce((sum, count) => sum + count, 0);
    asSparse = entries < enough;
  }
  if (asSparse) return { X: assembleSparse(parts, cols, rows, at) };
  const X = assembleDense(parts, cols, rows, at, looks);
  if (encoding.interactions) fillProducts(X, encoding.features);
  return { X };
}

function targetValues(y: Column, rows: Int32Array | undefined): Float64Array {
  const all = y.type === 'number' ? y.values : y.codes;
  return rows ? Float64Array.from(rows, (i) => all[i]) : Float64Array.from(all);
}

/** The target of new data in terms of the model's classes; NaN if it is missing or an unknown class. */
function knownTarget(
  y: Column,
  encoding: Encoding,
  rows: Int32Array | undefined,
  tally: EncodingTally,
): Float64Array | undefined {
  const classes = encoding.target?.classes;
  if (!classes) {
    const numbers = targetInForm(y, encoding.target?.form);
    return numbers && (rows ? Float64Array.from(rows, (i) => numbers[i]) : Float64Array.from(numbers));
  }
  if (y.type === 'number' && y.written) return knownTarget(spelledOf(y), encoding, rows, tally);
  const index = new Map(classes.map((label, k) => [label, k]));
  // However the column was read.
  const byValue = placeByValue(classes);
  const label = (i: number): string | undefined => {
    if (isMissing(y, i)) return undefined;
    return y.type === 'number' ? String(y.values[i]) : y.levels[y.codes[i]];
  };
  const length = rows ? rows.length : y.type === 'number' ? y.values.length : y.codes.length;
  const unknown = new Map<string, number>();
  const found = Float64Array.from({ length }, (_, i) => {
    const text = label(rows ? rows[i] : i);
    if (text === undefined) return Number.NaN;
    const known = index.get(text) ?? byValue(text);
    if (known === undefined) unknown.set(text, (unknown.get(text) ?? 0) + 1);
    return known ?? Number.NaN;
  });
  if (unknown.size > 0) tally.sawClasses(y.name, unknown);
  return found;
}

function sparseDesign(table: Table, options: DesignOptions): Design {
  const { X, y } = table.sparse!;
  if (options.interactions) {
    fail(
      'NOT_SUPPORTED',
      `${table.name} is a sparse matrix, and products of its columns would not be: ${(options.spell ?? ((name) => name))('interactions')} requires a table of columns.`,
    );
  }
  if (options.target !== undefined || options.features || options.drop?.length) {
    fail(
      'NOT_SUPPORTED',
      `${table.name} is a matrix without column names${y ? ' and has labels of its own' : ''}: leave out target, features and drop.`,
    );
  }
  const featureNames = Array.from({ length: X.cols }, (_, j) => `x${j + 1}`);
  const encoding: Encoding = {
    ...{ version: 1, kind: 'matrix', features: [], featureNames, missing: 'error', sparse: true },
    ...(table.indexBase !== undefined && { indexBase: table.indexBase }),
  };
  const { rows: spread = inOnePlace(X.rows) } = options;
  return { X, y, featureNames, encoding, spread, notes: [] };
}

/** A LIBSVM file ends at its last non-zero column, so new data may be narrower or wider than the model. */
function toMatrix(table: Table, encoding: Encoding, tally: EncodingTally): Omit<Design, 'notes'> {
  if (!table.sparse) {
    fail('INVALID_FORMAT', `${table.name} is a table with columns, but the model was fitted to a sparse matrix file.`);
  }
  const { X: given, y } = table.sparse;
  const cols = encoding.featureNames.length;
  const shift = columnShift(table, encoding);
  let X: CscMatrix = given;
  if (shift > 0 || given.cols !== cols) {
    const kept = Math.min(cols - shift, given.cols);
    const nnz = given.colPointers[kept];
    X = CscMatrix.create(given.rows, cols, nnz);
    X.colPointers.fill(nnz);
    X.colPointers.fill(0, 0, shift);
    X.colPointers.set(given.colPointers.subarray(0, kept + 1), shift);
    X.rowIndices.set(given.rowIndices.subarray(0, nnz));
    X.values.set(given.values.subarray(0, nnz));
  }
  tally.sawRows(given.rows, 0);
  tally.sawColumns(given.cols + shift);
  return { X, y, featureNames: encoding.featureNames, encoding, spread: inOnePlace(X.rows) };
}
