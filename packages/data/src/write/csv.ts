import { concat } from '../io/source.ts';
import type { Column, Table } from '../table.ts';

/** Data to write: a table, or columns of numbers or texts by name (null or NaN is missing). */
export type Writable =
  | Pick<Table, 'columns'>
  | Readonly<Record<string, ArrayLike<number> | ReadonlyArray<string | number | null>>>;

interface Plain {
  readonly name: string;
  readonly length: number;
  at(row: number): string | number | null;
}

export function plainColumns(data: Writable): Plain[] {
  if (Array.isArray((data as Pick<Table, 'columns'>).columns)) {
    return ((data as Pick<Table, 'columns'>).columns as readonly Column[]).map((column) =>
      column.type === 'number'
        ? { name: column.name, length: column.values.length, at: (i) => column.values[i] }
        : {
            name: column.name,
            length: column.codes.length,
            at: (i) => (column.codes[i] < 0 ? null : column.levels[column.codes[i]]),
          },
    );
  }
  return Object.entries(data as Record<string, ArrayLike<string | number | null>>).map(([name, values]) => ({
    name,
    length: values.length,
    at: (i) => values[i],
  }));
}

/**
 * Writes CSV (RFC 4180, line feeds, a header) in UTF-8. Doubles are written in the shortest form that reads back the
 * same; missing values are empty. Columns must have equal length. O(cells).
 */
export function writeCsv(
  data: Writable,
  options: { delimiter?: string /** Default true. */; header?: boolean } = {},
): Uint8Array {
  const { delimiter = ',', header = true } = options;
  const columns = plainColumns(data);
  const rows = columns[0]?.length ?? 0;
  const quote = (text: string) =>
    text.includes(delimiter) || /["\r\n]|^\s|\s$|^$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const cell = (value: string | number | null) => {
    if (typeof value === 'string') return quote(value);
    if (value === null || value === undefined || Number.isNaN(value)) return '';
    return Object.is(value, -0) ? '-0' : String(value);
  };
  const parts: Uint8Array[] = [];
  const encoder = new TextEncoder();
  let text = header ? `${columns.map((column) => quote(column.name)).join(delimiter)}\n` : '';
  for (let i = 0; i < rows; i++) {
    const line = columns.map((column) => cell(column.at(i))).join(delimiter);
    // A line with a single missing value would be a blank line.
    text += line === '' ? '""\n' : `${line}\n`;
    if (text.length > 1 << 20) {
      parts.push(encoder.encode(text));
      text = '';
    }
  }
  parts.push(encoder.encode(text));
  return concat(parts);
}
