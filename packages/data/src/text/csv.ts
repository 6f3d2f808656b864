// Over 400 lines: one automaton, whose states share their fields; cut up, each part would need all of them.
import { FACTS, NumberCells } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { ByteWindow, decodeText } from '../io/window.ts';
import {
  type ChooseColumns,
  type Column,
  type ColumnToRead,
  categoryColumn,
  columnIndices,
  DEFAULT_MISSING,
  type NumberColumn,
  type ReadContext,
} from '../table.ts';
import { type FirstText, INFINITE, MOSTLY, type RawColumn } from './csv-columns.ts';
import { csvLayout, type Layout, QUOTE } from './csv-layout.ts';
import { Dictionary } from './dictionary.ts';
import { COMMA, NO_MARK, scanNumber, scanned } from './numbers.ts';

/** A record longer than this has an unclosed quote or is no CSV. */
const MAX_RECORD = 256 << 20;
const BLOCK_CELLS = 1 << 15;

const NUMBER = 0;
const CATEGORY = 1;
/** The columns from one on, around the end of the line, that a call of the kernel should have. */
const CALL = [0, 1, 2];

/** Rows in the middle of a file, of which the bytes of these rows alone are fed. */
export interface CsvPart {
  readonly layout: Layout;
  /** Physical lines before the first of them. */
  readonly line: number;
  /** Rows before them. */
  readonly before: number;
  readonly rows: number;
}

/**
 * A CSV file (RFC 4180 and what is met in the wild) into typed columns, as its bytes arrive. Cells are parsed into a
 * block of rows that fits the cache, and the block is then spread over the columns.
 */
export class CsvReader {
  private readonly window = new ByteWindow();
  private readonly missing: Dictionary;
  private layout: Layout | undefined;
  private line = 0;
  /** Between the rows. */
  blankLines = 0;
  private trailingBlank = 0;
  private kinds = new Uint8Array(0);
  private alone = new Uint8Array(0);
  private dictionaries: Array<Dictionary | undefined> = [];
  private cells: NumberCells | undefined;
  private blockRows = 0;
  private inBlock = 0;
  private columns: Array<Float64Array | Int32Array> = [];
  private capacity = 0;
  private unescaped = new Uint8Array(64);
  private fieldEnd = 0;
  private fieldLines = 0;
  /** Of the rows in the columns, {@link FACTS}.width numbers a column. */
  private facts = new Float64Array(0);
  private firstText: Array<FirstText | undefined> = [];
  /** Whether some spelling of a missing value is a number's. */
  private missingNumbers = false;
  /** Rows in the columns. */
  rows = 0;
  private taken = 0;
  /** Where numbers alone are read: whether a column must hold them. */
  private wanted: boolean[] | undefined;
  /** Where columns are chosen: what they are to be, and which values they hold that are no numbers. */
  private chosen: ReadonlyMap<string, ColumnToRead> | undefined;
  private readonly dirty = new Map<number, Dirt>();
  /** Of the record in hand, which is read anew where it does not end in the window. */
  private readonly dirtInHand: Dirt[] = [];
  /** Columns in which a text came after numbers, so that the numbers' own spellings were not kept. */
  private readonly respelled = new Set<string>();

  /**
   * @param reading `categories`: names of columns to read as categories from the first row on; `numbers`: the columns for
   * {@link take}, which must be numbers; `choose`: those for it, which may be categories, too, and in which a few values
   * may be no numbers; `part`: rows from the middle of a file.
   * @throws INVALID_PARAMETER.
   */
  constructor(
    private readonly context: ReadContext,
    private readonly reading: {
      readonly categories?: ReadonlySet<string>;
      readonly numbers?: readonly string[] | 'all';
      readonly choose?: ChooseColumns;
      readonly part?: CsvPart;
    } = {},
  ) {
    const { delimiter, missing = DEFAULT_MISSING } = context.options;
    this.missing = Dictionary.of(missing);
    if (delimiter !== undefined && delimiter !== 'auto' && !/^[\t\x20-\x7e]$/.test(delimiter)) {
      fail(
        'INVALID_PARAMETER',
        `A delimiter is one character, such as "," or "\\t", not ${JSON.stringify(delimiter)}.`,
      );
    }
    if (delimiter === '"') fail('INVALID_PARAMETER', 'The delimiter cannot be the quotation mark.');
    const { part } = reading;
    if (!part) return;
    this.capacity = Math.max(1, part.rows);
    this.prepare(part.layout);
    this.line = part.line;
    this.taken = part.before;
  }

  /** Looks at the beginning of a file, as it comes, for the layout alone; without a chunk that is all there is. */
  look(chunk?: Uint8Array): Layout | undefined {
    if (chunk) this.append(chunk);
    if (!this.begin(chunk === undefined) && !chunk) this.unclosed();
    return this.layout;
  }

  feed(chunk: Uint8Array): void {
    this.append(chunk);
    this.parse(false);
  }

  private append(chunk: Uint8Array): void {
    this.window.append(chunk);
    if (this.window.used > MAX_RECORD) {
      this.bad(this.line + 1, 'is longer than 256 MiB: is a quotation mark not closed?');
    }
  }

  private unclosed(): never {
    this.bad(1, 'opens a quotation mark that is never closed.');
  }

  private bad(line: number, what: string): never {
    fail('INVALID_FORMAT', `${this.context.name}, line ${line} ${what}`);
  }

  private begin(final: boolean): boolean {
    const { bytes, used } = this.window;
    // Detection is better with some lines at hand.
    if (!final && used < 65536) return false;
    const layout = csvLayout(bytes, used, final, this.context);
    if (!layout) return false;
    const size = this.context.size;
    const perRow = Math.max(1, used - layout.dataStart) / Math.max(1, countLines(bytes, layout.dataStart, used));
    this.capacity = size ? Math.ceil((size / perRow) * 1.02) + 64 : 1024;
    this.prepare(layout);
    this.window.discard(layout.dataStart);
    return true;
  }

  private prepare(layout: Layout): void {
    const { names } = layout;
    this.context.notes.push(...layout.notes);
    this.layout = layout;
    this.line = layout.dataLine;
    const { missing = DEFAULT_MISSING } = this.context.options;
    this.missingNumbers = missing.some((word) => {
      const bytes = encoder.encode(`${word}\n`);
      return scanNumber(bytes, 0, layout.mark) === bytes.length - 1;
    });
    const cols = names.length;
    this.kinds = new Uint8Array(cols);
    this.dictionaries = new Array(cols).fill(undefined);
    this.firstText = new Array(cols).fill(undefined);
    this.blockRows = Math.max(1, Math.floor(BLOCK_CELLS / cols));
    this.facts = new Float64Array(FACTS.width * cols);
    const { types = {} } = this.context.options;
    for (const name of typeof types === 'string' ? [] : Object.keys(types)) {
      if (!names.includes(name)) {
        fail('INVALID_PARAMETER', `${this.context.name} has no column '${name}' to give a type to.`);
      }
    }
    const { categories, numbers, choose } = this.reading;
    this.chosen = choose?.(names, this.context.name);
    if (this.chosen) {
      this.wanted = names.map((name) => this.chosen!.has(name));
      names.forEach((name, j) => {
        if (this.chosen!.get(name)?.type === 'number') this.dirty.set(j, { name, good: 0, bad: 0, examples: [] });
      });
    } else if (numbers) {
      if (numbers !== 'all') columnIndices(names, numbers, this.context.name);
      this.wanted = names.map((name) => numbers === 'all' || numbers.includes(name));
    }
    names.forEach((name, j) => {
      const type = this.typeOf(name) ?? this.chosen?.get(name)?.type ?? 'number';
      const skipped = this.wanted?.[j] === false;
      if (!numbers && !skipped && (type !== 'number' || categories?.has(name))) {
        this.kinds[j] = CATEGORY;
        this.dictionaries[j] = new Dictionary();
      }
      this.columns.push(this.kinds[j] === CATEGORY ? new Int32Array(this.capacity) : new Float64Array(this.capacity));
    });
    this.settle();
  }

  /** Finds the columns of numbers that too few others follow for a call of the kernel. */
  private settle(): void {
    const { kinds } = this;
    this.alone = kinds.map((_, j) => (CALL.every((k) => kinds[(j + k) % kinds.length] === NUMBER) ? 0 : 1));
  }

  private parse(final: boolean): void {
    if (!this.layout && !this.begin(final)) {
      if (!final) return;
      this.unclosed();
    }
    // What a kernel reads is scratch: each piece leaves its rows in the columns.
    const { bytes, used } = this.window;
    const cells = new NumberCells(bytes.subarray(0, used + 1), this.kinds, this.blockRows);
    try {
      this.cells = cells;
      const record = this.records(cells, final);
      this.flush();
      cells.facts.forEach((fact, k) => {
        this.facts[k] += fact;
      });
      this.window.discard(Math.min(record, used));
    } finally {
      this.cells = undefined;
      cells.free();
    }
  }

  /** Reads the records of the window; gives where the first begins that is not whole. */
  private records(cells: NumberCells, final: boolean): number {
    // Long because it is one loop over bytes, whose place, line and column live in registers.
    const { kinds, blockRows } = this;
    const { bytes: b, used } = this.window;
    const cols = kinds.length;
    const { delimiter, mark } = this.layout!;
    const plain = delimiter === 44 && mark === COMMA ? NO_MARK : mark;
    // A run of blanks is one delimiter; a missing value must not be taken for the number that it looks like.
    const slow = delimiter === 32 || this.missingNumbers;
    const { values } = cells;
    let at = 0;
    /** Lines of the record that is being read. */
    let lines = 1;
    let j = 0;
    // The last field may be empty, at the very end.
    while (at < used || (final && j > 0)) {
      let c = b[at];
      let value = 0;
      let end = -1;
      if (j === 0) {
        cells.record = at;
        lines = 1;
        if (c === 10 || c === 13) {
          if (c === 13 && at + 1 === used && !final) break;
          at += c === 13 && b[at + 1] === 10 && at + 1 < used ? 2 : 1;
          this.line++;
          this.trailingBlank++;
          cells.record = at;
          continue;
        }
      }
      if (slow || kinds[j] !== NUMBER) {
        // See below.
      } else if (this.alone[j] === 1) {
        end = scanNumber(b, at, plain);
        if (end >= 0) {
          value = scanned[0];
          c = b[end];
          if (c !== delimiter && c !== 10 && c !== 13) end = -1;
        }
      } else {
        cells.at = at;
        cells.column = j;
        const before = cells.row;
        cells.read(delimiter, plain);
        const done = cells.row - before;
        if (done > 0) {
          // The first may have begun with texts of several lines.
          this.line += done - 1 + lines;
          this.counted();
          this.dirtInHand.length = 0;
          this.inBlock = cells.row;
          lines = 1;
          if (cells.row === blockRows) this.flush();
        }
        j = cells.column;
        if (cells.at !== at) {
          at = cells.at;
          if (j === 0) continue;
          if (at >= used && !final) break;
        }
      }
      if (end < 0) {
        value = this.field(at, j, final);
        end = this.fieldEnd;
        if (end < 0) break;
        lines += this.fieldLines;
        c = b[end];
      }
      if (end >= used - 1 && !final && (end >= used || c === 13)) break;
      if (j < cols) {
        values[j * blockRows + cells.row] = value;
      }
      at = end + 1;
      if (c === delimiter && end < used) {
        j++;
        continue;
      }
      if (c === 13 && b[at] === 10 && at < used) at++;
      this.line += lines;
      const found = j + 1;
      j = 0;
      const blank = found === 1 && cols !== 1 && isBlank(b, cells.record, at);
      if (found !== cols && !blank) this.unequal(found, this.line - lines + 1);
      cells.record = at;
      if (blank) {
        this.trailingBlank++;
        continue;
      }
      this.counted();
      this.dirtInHand.length = 0;
      this.inBlock = ++cells.row;
      if (cells.row === blockRows) this.flush();
    }
    // What was found in the record that is not whole is found once more.
    for (const dirt of this.dirtInHand) {
      dirt.bad--;
      if (dirt.examples.at(-1)?.row === this.row) dirt.examples.pop();
    }
    this.dirtInHand.length = 0;
    return cells.record;
  }

  /** A record came behind blank lines, before which there may have been others. */
  private counted(): void {
    if (this.trailingBlank === 0) return;
    if (this.taken + this.rows + this.inBlock > 0) this.blankLines += this.trailingBlank;
    this.trailingBlank = 0;
  }

  private unequal(found: number, line: number): never {
    const cols = this.kinds.length;
    const hint =
      found > cols
        ? 'Is a text with the delimiter in it not quoted?'
        : this.taken + this.rows + this.inBlock > 0
          ? 'Is the line cut off?'
          : 'Does the delimiter fit?';
    this.bad(line, `has ${found} field${found === 1 ? '' : 's'} where ${cols} were expected. ${hint}`);
  }

  /**
   * A field that is not simply a number and a delimiter. Sets fieldEnd to the byte behind it, or to −1 where the field
   * does not end in the window.
   */
  private field(start: number, j: number, final: boolean): number {
    const { bytes: b, used } = this.window;
    const delimiter = this.layout!.delimiter;
    let at = start;
    this.fieldLines = 0;
    while (b[at] === 32 || (b[at] === 9 && delimiter !== 9)) at++;
    let from = at;
    let to = at;
    let source = b;
    const quoted = b[at] === QUOTE;
    if (quoted) {
      let doubled = 0;
      from = ++at;
      for (; ; at++) {
        if (at >= used) {
          if (!final) {
            this.fieldEnd = -1;
            return 0;
          }
          this.bad(this.line + 1, `opens a quotation mark in ${this.place(j)} that is never closed.`);
        }
        const c = b[at];
        if (c === 10 || (c === 13 && b[at + 1] !== 10)) this.fieldLines++;
        if (c !== QUOTE) continue;
        if (b[at + 1] !== QUOTE || at + 1 >= used) break;
        doubled++;
        at++;
      }
      to = at++;
      if (doubled > 0) {
        source = this.unescape(from, to);
        to = to - from - doubled;
        from = 0;
      }
      while (b[at] === 32) at++;
    } else {
      while (b[at] !== delimiter && b[at] !== 10 && b[at] !== 13) at++;
      to = at;
      while (to > from && (b[to - 1] === 32 || b[to - 1] === 9)) to--;
    }
    if (delimiter === 32) {
      while (b[at] === 32) at++;
      // The blank before the next field is its delimiter.
      if (at < used && b[at] !== 10 && b[at] !== 13) at--;
    }
    if (at >= used && !final) {
      this.fieldEnd = -1;
      return 0;
    }
    if (quoted && at < used && b[at] !== delimiter && b[at] !== 10 && b[at] !== 13) {
      this.bad(
        this.line + this.fieldLines + 1,
        `has text behind the closing quotation mark of ${this.place(j)}. Write a quotation mark inside a text twice.`,
      );
    }
    this.fieldEnd = at;
    // A line of blanks is no row, and nothing of it a value of the first column.
    if (j === 0 && from === to && !quoted && this.kinds.length > 1 && (at >= used || b[at] !== delimiter)) return 0;
    return j < this.kinds.length ? this.value(source, from, to, j) : 0;
  }

  private unescape(from: number, to: number): Uint8Array<ArrayBuffer> {
    const b = this.window.bytes;
    if (this.unescaped.length <= to - from) this.unescaped = new Uint8Array((to - from) * 2);
    const out = this.unescaped;
    let k = 0;
    for (let i = from; i < to; i++) {
      out[k++] = b[i];
      if (b[i] === QUOTE) i++;
    }
    out[k] = 10;
    return out;
  }

  private value(b: Uint8Array, from: number, to: number, j: number): number {
    if (this.kinds[j] === NUMBER) {
      if (this.missingNumbers && this.missing.find(b, from, to) >= 0) return Number.NaN;
      if (from < to && scanNumber(b, from, this.layout!.mark) === to) return scanned[0];
      if (this.missing.find(b, from, to) >= 0) return Number.NaN;
      const text = decodeText(b.subarray(from, to)).text;
      const infinite = INFINITE.exec(text);
      if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      const binary = text.includes('\0');
      // Where another part of the file has a text before it, it is one more text.
      if (binary && (this.wanted || !this.reading.part)) this.bad(this.line + 1, BINARY);
      if (this.wanted?.[j] === false) return Number.NaN;
      const dirt = this.typeOf(this.layout!.names[j]) === undefined ? this.dirty.get(j) : undefined;
      if (dirt) {
        dirt.bad++;
        this.dirtInHand.push(dirt);
        if (dirt.examples.length < 3) dirt.examples.push({ text: JSON.stringify(text.slice(0, 40)), row: this.row });
        return Number.NaN;
      }
      this.becomeCategory(j, text, binary);
    } else if (this.missing.find(b, from, to) >= 0) return -1;
    const dictionary = this.dictionaries[j]!;
    if (this.respelled.size > 0 && from < to && this.respelled.has(this.layout!.names[j])) {
      // The numbers before were kept by value, so these must be too, or 7 and 7.0 would be two levels.
      if (scanNumber(b, from, this.layout!.mark) === to) return this.codeOf(dictionary, scanned[0]);
    }
    return dictionary.code(b, from, to);
  }

  /** The number of the row in hand, from 1. */
  private get row(): number {
    return this.taken + this.rows + this.inBlock + 1;
  }

  private place(j: number): string {
    const name = this.layout?.names[j];
    return name === undefined ? `field ${j + 1}` : `column ${j + 1} ('${name}')`;
  }

  private becomeCategory(j: number, text: string, binary: boolean): void {
    const name = this.layout!.names[j];
    const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
    if (!binary && (this.wanted || this.typeOf(name) === 'number')) {
      this.bad(this.line + 1, `has ${shown} in ${this.place(j)}, which is to be a number.`);
    }
    const dictionary = new Dictionary();
    const code = (value: number) => (Number.isNaN(value) ? -1 : this.codeOf(dictionary, value));
    const old = this.columns[j];
    const codes = new Int32Array(this.capacity);
    for (let i = 0; i < this.rows; i++) codes[i] = code(old[i]);
    const cols = this.kinds.length;
    const { values } = this.cells!;
    const first = j * this.blockRows;
    for (let k = first; k < first + this.inBlock; k++) values[k] = code(values[k]);
    this.columns[j] = codes;
    this.kinds[j] = CATEGORY;
    this.cells!.leave(j);
    this.settle();
    this.dictionaries[j] = dictionary;
    if (dictionary.size > 0) this.respelled.add(name);
    const at = (this.rows + this.inBlock) * cols + j;
    this.firstText[j] = { line: this.line + 1, at, shown, numbers: dictionary.size > 0, binary };
  }

  /** Of a number that was kept by value, as it would be spelled. */
  private codeOf(dictionary: Dictionary, value: number): number {
    const text = Object.is(value, -0) ? '-0' : String(value);
    const bytes = encoder.encode(this.layout!.mark === COMMA ? text.replace('.', ',') : text);
    return dictionary.code(bytes, 0, bytes.length);
  }

  private flush(): void {
    const { cells, blockRows, inBlock, rows } = this;
    if (!cells || inBlock === 0) return;
    const cols = this.kinds.length;
    if (rows + inBlock > this.capacity) {
      this.capacity = Math.max(rows + inBlock, Math.ceil(this.capacity * 1.6));
      for (let j = 0; j < cols; j++) this.columns[j] = resized(this.columns[j], this.capacity, rows);
    }
    for (let j = 0; j < cols; j++) {
      this.columns[j].set(cells.values.subarray(j * blockRows, j * blockRows + inBlock), rows);
    }
    // As long as they are at hand.
    cells.count(inBlock);
    this.rows += inBlock;
    this.inBlock = 0;
    cells.row = 0;
  }

  /** Rows that have come whole since the last were taken, all of them in the columns. */
  get complete(): number {
    return this.rows;
  }

  /** The rows so far of the columns that were chosen, which are then forgotten here. */
  takeChosen(): Column[] {
    // The levels of what is not yet in the columns would be forgotten.
    this.flush();
    const { names } = this.layout!;
    const out = [...this.chosen!.keys()].map((name): Column => {
      const j = names.indexOf(name);
      if (this.kinds[j] === CATEGORY) {
        const { words } = this.dictionaries[j]!.words();
        this.dictionaries[j] = new Dictionary();
        const codes = (this.columns[j] as Int32Array).slice(0, this.rows);
        // The last may be of a record that is not whole yet, and will be found once more.
        const found = codes.reduce((most, code) => Math.max(most, code), -1) + 1;
        return categoryColumn(name, codes, words.slice(0, found), 'category');
      }
      const values = (this.columns[j] as Float64Array).slice(0, this.rows);
      const dirt = this.dirty.get(j);
      if (dirt) for (const v of values) if (!Number.isNaN(v)) dirt.good++;
      return { name, type: 'number', values };
    });
    this.taken += this.rows;
    this.rows = 0;
    return out;
  }

  /** The values in the columns that were chosen which are no numbers where they should be. */
  get dirt(): Dirt[] {
    return [...this.dirty.values()];
  }

  /** The next `count` rows of the wanted columns, at most {@link rows}, which are then forgotten here. */
  take(count: number): NumberColumn[] {
    const { names } = this.layout!;
    const { numbers } = this.reading;
    const order = Array.isArray(numbers) ? numbers.map((name) => names.indexOf(name)) : [...names.keys()];
    const out = order.map((j) => {
      const values = (this.columns[j] as Float64Array).slice(0, count);
      return { name: names[j], type: 'number' as const, values };
    });
    for (const column of this.columns) column.copyWithin(0, count, this.rows);
    this.rows -= count;
    this.taken += count;
    return out;
  }

  /**
   * Reads what is left. To be called after the last chunk.
   * @throws INVALID_FORMAT.
   */
  end(): void {
    const { context } = this;
    if (this.window.used === 0 && !this.layout) fail('INVALID_FORMAT', `${context.name} is empty.`);
    this.parse(true);
    this.flush();
    const { names, header } = this.layout!;
    if (!this.reading.part && this.rows + this.taken === 0) {
      noRows(context.name, names, header);
    }
  }

  /** What was chosen, once the layout is known. */
  get choice(): ReadonlyMap<string, ColumnToRead> {
    return this.chosen!;
  }

  /** What was found to be the layout, after {@link end}. */
  get found(): Layout {
    return this.layout!;
  }

  /** The texts that first came in columns of numbers, as far as was read. */
  get firstTexts(): ReadonlyArray<FirstText | undefined> {
    return this.firstText;
  }

  /** The columns, after {@link end}, as they were read. To be called once. */
  raw(): RawColumn[] {
    return this.layout!.names.map((name, j) => {
      const long = this.columns[j];
      // A little slack is cheaper than a copy. Else one column is trimmed at a time, the long one dropped at once.
      const data = long.length * 7 < this.rows * 8 ? long.subarray(0, this.rows) : long.slice(0, this.rows);
      this.columns[j] = new Int32Array(0);
      return {
        name,
        typed: this.typeOf(name),
        data,
        dictionary: this.dictionaries[j],
        known: this.facts[FACTS.width * j + FACTS.known],
        whole: this.facts[FACTS.width * j + FACTS.whole],
        respelled: this.respelled.has(name),
        first: this.firstText[j],
      };
    });
  }

  /** The type that was asked for. */
  private typeOf(name: string): Column['type'] | undefined {
    const { types } = this.context.options;
    return typeof types === 'string' ? types : types?.[name];
  }
}

/** Values of a column that was chosen for its numbers, and those that are none. */
export interface Dirt {
  readonly name: string;
  good: number;
  bad: number;
  /** The first ones. */
  readonly examples: Array<{ readonly text: string; readonly row: number }>;
}

/**
 * Notes the values that are no numbers where they should be.
 * @throws INVALID_FORMAT if a required column has too many.
 */
export function noteDirt(dirt: readonly Dirt[], choose: ReadonlyMap<string, ColumnToRead>, context: ReadContext): void {
  for (const { name, good, bad, examples } of dirt) {
    if (bad === 0) continue;
    const shown = examples.map(({ text, row }) => `${text} in row ${row}`);
    const { required } = choose.get(name)!;
    if (required !== undefined && good < MOSTLY * (good + bad)) {
      fail(
        'INVALID_FORMAT',
        `${context.name}: column '${name}' ${required}, but has ${shown[0]} (of ${good + bad} values ${bad} are no numbers).`,
      );
    }
    const more = bad > shown.length ? ` and ${bad - shown.length} more` : '';
    const are = bad === 1 ? 'one value is none and counts' : `${bad} values are none and count`;
    context.notes.push(`Column '${name}' is one of numbers: ${are} as missing, ${shown.join(', ')}${more}.`);
  }
}

const BINARY = 'holds a NUL byte: this is a binary file, not text.';

/** @throws INVALID_FORMAT. */
export function failBinary(file: string, line: number): never {
  fail('INVALID_FORMAT', `${file}, line ${line} ${BINARY}`);
}

/** @throws INVALID_FORMAT. */
export function noRows(file: string, names: readonly string[], header: boolean): never {
  const what = header ? `has a header (${names.slice(0, 5).join(', ')}) but no rows` : 'has no rows';
  fail('INVALID_FORMAT', `${file} ${what}.`);
}

const encoder = new TextEncoder();

function resized<T extends Float64Array | Int32Array>(from: T, length: number, used: number): T {
  const to = new (from.constructor as new (n: number) => T)(length);
  to.set(from.subarray(0, used));
  return to;
}

function isBlank(b: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (b[i] !== 32 && b[i] !== 9 && b[i] !== 10 && b[i] !== 13) return false;
  return true;
}

function countLines(b: Uint8Array, from: number, to: number): number {
  let lines = 0;
  for (let i = from; i < to; i++) if (b[i] === 10) lines++;
  return lines;
}
