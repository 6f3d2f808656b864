import type { CscMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';

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
  /** One double a row; NaN is a missing value. */
  readonly values: Float64Array;
  /** See {@link CategoryColumn}. */
  readonly why?: string;
}

export interface CategoryColumn {
  readonly name: string;
  /** 'text' where there are more than two spellings, and more than one for two rows (identifiers, remarks), else 'category'. */
  readonly type: 'category' | 'text';
  /** One index into `levels` a row; −1 is a missing value. */
  readonly codes: Int32Array;
  /** The distinct spellings, as in the file: in numerical order if all are numbers, else in code-unit order. */
  readonly levels: readonly string[];
  /** Why the reader took it for what it is, a phrase; absent where the file itself says so. */
  readonly why?: string;
}

export type Column = NumberColumn | CategoryColumn;

/** What a file held. Either `columns` or, for matrices that are mostly zeros, `sparse`. */
export interface Table {
  /** File name, for messages. */
  readonly name: string;
  readonly format: Format;
  readonly rows: number;
  /** Empty where the data are a sparse matrix. */
  readonly columns: readonly Column[];
  /** The names of the rows, where a first column without a name has one for each: no data, unless it is named. */
  readonly index?: Column;
  /** Where rows are images: their pixels are the first columns, by rows, channels beside each other. */
  readonly images?: { readonly height: number; readonly width: number; readonly channels: number };
  /** Of an array of more than two dimensions: its sizes. A row has all of its first index, the last index fastest. */
  readonly shape?: readonly number[];
  /** Of a block of a file, or of a rank's part: the rows before it. */
  readonly before?: number;
  /** Of a rank's part: the rows of all ranks together. */
  readonly all?: number;
  readonly sparse?: { readonly X: CscMatrix; readonly y?: Float64Array };
  /** Whatever the reader decided for the user and they may want to know, one sentence each. */
  readonly notes: readonly string[];
}

export interface ReadOptions {
  /** Else from the content, with the extension as a hint. */
  format?: Format;
  /** For messages and, by its extension, the format. Default: the File's own name, else "data". */
  name?: string;
  /** CSV: whether the first line holds names. Default 'auto'. */
  header?: 'auto' | boolean;
  /** CSV: one character; ' ' stands for runs of blanks. Default 'auto' (among , ; tab and blanks). */
  delimiter?: string;
  /** CSV: the decimal mark of numbers. Default 'auto': a comma where numbers are so written from the beginning of the file. */
  decimal?: 'auto' | '.' | ',';
  /** CSV: spellings of a missing value, instead of {@link DEFAULT_MISSING}. */
  missing?: readonly string[];
  /** CSV: column types to take instead of the detected ones; 'text' for all. */
  types?: Readonly<Record<string, Column['type']>> | 'text';
  /** LIBSVM: whether indices count from 0. Default 'auto': only if index 0 occurs, as in scikit-learn. */
  zeroBased?: 'auto' | boolean;
  /** Pictures: the height and width that all are given. Default: they are to have one. */
  resize?: readonly [height: number, width: number];
  /** Called after every piece of the file: compressed bytes read so far, rows so far. */
  onProgress?: (bytesRead: number, rows: number) => void;
  signal?: AbortSignal;
  /** How notes call these options. Default: by their names here. */
  spell?: (option: string) => string;
}

export const DEFAULT_MISSING: readonly string[] = ['', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'null', 'NULL', '-', '?', '.'];

/** What a column is to be read as. `required`: the end of the sentence that refuses one of other values, after its name. */
export interface ColumnToRead {
  readonly type: 'number' | 'category';
  readonly required?: string;
}

/**
 * Says which columns to read of a file, and as what, by all their names.
 * @throws where one is missing.
 */
export type ChooseColumns = (names: readonly string[], file: string) => ReadonlyMap<string, ColumnToRead>;

/** A column by its name, that of the rows' names too. */
export const columnNamed = (table: Table, name: string): Column | undefined =>
  table.columns.find((column) => column.name === name) ?? (table.index?.name === name ? table.index : undefined);

/** What a parser gets to report through. */
export interface ReadContext {
  readonly name: string;
  readonly options: ReadOptions;
  readonly notes: string[];
  /** Bytes of the file, where known and not compressed. */
  readonly size?: number;
  progress(rows: number): void;
}

/**
 * A category column with its levels in order; `codes` is changed in place. O(rows + levels log levels).
 * @param known How many values there are, where `codes` are some of them.
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
  // Levels that do not even come twice on average tell nothing that could be estimated.
  const text = type ? type === 'text' : found.length > Math.max(2, known / 2);
  const texts = found.length === 1 ? '1 text' : `${found.length} texts`;
  const why = type
    ? 'as asked'
    : text
      ? `${texts} in ${known} rows: few repeat`
      : `${texts}${known > found.length ? (found.length === 1 ? ' that repeats' : ' that repeat') : ''}`;
  return { name, type: text ? 'text' : 'category', codes, levels: order.map((k) => found[k]), why };
}

/** How many codes are of values that are there. */
export function valuesIn(codes: Int32Array): number {
  let known = 0;
  for (let i = 0; i < codes.length; i++) if (codes[i] >= 0) known++;
  return known;
}

/** Columns to read: their names, or what chooses them; default: all. */
export type Wanted = readonly string[] | ChooseColumns | undefined;

/**
 * Where the wanted columns are.
 * @throws INVALID_PARAMETER for a name that is not there.
 */
export function columnIndices(names: readonly string[], wanted: Wanted, file: string): number[] {
  const at = new Map(names.map((name, j) => [name, j]));
  const chosen = typeof wanted === 'function' ? [...wanted(names, file).keys()] : (wanted ?? names);
  return chosen.map((name) => at.get(name) ?? fail('INVALID_PARAMETER', `${file} has no column '${name}'.`));
}

/** Makes names unique by a suffix _2, _3 …; returns the sentence to note, if any was changed. */
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
