import type { Column } from '../table.ts';
import { categoryColumn } from '../table.ts';
import type { Layout } from './csv-layout.ts';
import type { Dictionary } from './dictionary.ts';
import { COMMA, POINT } from './numbers.ts';

/** The first text in a column of numbers, which made it a category. */
export interface FirstText {
  readonly line: number;
  /** Name of the file, if there are several. */
  readonly file?: string;
  /** Index of its cell in row-major order. */
  readonly at: number;
  readonly shown: string;
  /** Whether numbers preceded it, whose spellings were not kept. */
  readonly numbers: boolean;
  /** Whether it contains a NUL byte. */
  readonly binary: boolean;
}

/** A column as read: numbers, or codes of a dictionary in order of appearance. */
export interface RawColumn {
  readonly name: string;
  /** The requested type. */
  readonly typed?: Column['type'];
  readonly data: Float64Array | Int32Array;
  readonly dictionary?: Dictionary;
  /** For numbers: how many are not NaN, and how many are integers or infinite. */
  readonly known: number;
  readonly whole: number;
  /** Whether its numbers were kept by value rather than by spelling. */
  readonly respelled: boolean;
  readonly first?: FirstText;
}

/**
 * Evidence of some rows about the type of a column, as plain data; the evidence of all rows follows from that of their
 * parts.
 */
export interface ColumnEvidence {
  readonly texts: boolean;
  readonly known: number;
  /** How many of the known values are numbers. */
  readonly numbers: number;
  /** Whether some values are not integers. */
  readonly fractions: boolean;
  /** How many would be numbers with decimal commas, and the first such text. */
  readonly commas: number;
  readonly comma?: string;
  /** The first value that is a code rather than an amount. */
  readonly code?: string;
  readonly western: boolean;
  /** The first values that are not numbers, with their rows. */
  readonly others: readonly string[];
  readonly first?: FirstText;
}

/** The type of a column, decided from all rows. */
export interface ColumnDecision {
  readonly as: 'number' | 'category' | 'none';
  readonly why: string;
  readonly known: number;
}

/** Information besides the evidence that decides types. */
export interface About {
  readonly layout: Pick<Layout, 'names' | 'header' | 'unnamed' | 'mark'>;
  readonly spell?: (option: string) => string;
}

/** From this fraction of numbers on, a column is numeric, and its other values become missing. */
export const MOSTLY = 0.9;
/** Spellings of infinity. */
export const INFINITE = /^([+-]?)inf(inity)?$/i;
const EXAMPLES = 3;

/**
 * Whether a number is written like a code: with leading zeros, or as a whole number of more digits than a double keeps,
 * so that different codes would be the same number.
 */
export const isCode = (word: string): boolean =>
  /^\d{2,}$/.test(word) && (word[0] === '0' || (word.length > 15 && String(Number(word)) !== word));

/** NaN for words that are not numbers. */
const numbersOf = (words: readonly string[], mark: number): number[] =>
  words.map((word) => {
    if (word.trim() === '' || (mark === COMMA && word.includes('.'))) return Number.NaN;
    const infinite = INFINITE.exec(word);
    if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return Number(mark === COMMA ? word.replace(',', '.') : word);
  });

/** The evidence of the rows of a part, after `before` other rows, about their columns. O(cells + levels). */
export const evidenceOf = (
  columns: readonly RawColumn[],
  { layout: { mark } }: About,
  before: number,
): ColumnEvidence[] =>
  columns.map(({ data, dictionary, first, typed, ...column }): ColumnEvidence => {
    if (!dictionary) {
      const { known, whole: commas } = column;
      const facts = { known, numbers: known, fractions: commas < data.length, commas };
      return { texts: false, ...facts, western: false, others: [] };
    }
    let [known, numbers, commas] = [0, 0, 0];
    const { words, utf8 } = dictionary.words();
    const found = { texts: true, fractions: false, western: !utf8, ...(first && { first }) };
    if (typed !== undefined) {
      for (const code of data) if (code >= 0) known++;
      return { ...found, known, numbers, commas, others: [] };
    }
    const values = numbersOf(words, mark);
    // With decimal commas, a number with a point is not a number, but 7 and 7.0 are the same value.
    const whole = mark === POINT ? numbersOf(words, COMMA) : [];
    const fits = values.map((v, k) => (Number.isNaN(v) ? !Number.isNaN(whole[k] ?? Number.NaN) : v === Math.floor(v)));
    const others: string[] = [];
    for (let i = 0; i < data.length; i++) {
      const code = data[i];
      if (code < 0) continue;
      known++;
      if (fits[code]) commas++;
      if (!Number.isNaN(values[code])) numbers++;
      else if (others.length < EXAMPLES) {
        others.push(`${JSON.stringify(words[code].slice(0, 40))} in row ${before + i + 1}`);
      }
    }
    const comma = words.find((word) => /^[+-]?\d*,\d+$/.test(word));
    const code = words.find(isCode);
    const examples = { ...(comma !== undefined && { comma }), ...(code !== undefined && { code }) };
    return { ...found, known, numbers, commas, ...examples, others };
  });

/**
 * Decides the column types from the evidence of all parts, in row order, with notes. Independent of how the rows are
 * divided into parts.
 */
export function decideColumns(
  parts: ReadonlyArray<readonly ColumnEvidence[]>,
  typed: ReadonlyArray<Column['type'] | undefined>,
  { layout: { names, header, mark }, spell = (name) => name }: About,
): { readonly columns: ColumnDecision[]; readonly notes: string[] } {
  const notes: string[] = [];
  const columns = names.map((name, j): ColumnDecision => {
    const all = parts.map((part) => part[j]);
    const sum = (of: 'known' | 'numbers' | 'commas') => all.reduce((total, one) => total + one[of], 0);
    const [known, numbers] = [sum('known'), sum('numbers')];
    const free = typed[j] === undefined;
    if (!all.some((one) => one.texts)) {
      if (header && name === `column${j + 1}` && known === 0) {
        notes.push(`Column ${j + 1} has neither a name nor values and was left out.`);
        return { as: 'none', why: '', known };
      }
      const commas = mark === COMMA && all.some((one) => one.fractions);
      const why = !free
        ? 'as asked'
        : known === 0
          ? 'no values'
          : commas
            ? 'all numbers, decimal commas'
            : 'all numbers';
      return { as: 'number', why, known };
    }
    const code = free && numbers === known ? all.find((one) => one.code !== undefined)?.code : undefined;
    if (code !== undefined) {
      // Amounts with fractions may be written with leading zeros.
      if (sum('commas') < known) return { as: 'number', why: 'all numbers', known };
      const why = code[0] === '0' ? 'leading zeros' : 'whole numbers beyond 2^53, which doubles would merge';
      notes.push(
        `Column '${name}' has codes rather than amounts: ${why}, as in "${code}". With ${spell('types')} ${name}=number it is numeric.`,
      );
      return { as: 'category', why: '', known };
    }
    if (free && numbers < known && numbers / known >= MOSTLY) {
      const others = all.flatMap((one) => one.others).slice(0, EXAMPLES);
      const count = known - numbers;
      const more = count > others.length ? ` and ${count - others.length} more` : '';
      // Rounded down, so that less than all is never shown as 100.
      const percent = Math.floor((1000 * numbers) / known) / 10;
      const are = `${percent} % are; ${count === 1 ? 'one value is not a number and counts' : `${count} values are not numbers and count`}`;
      const why = `${are} as missing, ${others.join(', ')}${more}`;
      notes.push(`Column '${name}' is numeric: ${why}.`);
      return { as: 'number', why, known };
    }
    const at = all.findIndex((one) => one.first);
    const first = all[at]?.first;
    if (first && (first.numbers || all.slice(0, at).some((one) => one.known > 0))) {
      notes.push(
        `Column '${name}' is a category because line ${first.line}${first.file === undefined ? '' : ` of ${first.file}`} has ${first.shown} in it.`,
      );
    }
    const comma = free && mark === POINT ? all.find((one) => one.comma !== undefined)?.comma : undefined;
    if (comma !== undefined && sum('commas') / known >= MOSTLY) {
      notes.push(
        `Column '${name}' seems to have decimal commas, as in "${comma}", but was read as text: ${spell('decimal')} , reads numbers.`,
      );
    }
    return { as: 'category', why: '', known };
  });
  if (parts.some((part) => part.some((one) => one.western))) {
    notes.push('Some texts are not valid UTF-8 and were read as Windows-1252.');
  }
  return { columns, notes };
}

/** A numeric column, by the decision. O(rows + levels). */
export function numberColumn(
  { name, data, dictionary }: RawColumn,
  { why }: ColumnDecision,
  mark: number,
): Column & { readonly type: 'number' } {
  if (!dictionary) return { name, type: 'number', values: data as Float64Array, why };
  const numbers = numbersOf(dictionary.words().words, mark);
  return {
    name,
    type: 'number',
    values: Float64Array.from(data as Int32Array, (code) => (code < 0 ? Number.NaN : numbers[code])),
    why,
  };
}

/**
 * A category, by the decision; `words` are those of all parts and `codes` those of this part, which are modified in
 * place.
 */
export const categoryOf = (
  { name, typed }: RawColumn,
  { known }: ColumnDecision,
  codes: Int32Array,
  words: readonly string[],
): Column => categoryColumn(name, codes, words, typed, known);

/** Separates the column of row names, if there is one, with notes on it and on text columns. */
export function withIndex(
  columns: readonly Column[],
  typed: ReadonlyMap<string, Column['type'] | undefined>,
  rows: number,
  named: boolean,
): { readonly columns: readonly Column[]; readonly index?: Column; readonly notes: string[] } {
  const notes: string[] = [];
  const [first] = columns;
  const rest = named ? columns.slice(1) : columns;
  for (const column of rest) {
    if (column.type !== 'text' || typed.get(column.name)) continue;
    notes.push(
      `Column '${column.name}' has ${column.levels.length} distinct texts in ${rows} rows and is taken as text, not as a category.`,
    );
  }
  if (!named) return { columns, notes };
  notes.push(
    `The first column has no name and all its values differ: it is taken as row names, not as data (to use it, name it '${first.name}').`,
  );
  const why = 'the first column, without a name, whose values all differ';
  return { columns: rest, index: { ...first, why }, notes };
}

/** Whether all numbers are distinct and none is missing. O(n), or O(n log n) if they are not increasing. */
export function numbersDiffer(values: Float64Array): boolean {
  // Row numbers increase, so that no sorting is needed.
  if (rises(values)) return true;
  const sorted = values.slice().sort();
  // NaN is sorted to the end.
  let differ = sorted.length > 0 && !Number.isNaN(sorted[sorted.length - 1]);
  for (let i = 1; differ && i < sorted.length; i++) differ = sorted[i] !== sorted[i - 1];
  return differ;
}

/** Whether the numbers are strictly increasing. */
export function rises(values: Float64Array): boolean {
  let rising = values.length > 0 && !Number.isNaN(values[0]);
  for (let i = 1; rising && i < values.length; i++) rising = values[i] > values[i - 1];
  return rising;
}
