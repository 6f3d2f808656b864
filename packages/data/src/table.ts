import type { CscMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import type { DatePart, NumberForm } from './forms.ts';

export type Format =
  | 'csv'
  | 'libsvm'
  | 'matrix-market'
  | 'npy'
  | 'npz'
  | 'parquet'
  | 'text'
  | 'idx'
  | 'picture'
  | 'ply'
  | 'pcd'
  | 'xyz'
  | 'netcdf';

export interface NumberColumn {
  readonly name: string;
  readonly type: 'number';
  /** One double per row; NaN is a missing value. */
  readonly values: Float64Array;
  /** See {@link CategoryColumn}. */
  readonly why?: string;
  /** How its numbers are written in the file, if not as plain numbers. */
  readonly form?: NumberForm;
  /** The words of the file, if it has a form: an index into `levels` per row, −1 for a missing value. */
  readonly written?: { readonly codes: Int32Array; readonly levels: readonly string[] };
  /** What it is of the dates of another column. */
  readonly part?: DatePart;
}

export interface CategoryColumn {
  readonly name: string;
  /**
   * 'text' if there are more than two distinct values and more than one for every two rows (identifiers, remarks),
   * otherwise 'category'.
   */
  readonly type: 'category' | 'text';
  /** One index into `levels` per row; −1 is a missing value. */
  readonly codes: Int32Array;
  /**
   * The distinct values as spelled in the file: in numerical order if all are numbers, otherwise in code-unit order.
   */
  readonly levels: readonly string[];
  /** A phrase that says why the reader chose this type; absent if the file declares it. */
  readonly why?: string;
}

export type Column = NumberColumn | CategoryColumn;

/** The contents of a file: either `columns` or, for matrices that are mostly zeros, `sparse`. */
export interface Table {
  /** File name, for messages. */
  readonly name: string;
  readonly format: Format;
  readonly rows: number;
  /** Empty if the data are a sparse matrix. */
  readonly columns: readonly Column[];
  /**
   * Row names: a first column without a name that has a distinct value in each row. Not data, unless it is requested by
   * name.
   */
  readonly index?: Column;
  /** If rows are images: their size. The first columns are the pixels, in row-major order with interleaved channels. */
  readonly images?: { readonly height: number; readonly width: number; readonly channels: number };
  /**
   * The shape of an array with more than two dimensions. A row has all elements of one first index, with the last index
   * varying fastest.
   */
  readonly shape?: readonly number[];
  /** For a block of a file or the part of a rank: the number of rows before it. */
  readonly before?: number;
  /** For the part of a rank: the number of rows of all ranks together. */
  readonly all?: number;
  readonly sparse?: { readonly X: CscMatrix; readonly y?: Float64Array };
  /** LIBSVM: the index of the first column. */
  readonly indexBase?: 0 | 1;
  /** Decisions of the reader that the user may want to know, one sentence each. */
  readonly notes: readonly string[];
}

export interface ReadOptions {
  /** Default: detected from the content, with the extension as a hint. */
  format?: Format;
  /** Name for messages, whose extension is a hint to the format. Default: the File's own name, otherwise "data". */
  name?: string;
  /** CSV: whether the first line contains names. Default 'auto'. */
  header?: 'auto' | boolean;
  /**
   * CSV: number of lines to skip at the beginning. Default: lines that begin with # if they have other numbers of fields
   * than the lines after them.
   */
  skip?: number;
  /** CSV: one character; ' ' stands for runs of blanks. Default 'auto' (among , ; | tab and blanks). */
  delimiter?: string;
  /** CSV: the decimal mark. Default 'auto': a comma if numbers at the beginning of the file are written so. */
  decimal?: 'auto' | '.' | ',';
  /** CSV: spellings of a missing value, instead of {@link DEFAULT_MISSING}. */
  missing?: readonly string[];
  /** CSV: column types that override the detected ones; 'text' for all. */
  types?: Readonly<Record<string, Column['type']>> | 'text';
  /** CSV: whether the day or the month is first in dates such as 01/02/2024. Default: as all values of a column allow. */
  dateOrder?: 'dmy' | 'mdy';
  /** CSV: makes columns of the parts of dates: year, month, day, weekday and hour. Default false: days or seconds. */
  dateParts?: boolean;
  /** LIBSVM: whether indices count from 0. Default 'auto': only if index 0 occurs, as in scikit-learn. */
  zeroBased?: 'auto' | boolean;
  /** Pictures: height and width to which all are resized. Default: all pictures must have the same size. */
  resize?: readonly [height: number, width: number];
  /**
   * On ranks with files of their own: all rows of a file stay on the rank that reads it, and none of their values is sent,
   * apart from the texts of columns that are no numbers. Default false: rows are spread evenly.
   */
  stay?: boolean;
  /** Called after every piece of the file with the number of (compressed) bytes and of rows read so far. */
  onProgress?: (bytesRead: number, rows: number) => void;
  signal?: AbortSignal;
  /** How notes refer to these options. Default: by their names here. */
  spell?: (option: string) => string;
}

export const DEFAULT_MISSING: readonly string[] = ['', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'null', 'NULL', '-', '?', '.'];

/**
 * The type as which a column is to be read. `required`: the end of the sentence that rejects other values, after the
 * name of the column.
 */
export interface ColumnToRead {
  readonly type: 'number' | 'category';
  readonly required?: string;
}

/**
 * Chooses the columns of a file to read, and their types, given all names.
 * @throws if one is missing.
 */
export type ChooseColumns = (names: readonly string[], file: string) => ReadonlyMap<string, ColumnToRead>;

/** A column by its name, including that of the row names. */
export const columnNamed = (table: Table, name: string): Column | undefined =>
  table.columns.find((column) => column.name === name) ?? (table.index?.name === name ? table.index : undefined);

/** The context of a parser: options and callbacks. */
export interface ReadContext {
  readonly name: string;
  readonly options: ReadOptions;
  readonly notes: string[];
  /** Size of the file in bytes, if known and not compressed. */
  readonly size?: number;
  progress(rows: number): void;
}

/**
 * A category column with its levels sorted; `codes` is modified in place. O(rows + levels log levels).
 * @param known Number of values that are not missing, if `codes` are only a part of them.
 */
export function categoryColumn(
  name: string,
  codes: Int32Array,
  found: readonly string[],
  type?: string,
  known = valuesIn(codes),
): CategoryColumn {
  const numeric = found.every((level) => level.trim() !== '' && Number.isFinite(Number(level)));
  const order = found.map((_, k) => k);
  order.sort((a, b) =>
    numeric ? Number(found[a]) - Number(found[b]) || (found[a] < found[b] ? -1 : 1) : found[a] < found[b] ? -1 : 1,
  );
  const rank = new Int32Array(found.length);
  order.forEach((k, r) => {
    rank[k] = r;
  });
  for (let i = 0; i < codes.length; i++) if (codes[i] >= 0) codes[i] = rank[codes[i]];
  // Nothing can be estimated about levels that occur less than twice on average.
  const text = type ? type === 'text' : found.length > Math.max(2, known / 2);
  const texts = found.length === 1 ? '1 text' : `${found.length} texts`;
  const why = type
    ? 'as asked'
    : text
      ? `${texts} in ${known} rows: few repeat`
      : `${texts}${known > found.length ? (found.length === 1 ? ' that repeats' : ' that repeat') : ''}`;
  return { name, type: text ? 'text' : 'category', codes, levels: order.map((k) => found[k]), why };
}

/** A column of dates or of amounts with units as the words of its file, for names of rows; others as they are. */
export const asWritten = (column: Column): Column =>
  column.type === 'number' && column.written
    ? categoryColumn(column.name, column.written.codes.slice(), column.written.levels, 'category')
    : column;

/** Number of codes that are not missing. */
export function valuesIn(codes: Int32Array): number {
  let known = 0;
  for (let i = 0; i < codes.length; i++) if (codes[i] >= 0) known++;
  return known;
}

/** Columns to read: their names, or a function that chooses them. Default: all. */
export type Wanted = readonly string[] | ChooseColumns | undefined;

/**
 * Indices of the wanted columns.
 * @throws INVALID_PARAMETER for an unknown name.
 */
export function columnIndices(names: readonly string[], wanted: Wanted, file: string): number[] {
  const at = new Map(names.map((name, j) => [name, j]));
  const chosen = typeof wanted === 'function' ? [...wanted(names, file).keys()] : (wanted ?? names);
  return chosen.map((name) => at.get(name) ?? fail('INVALID_PARAMETER', `${file} has no column '${name}'.`));
}

/** Makes names unique by suffixes _2, _3 …; returns a note if any was changed. */
export function uniqueNames(names: readonly string[]): { names: string[]; note?: string } {
  const taken = new Set(names);
  const seen = new Set<string>();
  const changed: string[] = [];
  const unique = names.map((name) => {
    let candidate = name;
    for (let k = 2; seen.has(candidate); k++) {
      if (!seen.has(`${name}_${k}`) && !taken.has(`${name}_${k}`)) candidate = `${name}_${k}`;
    }
    if (candidate !== name) changed.push(candidate);
    seen.add(candidate);
    return candidate;
  });
  if (changed.length === 0) return { names: unique };
  const some = changed.slice(0, 5).join(', ') + (changed.length > 5 ? ', …' : '');
  return { names: unique, note: `Column names occur more than once; the later ones became ${some}.` };
}
