import { type CategoryColumn, type Column, categoryColumn } from '../table.ts';

/** Spelling of a whole number that a double holds exactly. */
export const wholeText = (value: number): string =>
  Number.isSafeInteger(value) ? String(value) : BigInt(value).toString();

/** Integers of an array that doubles round, by column and row. */
export class RoundedIntegers {
  private readonly columns = new Map<number, Map<number, bigint>>();

  add(row: number, column: number, value: bigint): void {
    let rows = this.columns.get(column);
    if (!rows) this.columns.set(column, (rows = new Map()));
    rows.set(row, value);
  }

  /** Adds those of an array with a single column. */
  adopt(other: RoundedIntegers, column: number): void {
    for (const [, rows] of other.columns) for (const [row, value] of rows) this.add(row, column, value);
  }

  /** The first one of each column that has some. */
  get firsts(): ReadonlyArray<readonly [column: number, value: string]> {
    return [...this.columns].map(([column, rows]) => [column, String(rows.values().next().value)]);
  }

  /** The values of a column as texts, in order of appearance, with the place of each row's text. */
  texts(column: number, values: Float64Array): { readonly codes: Int32Array; readonly levels: string[] } {
    const rows = this.columns.get(column);
    const places = new Map<string, number>();
    const codes = Int32Array.from(values, (value, row) => {
      const text = rows?.get(row)?.toString() ?? wholeText(value);
      if (!places.has(text)) places.set(text, places.size);
      return places.get(text)!;
    });
    return { codes, levels: [...places.keys()] };
  }

  /** The column as read: numbers, or codes of a category if doubles would merge some, with a note. O(rows). */
  column(name: string, column: number, values: Float64Array, notes: string[]): Column {
    const first = this.firsts.find(([j]) => j === column);
    if (!first) return { name, type: 'number', values };
    notes.push(roundedNote(name, first[1]));
    return this.category(name, column, values);
  }

  category(name: string, column: number, values: Float64Array): CategoryColumn {
    const { codes, levels } = this.texts(column, values);
    return categoryColumn(name, codes, levels);
  }
}

export const roundedNote = (name: string, value: string): string =>
  `Column '${name}' has codes rather than amounts: integers beyond 2^53, which doubles would merge, as in ${value}.`;
