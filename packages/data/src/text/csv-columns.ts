import type { Column } from '../table.ts';
import { categoryColumn } from '../table.ts';
import type { Layout } from './csv-layout.ts';
import type { Dictionary } from './dictionary.ts';
import { COMMA, POINT } from './numbers.ts';

/** The text that made a category of a column of numbers. */
export interface FirstText {
  readonly line: number;
  /** Of which file, where there are several. */
  readonly file?: string;
  /** The number of its cell, along the rows. */
  readonly at: number;
  readonly shown: string;
  /** Numbers came before it, whose own spellings were not kept. */
  readonly numbers: boolean;
  /** It holds a NUL byte. */
  readonly binary: boolean;
}

/** A column as it was read: numbers, or codes of a dictionary in the order in which its words came. */
export interface RawColumn {
  readonly name: string;
  /** As asked. */
  readonly typed?: Column['type'];
  readonly data: Float64Array | Int32Array;
  readonly dictionary?: Dictionary;
  /** Where they are numbers: how many are no NaN, and how many are whole or infinite. */
  readonly known: number;
  readonly whole: number;
  /** Its numbers were kept by value. */
  readonly respelled: boolean;
  readonly first?: FirstText;
}

/** What some rows say of a column, as plain data: what all rows say follows from what their parts do. */
export interface ColumnEvidence {
  readonly texts: boolean;
  readonly known: number;
  /** How many of these are numbers. */
  readonly numbers: number;
  /** Not all values are whole numbers. */
  readonly fractions: boolean;
  /** How many would be numbers with decimal commas, and the first text that looks so. */
  readonly commas: number;
  readonly comma?: string;
  readonly western: boolean;
  /** The first values that are no numbers, with their rows. */
  readonly others: readonly string[];
  readonly first?: FirstText;
}

/** What a column is, by all rows. */
export interface ColumnDecision {
  readonly as: 'number' | 'category' | 'none';
  readonly why: string;
  readonly known: number;
}

/** What decides beside the evidence. */
export interface About {
  readonly layout: Pick<Layout, 'names' | 'header' | 'unnamed' | 'mark'>;
  readonly spell?: (option: string) => string;
}

/** From this share of numbers a column is one of numbers, and what else is in it is missing. */
export const MOSTLY = 0.9;
/** How a number that is not finite is written. */
export const INFINITE = /^([+-]?)inf(inity)?$/i;
const EXAMPLES = 3;

/** NaN for what is none. */
const numbersOf = (words: readonly string[], mark: number): number[] =>
  words.map((word) => {
    if (word.trim() === '' || (mark === COMMA && word.includes('.'))) return Number.NaN;
    const infinite = INFINITE.exec(word);
    if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return Number(mark === COMMA ? word.replace(',', '.') : word);
  });

/** What the rows of a part, after `before` others, say of their columns. O(cells + levels). */
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
    // A number with a point is none where commas are decimal, but as values 7 and 7.0 are one.
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
    return { ...found, known, numbers, commas, ...(comma !== undefined && { comma }), others };
  });

/**
 * What the columns are by the evidence of all parts, in the order of their rows, and what there is to say of that. The
 * same for however many parts.
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
    if (free && numbers < known && numbers / known >= MOSTLY) {
      const others = all.flatMap((one) => one.others).slice(0, EXAMPLES);
      const count = known - numbers;
      const more = count > others.length ? ` and ${count - others.length} more` : '';
      // Rounded down: it is not all of them.
      const percent = Math.floor((1000 * numbers) / known) / 10;
      const are = `${percent} % are; ${count === 1 ? 'one value is none and counts' : `${count} values are none and count`}`;
      const why = `${are} as missing, ${others.join(', ')}${more}`;
      notes.push(`Column '${name}' is one of numbers: ${why}.`);
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
        `Column '${name}' looks like decimal commas, as in "${comma}", but was read as texts: ${spell('decimal')} , reads numbers.`,
      );
    }
    return { as: 'category', why: '', known };
  });
  if (parts.some((part) => part.some((one) => one.western))) {
    notes.push('Some texts are not valid UTF-8 and were read as Windows-1252.');
  }
  return { columns, notes };
}

/** A column of numbers, by the decision. O(rows + levels). */
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

/** A category, by the decision; `words` are those of all parts and `codes` this part's, which are changed in place. */
export const categoryOf = (
  { name, typed }: RawColumn,
  { known }: ColumnDecision,
  codes: Int32Array,
  words: readonly string[],
): Column => categoryColumn(name, codes, words, typed, known);

/** Takes the column of the rows' names from the others, where there is one, with what there is to say of it and of texts. */
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
      `Column '${column.name}' has ${column.levels.length} distinct texts in ${rows} rows and is taken for text, not a category.`,
    );
  }
  if (!named) return { columns, notes };
  notes.push(
    `The first column has no name and all its values differ: it is taken for the names of the rows, not for data (named as '${first.name}' it is).`,
  );
  const why = 'the first column, without a name, whose values all differ';
  return { columns: rest, index: { ...first, why }, notes };
}

/** Whether no two numbers are alike, and none is missing. O(n), or O(n log n) where they do not rise. */
export function numbersDiffer(values: Float64Array): boolean {
  // Row numbers rise, and need no order.
  if (rises(values)) return true;
  const sorted = values.slice().sort();
  // A NaN comes last.
  let differ = sorted.length > 0 && !Number.isNaN(sorted[sorted.length - 1]);
  for (let i = 1; differ && i < sorted.length; i++) differ = sorted[i] !== sorted[i - 1];
  return differ;
}

/** Whether each number is larger than the one before. */
export function rises(values: Float64Array): boolean {
  let rising = values.length > 0 && !Number.isNaN(values[0]);
  for (let i = 1; rising && i < values.length; i++) rising = values[i] > values[i - 1];
  return rising;
}
