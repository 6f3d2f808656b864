import { CscMatrix, columnFacts, DenseMatrix, FACTS, type Matrix } from '@southwell/numerics/arrays';
import { fail, nearestName } from '@southwell/numerics/core';
import { placeByValue } from '../codes.ts';
import { type Column, type ColumnToRead, columnNamed, type NumberColumn, type Table } from '../table.ts';
import { type CategoryFeature, type Encoding, type NumberFeature, widthOf } from './encoding.ts';
import { inForm } from './forms.ts';
import type { EncodingTally } from './tally.ts';

/** @throws for a column that the encoding needs and the table lacks. */
function failAbsent(file: string, name: string, names: readonly string[]): never {
  const near = nearestName(name, names);
  fail(
    'INVALID_PARAMETER',
    `${file} lacks the column '${name}', with which the model was fitted${near ? `; '${near}' is the nearest` : ''}.`,
  );
}

/**
 * The columns that {@link applyEncoding} needs from a table with the given names: the features, and the target if
 * present. O(names + features).
 * @throws INVALID_PARAMETER for a missing feature.
 */
export function columnsToRead(encoding: Encoding, names: readonly string[], file: string): Map<string, ColumnToRead> {
  const known = new Set(names);
  const { target, features } = encoding;
  const wanted = new Map<string, ColumnToRead>();
  if (target && known.has(target.name))
    wanted.set(target.name, { type: target.classes || target.form ? 'category' : 'number' });
  for (const { name, type, ...feature } of features) {
    const { form, part } = feature as Pick<NumberFeature, 'form' | 'part'>;
    const source = part?.of ?? name;
    if (!known.has(source) && !known.has(name)) failAbsent(file, source, names);
    // Words, which are read in the form of the fit.
    if (form || (part && known.has(source))) wanted.set(source, { type: 'category' });
    else wanted.set(name, { type, ...(type === 'number' && { required: 'was numeric when the model was fitted' }) });
  }
  return wanted;
}

/** The columns of the encoding, looked up by name in the table and converted to the types of the encoding. */
export function matchColumns(table: Table, encoding: Encoding): Column[] {
  return encoding.features.map((feature) => {
    const of = feature.type === 'number' && feature.part ? feature.part.of : feature.name;
    const column = columnNamed(table, feature.name) ?? columnNamed(table, of);
    if (!column) {
      failAbsent(
        table.name,
        of,
        table.columns.map((candidate) => candidate.name),
      );
    }
    if (feature.type === 'number') {
      const formed = inForm(table, column, feature);
      if (formed) return formed;
    }
    if (feature.type === 'number' && column.type !== 'number') {
      const level = column.levels.find((text) => !Number.isFinite(Number(text))) ?? column.levels[0];
      fail(
        'INVALID_FORMAT',
        `${table.name}: column '${column.name}' was numeric when the model was fitted, but has "${level}" in it.`,
      );
    }
    // Levels such as 1, 2, 3 may have been read as numbers in this table.
    return feature.type === 'category' && column.type === 'number' ? spelledOf(column) : column;
  });
}

/** A column of numbers as a category: the words of the file, if they are known. */
export const spelledOf = ({ name, values, written }: NumberColumn): Column =>
  written ? { name, type: 'category', ...written } : spelled(name, values);

export function spelled(name: string, values: Float64Array): Column {
  const index = new Map<number, number>();
  const codes = Int32Array.from(values, (value) => {
    if (Number.isNaN(value)) return -1;
    if (!index.has(value)) index.set(value, index.size);
    return index.get(value)!;
  });
  return { name, type: 'category', codes, levels: [...index.keys()].map(String) };
}

export function isMissing(column: Column, row: number): boolean {
  return column.type === 'number' ? Number.isNaN(column.values[row]) : column.codes[row] < 0;
}

/** Properties of a numeric column, found in one pass. */
interface Look {
  /** Whether no value is missing or infinite. */
  readonly finite: boolean;
  /** Number of non-zero values. */
  readonly filled: number;
}

/** Scans each column at most once, for all uses of its properties. */
export class Looks {
  private readonly seen = new Map<Column, Look>();

  of(column: NumberColumn): Look {
    let look = this.seen.get(column);
    if (!look) {
      look = lookAt(column.values);
      this.seen.set(column, look);
    }
    return look;
  }

  /** Whether no value is missing or infinite; also false if unknown. */
  finite(column: Column): boolean {
    return column.type === 'number' && this.of(column).finite;
  }
}

function lookAt(values: Float64Array): Look {
  const facts = columnFacts(values);
  return { finite: facts[FACTS.finite] === 0, filled: facts[FACTS.filled] };
}

/**
 * The usable rows: all (undefined) or, under 'drop-rows', those without a missing value, which may be none. Messages
 * count rows from 1.
 * @param remedies Ways to handle a missing value, for the error message.
 * @throws NON_FINITE, naming row and column, under 'error'.
 */
export function usableRows(
  table: Table,
  columns: readonly Column[],
  missing: Encoding['missing'],
  looks: Looks,
  spell: Spell = inCode,
  remedies: (spell: Spell) => string = ofFeatures,
): Int32Array | undefined {
  const lost = new Uint8Array(table.rows);
  let count = 0;
  for (const column of columns) {
    if (looks.finite(column)) continue;
    for (let i = 0; i < table.rows; i++) {
      if (!isMissing(column, i)) continue;
      if (missing === 'error') {
        fail(
          'NON_FINITE',
          `${table.name}: column '${column.name}' has no value in row ${i + 1 + (table.before ?? 0)}. ${remedies(spell)}`,
        );
      }
      if (!lost[i]) count++;
      lost[i] = 1;
    }
  }
  if (count === 0) return undefined;
  const kept = new Int32Array(table.rows - count);
  for (let i = 0, k = 0; i < table.rows; i++) if (!lost[i]) kept[k++] = i;
  return kept;
}

/** How a message spells an option, with the value that it advises. */
export type Spell = (option: string, value?: string) => string;

const inCode: Spell = (option, value) => (value === undefined ? option : `${option}: '${value}'`);

const ofFeatures = (spell: Spell): string =>
  `Give ${spell('missing', 'mean')} to fill such gaps, ${spell('missing', 'drop-rows')} to leave these rows out, or leave the column out.`;

/** Missing targets cannot be imputed. */
export const ofTarget = (spell: Spell): string =>
  `It is to be predicted, and is not filled in: give ${spell('missing', 'drop-rows')} to leave such rows out.`;

/** @throws NON_FINITE, naming row and column, for an infinite value in a usable row. */
export function checkFinite(
  table: Table,
  columns: readonly Column[],
  rows: Int32Array | undefined,
  looks: Looks,
): void {
  const count = rows ? rows.length : table.rows;
  for (const column of columns) {
    if (column.type !== 'number' || looks.finite(column)) continue;
    for (let k = 0; k < count; k++) {
      const i = rows ? rows[k] : k;
      if (Math.abs(column.values[i]) !== Number.POSITIVE_INFINITY) continue;
      fail(
        'NON_FINITE',
        `${table.name}: column '${column.name}' holds ${column.values[i]} in row ${i + 1 + (table.before ?? 0)}. Correct it, or leave the row ` +
          'or the column out.',
      );
    }
  }
}

/** For each level of the data, its column within the feature; −1 for the baseline and −2 for an unknown level. */
function levelColumns(feature: CategoryFeature, levels: readonly string[]): Int32Array {
  const index = new Map(feature.levels.map((level, k) => [level, k]));
  const { baseline } = feature;
  const byValue = placeByValue(baseline === undefined ? feature.levels : [...feature.levels, baseline]);
  return Int32Array.from(levels, (level) => {
    const exact = index.get(level);
    if (exact !== undefined) return exact;
    if (level === baseline) return -1;
    // If a categorical column was read as numbers.
    const place = byValue(level) ?? -2;
    return place === feature.levels.length ? -1 : place;
  });
}

export interface Part {
  readonly feature: NumberFeature | CategoryFeature;
  readonly column: Column;
  /** First column in the matrix, and number of columns. */
  readonly start: number;
  readonly width: number;
  /** See {@link levelColumns}. */
  readonly target?: Int32Array;
}

/** Assigns the features to adjacent columns, and tallies levels that are not in the encoding. */
export function layOut(columns: readonly Column[], encoding: Encoding, tally?: EncodingTally): Part[] {
  let start = 0;
  return encoding.features.map((feature, k) => {
    const column = columns[k];
    const width = widthOf(feature);
    const part: Part = { feature, column, start, width };
    start += width;
    if (feature.type === 'number' || column.type === 'number') return part;
    const target = levelColumns(feature, column.levels);
    const unknown = column.levels.filter((_, level) => target[level] === -2);
    if (unknown.length > 0) tally?.sawLevels(column.name, unknown);
    return { ...part, target };
  });
}

/** The matrix column in which a row of a category has its 1, or −1 if there is none. */
function hot(part: Part, row: number): number {
  const column = part.column as Extract<Column, { type: 'category' | 'text' }>;
  const feature = part.feature as CategoryFeature;
  const code = column.codes[row];
  const filled = () => {
    if (feature.indicator) return feature.levels.length;
    return feature.fill === undefined ? -1 : feature.levels.indexOf(feature.fill);
  };
  const k = code >= 0 ? part.target![code] : filled();
  return k < 0 ? -1 : part.start + k;
}

function numberAt(part: Part, row: number): number {
  const value = (part.column as Extract<Column, { type: 'number' }>).values[row];
  const { fill } = part.feature as NumberFeature;
  return Number.isNaN(value) && fill !== undefined ? fill : value;
}

/** Whether the missingness indicator of a numeric feature is 1 in a row. */
const marked = (part: Part, row: number): boolean =>
  part.feature.type === 'number' && part.feature.indicator === true && isMissing(part.column, row);

/** Counts the non-zero entries of the matrix, stopping at `enough`. */
export function countEntries(
  parts: readonly Part[],
  rows: number,
  at: (i: number) => number,
  looks?: Looks,
  enough = Number.POSITIVE_INFINITY,
): number {
  let count = 0;
  for (const part of parts) {
    if (count >= enough) break;
    if (looks?.finite(part.column) && part.feature.type === 'number') {
      const { values } = part.column as NumberColumn;
      if (values.length === rows) {
        count += looks.of(part.column as NumberColumn).filled;
        continue;
      }
    }
    for (let i = 0; i < rows; i++) {
      if (part.feature.type === 'number' ? numberAt(part, at(i)) !== 0 : hot(part, at(i)) >= 0) count++;
      if (marked(part, at(i))) count++;
    }
  }
  return count;
}

export function assembleDense(
  parts: readonly Part[],
  cols: number,
  rows: number,
  at: (i: number) => number,
  looks: Looks,
): DenseMatrix {
  const X = DenseMatrix.create(rows, cols, { fill: false });
  let written = 0;
  for (const part of parts) {
    written = part.start + part.width;
    if (part.feature.type === 'number') {
      const to = X.column(part.start);
      const { values } = part.column as NumberColumn;
      const { fill = Number.NaN } = part.feature;
      const whole = values.length === rows && looks.finite(part.column);
      if (whole) to.set(values);
      else
        for (let i = 0; i < rows; i++) {
          const value = values[at(i)];
          to[i] = Number.isNaN(value) ? fill : value;
        }
      if (!part.feature.indicator) continue;
      const mark = X.column(part.start + 1);
      for (let i = 0; i < rows; i++) mark[i] = marked(part, at(i)) ? 1 : 0;
    } else {
      const { data } = X;
      data.fill(0, part.start * rows, written * rows);
      for (let i = 0; i < rows; i++) {
        const j = hot(part, at(i));
        if (j >= 0) data[j * rows + i] = 1;
      }
    }
  }
  X.data.fill(0, written * rows);
  return X;
}

export function assembleSparse(parts: readonly Part[], cols: number, rows: number, at: (i: number) => number): Matrix {
  const X = CscMatrix.create(rows, cols, countEntries(parts, rows, at));
  const { colPointers, rowIndices, values } = X;
  for (const part of parts) {
    let next = colPointers[part.start];
    if (part.feature.type === 'number') {
      for (let i = 0; i < rows; i++) {
        const value = numberAt(part, at(i));
        if (value === 0) continue;
        rowIndices[next] = i;
        values[next++] = value;
      }
      colPointers[part.start + 1] = next;
      if (!part.feature.indicator) continue;
      for (let i = 0; i < rows; i++) {
        if (!marked(part, at(i))) continue;
        rowIndices[next] = i;
        values[next++] = 1;
      }
      colPointers[part.start + 2] = next;
      continue;
    }
    const first = next;
    const counts = new Int32Array(part.width + 1);
    for (let i = 0; i < rows; i++) {
      const j = hot(part, at(i));
      if (j >= 0) counts[j - part.start + 1]++;
    }
    for (let k = 0; k < part.width; k++) {
      counts[k + 1] += counts[k];
      colPointers[part.start + k + 1] = first + counts[k + 1];
    }
    for (let i = 0; i < rows; i++) {
      const j = hot(part, at(i));
      if (j < 0) continue;
      const to = first + counts[j - part.start]++;
      rowIndices[to] = i;
      values[to] = 1;
    }
  }
  return X;
}
