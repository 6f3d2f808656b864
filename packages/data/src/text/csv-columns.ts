import { isCode } from '../codes.ts';
import { decideForm, type FormEvidence, formsIn, type NumberForm, numberIn } from '../forms.ts';
import type { Column, NumberColumn, ReadOptions } from '../table.ts';
import { categoryColumn } from '../table.ts';
import type { Layout } from './csv-layout.ts';
import type { Dictionary } from './dictionary.ts';
import { hasThousands, isNothing, numbersOf } from './number-words.ts';
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
  /** How many have separators of thousands, the first one, and whether none of them can be a decimal mark. */
  readonly thousands?: { readonly count: number; readonly word: string; readonly certain: boolean };
  /** The largest absolute value of other numbers; only if there are texts, or several parts. */
  readonly most?: number;
  /** How many are words for missing values, and the first one. */
  readonly nothings?: { readonly count: number; readonly word: string };
  /** The first distinct values that are nothing of all that. */
  readonly words?: readonly string[];
  /** Values with units, and dates. */
  readonly forms?: FormEvidence;
  readonly western: boolean;
  /** The first values that are not numbers, with their rows. */
  readonly others: readonly string[];
  readonly first?: FirstText;
}

/** The type of a column, decided from all rows. */
export interface ColumnDecision {
  readonly as: 'number' | 'category' | 'none';
  /** Whether some numbers have separators of thousands. */
  readonly thousands?: boolean;
  /** How its numbers are written, if not as plain numbers. */
  readonly form?: NumberForm;
  readonly why: string;
  readonly known: number;
}

/** Information besides the evidence that decides types. */
export interface About {
  readonly layout: Pick<Layout, 'names' | 'header' | 'unnamed' | 'mark'>;
  readonly spell?: (option: string) => string;
  readonly options?: Pick<ReadOptions, 'decimal' | 'dateOrder'>;
}

/** From this fraction of numbers on, a column is numeric, and its other values become missing. */
export const MOSTLY = 0.9;
const EXAMPLES = 3;

/** Fraction of numbers from which on texts among them are named, and how many distinct ones. */
const RATHER = 0.75;
const NAMED = 3;

/**
 * The evidence of the rows of a part, after `before` other rows, about their columns. O(cells + levels).
 * @param parts Whether there are other parts.
 */
export const evidenceOf = (
  columns: readonly RawColumn[],
  { layout: { mark } }: About,
  before: number,
  parts = false,
): ColumnEvidence[] =>
  columns.map(({ data, dictionary, first, typed, ...column }): ColumnEvidence => {
    if (!dictionary) {
      const { known, whole: commas } = column;
      const facts = { known, numbers: known, fractions: commas < data.length, commas };
      const most = parts ? { most: largest(data) } : {};
      return { texts: false, ...facts, ...most, western: false, others: [] };
    }
    const { words, utf8 } = dictionary.words();
    const counts = new Int32Array(words.length);
    for (const code of data) if (code >= 0) counts[code]++;
    const known = counts.reduce((sum, count) => sum + count, 0);
    const found = { texts: true, fractions: false, western: !utf8, ...(first && { first }), known };
    if (typed !== undefined) return { ...found, numbers: 0, commas: 0, others: [] };
    const values = numbersOf(words, mark);
    // With decimal commas, a number with a point is not a number, but 7 and 7.0 are the same value.
    const whole = mark === POINT ? numbersOf(words, COMMA) : [];
    const fits = values.map((v, k) => (Number.isNaN(v) ? !Number.isNaN(whole[k] ?? Number.NaN) : v === Math.floor(v)));
    const sum = (of: (k: number) => boolean) => counts.reduce((total, count, k) => total + (of(k) ? count : 0), 0);
    const other = (k: number) => Number.isNaN(values[k]);
    const thousands = words.map((word, k) => other(k) && hasThousands(word, mark));
    const nothing = words.map((word, k) => other(k) && isNothing(word));
    const [grouped, none] = [thousands.indexOf(true), nothing.indexOf(true)];
    const forms = formsIn(
      words,
      counts.map((count, k) => (other(k) && !thousands[k] && !nothing[k] ? count : 0)),
    );
    const [comma, code] = [words.find((word) => /^[+-]?\d*,\d+$/.test(word)), words.find(isCode)];
    return {
      ...{ ...found, numbers: sum((k) => !other(k)), commas: sum((k) => fits[k]) },
      ...(comma !== undefined && { comma }),
      ...(code !== undefined && { code }),
      ...(grouped >= 0 && {
        thousands: {
          ...{ count: sum((k) => thousands[k]), word: words[grouped] },
          certain: words.some((word, k) => thousands[k] && !/^[+-]?\d{1,3}[.,]\d{3}$/.test(word)),
        },
      }),
      ...(none >= 0 && { nothings: { count: sum((k) => nothing[k]), word: words[none] } }),
      ...(forms && { forms }),
      most: largest(values),
      words: words.filter((_, k) => other(k) && !thousands[k] && !nothing[k]).slice(0, NAMED + 1),
      others: examplesOf(data, before, (k) => other(k) && !nothing[k] && words[k]),
    };
  });

/** The largest absolute value. */
function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]) > most) most = Math.abs(values[i]);
  return most;
}

/** The first values that are no numbers, with their rows. */
function examplesOf(codes: ArrayLike<number>, before: number, word: (code: number) => string | false): string[] {
  const others: string[] = [];
  for (let i = 0; i < codes.length && others.length < EXAMPLES; i++) {
    const text = codes[i] >= 0 && word(codes[i]);
    if (text !== false) others.push(`${JSON.stringify(text.slice(0, 40))} in row ${before + i + 1}`);
  }
  return others;
}

/**
 * Decides the column types from the evidence of all parts, in row order, with notes. Independent of how the rows are
 * divided into parts.
 */
export function decideColumns(
  parts: ReadonlyArray<readonly ColumnEvidence[]>,
  typed: ReadonlyArray<Column['type'] | undefined>,
  { layout: { names, header, mark }, spell = (name) => name, options = {} }: About,
): { readonly columns: ColumnDecision[]; readonly notes: string[] } {
  const notes: string[] = [];
  const columns = names.map((name, j): ColumnDecision => {
    const all = parts.map((part) => part[j]);
    const sum = (of: 'known' | 'numbers' | 'commas') => all.reduce((total, one) => total + one[of], 0);
    const known = sum('known');
    const grouped = groupedIn(all);
    const numbers = sum('numbers') + (grouped?.count ?? 0);
    const nothings = all.flatMap((one) => one.nothings ?? []);
    const none = numbers > 0 ? nothings.reduce((total, { count }) => total + count, 0) : 0;
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
    const separators = mark === COMMA ? 'points' : 'commas';
    const told = () => {
      if (grouped) notes.push(`Column '${name}' has thousands separated by ${separators}, as in "${grouped.word}".`);
      if (none > 0) {
        const what = none === 1 ? 'one value,' : `${none} values such as`;
        notes.push(`Column '${name}': ${what} "${nothings[0].word}"${none === 1 ? ', counts' : ' count'} as missing.`);
      }
    };
    const thousands = grouped !== undefined;
    if (free && numbers > 0 && numbers + none === known) {
      told();
      return {
        as: 'number',
        why: thousands ? `all numbers, thousands separated by ${separators}` : 'all numbers',
        known,
        thousands,
      };
    }
    if (free && numbers < known && numbers / (known - none) >= MOSTLY) {
      told();
      const others = all.flatMap((one) => one.others).slice(0, EXAMPLES);
      const count = known - none - numbers;
      const more = count > others.length ? ` and ${count - others.length} more` : '';
      // Rounded down, so that less than all is never shown as 100.
      const percent = Math.floor((1000 * numbers) / (known - none)) / 10;
      const are = `${percent} % are; ${count === 1 ? 'one value is not a number and counts' : `${count} values are not numbers and count`}`;
      const why = `${are} as missing, ${others.join(', ')}${more}`;
      notes.push(`Column '${name}' is numeric: ${why}.`);
      return { as: 'number', why, known, thousands };
    }
    const formed = free
      ? decideForm(
          name,
          all.flatMap((one) => one.forms ?? []),
          known - nothings.reduce((total, { count }) => total + count, 0),
          {
            ...{ decimal: mark === COMMA ? ',' : '.', dateOrder: options.dateOrder, spell },
            asked: options.decimal === '.' || options.decimal === ',',
          },
        )
      : undefined;
    if (formed) notes.push(formed.note);
    if (formed?.form) return { as: 'number', form: formed.form, why: formed.why!, known };
    notes.push(...textNotes(name, all, { known, numbers, free, mark, spell }));
    return { as: 'category', why: '', known };
  });
  if (parts.some((part) => part.some((one) => one.western))) {
    notes.push('Some texts are not valid UTF-8 and were read as Windows-1252.');
  }
  return { columns, notes };
}

/** Notes on a column that is taken as text, although some of its values are numbers. */
function textNotes(
  name: string,
  all: readonly ColumnEvidence[],
  about: {
    readonly known: number;
    readonly numbers: number;
    readonly free: boolean;
    readonly mark: number;
    readonly spell: (option: string) => string;
  },
): string[] {
  const { known, numbers, free, mark, spell } = about;
  const notes: string[] = [];
  const at = all.findIndex((one) => one.first);
  const first = all[at]?.first;
  const words = [...new Set(all.flatMap((one) => one.words ?? []))].map((word) => word.slice(0, 40));
  const advice =
    free && numbers >= RATHER * known && words.length <= NAMED
      ? `${Math.floor((100 * numbers) / known)} % of its values are numbers: ${spell('missing')} ${words.join(',')} counts ${words.map((word) => JSON.stringify(word)).join(', ')} as missing.`
      : undefined;
  if (first && (first.numbers || all.slice(0, at).some((one) => one.known > 0))) {
    const where = `line ${first.line}${first.file === undefined ? '' : ` of ${first.file}`}`;
    const because = `Column '${name}' is a category because ${where} has ${first.shown} in it`;
    notes.push(advice === undefined ? `${because}.` : `${because}; ${advice}`);
  } else if (advice !== undefined) notes.push(`Column '${name}' is a category, but ${advice}`);
  const comma = free && mark === POINT ? all.find((one) => one.comma !== undefined)?.comma : undefined;
  const commas = all.reduce((total, one) => total + one.commas, 0);
  if (comma !== undefined && commas / known >= MOSTLY) {
    notes.push(
      `Column '${name}' seems to have decimal commas, as in "${comma}", but was read as text: ${spell('decimal')} , reads numbers.`,
    );
  }
  return notes;
}

/**
 * Numbers with separators of thousands, unless the separator may be a decimal mark: other numbers between 100 and 1000,
 * and none above, say that it is not.
 */
function groupedIn(all: readonly ColumnEvidence[]): { readonly count: number; readonly word: string } | undefined {
  const parts = all.flatMap(({ thousands }) => thousands ?? []);
  const most = all.reduce((max, one) => Math.max(max, one.most ?? 0), 0);
  if (parts.length === 0 || !(parts.some(({ certain }) => certain) || (most >= 100 && most < 1000))) return undefined;
  return { count: parts.reduce((sum, { count }) => sum + count, 0), word: parts[0].word };
}

/** A numeric column, by the decision. O(rows + levels). */
export function numberColumn(
  { name, data, dictionary }: RawColumn,
  { why, thousands, form }: ColumnDecision,
  mark: number,
): NumberColumn {
  const told = { why, ...(form && { form }) };
  if (!dictionary) return { name, type: 'number', values: data as Float64Array, ...told };
  const { words } = dictionary.words();
  const numbers = form ? words.map((word) => numberIn(word, form)) : numbersOf(words, mark, thousands);
  const codes = data as Int32Array;
  return {
    name,
    type: 'number',
    values: Float64Array.from(codes, (code) => (code < 0 ? Number.NaN : numbers[code])),
    ...told,
    ...(form && { written: { codes, levels: words } }),
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
