// Over 400 lines: one automaton, whose states share their fields; each part of a split would need all of them.
import { FACTS, NumberCells } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { isCode } from '../codes.ts';
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
import { type FirstText, MOSTLY, type RawColumn } from './csv-columns.ts';
import { csvLayout, type Layout, QUOTE } from './csv-layout.ts';
import { Dictionary } from './dictionary.ts';
import { hasThousands, INFINITE, withoutThousands } from './number-words.ts';
import { COMMA, NO_MARK, scanNumber, scanned } from './numbers.ts';

/** A longer record is due to an unclosed quote, or the file is not CSV. */
const MAX_RECORD = 256 << 20;
const BLOCK_CELLS = 1 << 15;

const NUMBER = 0;
const CATEGORY = 1;
/** Offsets of following columns, cyclically, that must also be numeric for a kernel call to pay. */
const CALL = [0, 1, 2];

/** Describes rows in the middle of a file, if only their bytes are fed. */
export interface CsvPart {
  readonly layout: Layout;
  /** Number of physical lines before the first row. */
  readonly line: number;
  /** Number of rows before them. */
  readonly before: number;
  readonly rows: number;
}

/**
 * Parses a CSV file (RFC 4180 and common deviations) into typed columns, as its bytes arrive. Cells are parsed into a
 * block of rows that fits the cache, which is then distributed to the columns.
 */
export class CsvReader {
  private readonly window = new ByteWindow();
  private readonly missing: Dictionary;
  private layout: Layout | undefined;
  private line = 0;
  /** Number of blank lines between the rows. */
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
  /** Statistics of the rows in the columns, {@link FACTS}.width numbers per column. */
  private facts = new Float64Array(0);
  private firstText: Array<FirstText | undefined> = [];
  /** Whether some spelling of a missing value is also a number. */
  private missingNumbers = false;
  /** Number of rows in the columns. */
  rows = 0;
  private taken = 0;
  /** If only numbers are read: whether a column must be numeric. */
  private wanted: boolean[] | undefined;
  /** If columns are chosen: their requested types, and the values that turned out not to be numbers. */
  private chosen: ReadonlyMap<string, ColumnToRead> | undefined;
  private readonly dirty = new Map<number, Dirt>();
  /** Counts for the current record, undone if it is read again because it is incomplete. */
  private readonly dirtInHand: Dirt[] = [];
  /** Columns of which some values are codes, see {@link isCode}, and all are numbers so far. */
  private readonly coded = new Set<number>();
  /** Columns in which a text followed numbers whose spellings had not been kept. */
  private readonly respelled = new Set<string>();

  /**
   * @param reading `categories`: names of columns to read as categories from the first row on; `numbers`: the columns
   * for {@link take}, which must be numeric; `choose`: chooses the columns, which may be categories too, and in which a
   * few values may fail to be numbers; `part`: rows from the middle of a file.
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
        `A delimiter must be one character, such as "," or "\\t", not ${JSON.stringify(delimiter)}.`,
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

  /**
   * Examines the beginning of a file, as it arrives, for the layout only. Called without a chunk at the end of the
   * file.
   */
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
    // Detection is more reliable with some lines at hand.
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

  /** Finds numeric columns followed by too few others for a kernel call to pay. */
  private settle(): void {
    const { kinds } = this;
    this.alone = kinds.map((_, j) => (CALL.every((k) => kinds[(j + k) % kinds.length] === NUMBER) ? 0 : 1));
  }

  private parse(final: boolean): void {
    if (!this.layout && !this.begin(final)) {
      if (!final) return;
      this.unclosed();
    }
    // Kernel memory is temporary: each piece flushes its rows to the columns.
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

  /** Parses the records of the window; returns the offset of the first incomplete one. */
  private records(cells: NumberCells, final: boolean): number {
    // Long because it is one loop over bytes, whose position, line and column live in registers.
    const { kinds, blockRows } = this;
    const { bytes: b, used } = this.window;
    const cols = kinds.length;
    const { delimiter, mark } = this.layout!;
    const plain = delimiter === 44 && mark === COMMA ? NO_MARK : mark;
    // A run of blanks is one delimiter, and a missing value must not be taken for a number of the same spelling.
    const slow = delimiter === 32 || this.missingNumbers;
    const { values } = cells;
    let at = 0;
    /** Number of lines of the current record. */
    let lines = 1;
    let j = 0;
    // At the very end, the last field may be empty.
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
        // Handled below.
      } else if (this.alone[j] === 1) {
        end = scanNumber(b, at, plain);
        if (end >= 0 && mayBeCode(b, at, scanned[0])) end = -1;
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
          // The first record may have begun with multi-line texts.
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
    // Undoes the counts of the incomplete record, which will be parsed again.
    for (const dirt of this.dirtInHand) {
      dirt.bad--;
      if (dirt.examples.at(-1)?.row === this.row) dirt.examples.pop();
    }
    this.dirtInHand.length = 0;
    return cells.record;
  }

  /** A record followed blank lines; further blank lines may have preceded them. */
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
   * Parses a field that is not simply a number followed by a delimiter. Sets fieldEnd to the byte after it, or to −1 if
   * the field does not end in the window.
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
        `has text after the closing quotation mark of ${this.place(j)}. Write a quotation mark inside a text twice.`,
      );
    }
    this.fieldEnd = at;
    // A line of blanks is not a row, and none of it is a value of the first column.
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
      const numeric = from < to && scanNumber(b, from, this.layout!.mark) === to;
      const number = scanned[0];
      if (numeric && !(mayBeCode(b, from, number) && this.free(j) && isCode(latin1.decode(b.subarray(from, to)))))
        return number;
      if (!numeric && this.missing.find(b, from, to) >= 0) return Number.NaN;
      const text = decodeText(b.subarray(from, to)).text;
      const infinite = INFINITE.exec(text);
      if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      const binary = text.includes('\0');
      // If another part of the file had a text before it, this is just another text.
      if (binary && (this.wanted || !this.reading.part)) this.bad(this.line + 1, BINARY);
      if (this.wanted?.[j] === false) return Number.NaN;
      const dirt = this.typeOf(this.layout!.names[j]) === undefined ? this.dirty.get(j) : undefined;
      if (dirt && hasThousands(text, this.layout!.mark)) return withoutThousands(text, this.layout!.mark);
      if (dirt) {
        dirt.bad++;
        this.dirtInHand.push(dirt);
        if (dirt.examples.length < 3) dirt.examples.push({ text: JSON.stringify(text.slice(0, 40)), row: this.row });
        return Number.NaN;
      }
      if (!numeric) this.firstText[j] = this.textFound(j, text, binary);
      else this.coded.add(j);
      this.becomeCategory(j);
    } else if (this.missing.find(b, from, to) >= 0) return -1;
    else if (this.coded.size > 0 && this.coded.has(j)) this.afterCodes(b, from, to, j);
    const dictionary = this.dictionaries[j]!;
    if (this.respelled.size > 0 && from < to && this.respelled.has(this.layout!.names[j])) {
      // The preceding numbers were kept by value, so this one must be too, or 7 and 7.0 would be two levels.
      const numeric = scanNumber(b, from, this.layout!.mark) === to;
      const value = scanned[0];
      if (numeric && !(mayBeCode(b, from, value) && isCode(latin1.decode(b.subarray(from, to)))))
        return this.codeOf(dictionary, value);
    }
    return dictionary.code(b, from, to);
  }

  /** Whether the type of a column is decided by its values. */
  private free(j: number): boolean {
    return !this.wanted && this.typeOf(this.layout!.names[j]) === undefined;
  }

  /** The number of the current row, from 1. */
  private get row(): number {
    return this.taken + this.rows + this.inBlock + 1;
  }

  private place(j: number): string {
    const name = this.layout?.names[j];
    return name === undefined ? `field ${j + 1}` : `column ${j + 1} ('${name}')`;
  }

  /** The first text of a column. Throws if it must be a number. */
  private textFound(j: number, text: string, binary: boolean): FirstText {
    const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
    if (!binary && (this.wanted || this.typeOf(this.layout!.names[j]) === 'number')) {
      this.bad(this.line + 1, `has ${shown} in ${this.place(j)}, which must be a number.`);
    }
    const rows = this.rows + this.inBlock;
    const numbers = this.kinds[j] === CATEGORY || this.knownBefore(j);
    return { line: this.line + 1, at: rows * this.kinds.length + j, shown, numbers, binary };
  }

  /** Whether a column of numbers has any so far. */
  private knownBefore(j: number): boolean {
    const first = j * this.blockRows;
    const some = (values: ArrayLike<number>, from: number, to: number) => {
      for (let i = from; i < to; i++) if (!Number.isNaN(values[i])) return true;
      return false;
    };
    return some(this.columns[j], 0, this.rows) || some(this.cells!.values, first, first + this.inBlock);
  }

  /** A value that follows codes, which are numbers as long as no text is found. */
  private afterCodes(b: Uint8Array, from: number, to: number, j: number): void {
    if (from < to && scanNumber(b, from, this.layout!.mark) === to) return;
    const text = decodeText(b.subarray(from, to)).text;
    if (INFINITE.test(text)) return;
    const binary = text.includes('\0');
    if (binary && !this.reading.part) this.bad(this.line + 1, BINARY);
    this.firstText[j] = this.textFound(j, text, binary);
    this.coded.delete(j);
  }

  private becomeCategory(j: number): void {
    const name = this.layout!.names[j];
    const dictionary = new Dictionary();
    const code = (value: number) => (Number.isNaN(value) ? -1 : this.codeOf(dictionary, value));
    const old = this.columns[j];
    const codes = new Int32Array(this.capacity);
    for (let i = 0; i < this.rows; i++) codes[i] = code(old[i]);
    const { values } = this.cells!;
    const first = j * this.blockRows;
    for (let k = first; k < first + this.inBlock; k++) values[k] = code(values[k]);
    this.columns[j] = codes;
    this.kinds[j] = CATEGORY;
    this.cells!.leave(j);
    this.settle();
    this.dictionaries[j] = dictionary;
    if (dictionary.size > 0) this.respelled.add(name);
  }

  /** The code of a number that was kept by value, as it would be spelled. */
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
    // While they are in kernel memory.
    cells.count(inBlock);
    this.rows += inBlock;
    this.inBlock = 0;
    cells.row = 0;
  }

  /** Number of complete rows since the last ones were taken, all of them in the columns. */
  get complete(): number {
    return this.rows;
  }

  /** Takes and forgets the rows so far of the chosen columns. */
  takeChosen(): Column[] {
    // Flushed first, because levels not yet in the columns would be lost.
    this.flush();
    const { names } = this.layout!;
    const out = [...this.chosen!.keys()].map((name): Column => {
      const j = names.indexOf(name);
      if (this.kinds[j] === CATEGORY) {
        const { words } = this.dictionaries[j]!.words();
        this.dictionaries[j] = new Dictionary();
        const codes = (this.columns[j] as Int32Array).slice(0, this.rows);
        // The last level may belong to an incomplete record, and will be found again.
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

  /** The values in chosen numeric columns that are not numbers. */
  get dirt(): Dirt[] {
    return [...this.dirty.values()];
  }

  /** Takes and forgets the next `count` rows, at most {@link rows}, of the wanted columns. */
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
   * Parses the remaining data. To be called after the last chunk.
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

  /** The chosen columns, once the layout is known. */
  get choice(): ReadonlyMap<string, ColumnToRead> {
    return this.chosen!;
  }

  /** The detected layout, after {@link end}. */
  get found(): Layout {
    return this.layout!;
  }

  /** The first text in each column of numbers, as far as has been read. */
  get firstTexts(): ReadonlyArray<FirstText | undefined> {
    return this.firstText;
  }

  /** The columns as read. To be called once, after {@link end}. */
  raw(): RawColumn[] {
    return this.layout!.names.map((name, j) => {
      const long = this.columns[j];
      // A little slack is cheaper than a copy. Otherwise one column is trimmed at a time, and the long array dropped at
      // once.
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

  /** The requested type of a column. */
  private typeOf(name: string): Column['type'] | undefined {
    const { types } = this.context.options;
    return typeof types === 'string' ? types : types?.[name];
  }
}

/** Counts of the values of a chosen numeric column, and of those that are not numbers. */
export interface Dirt {
  readonly name: string;
  good: number;
  bad: number;
  /** The first such values. */
  readonly examples: Array<{ readonly text: string; readonly row: number }>;
}

/**
 * Adds notes on values that are not numbers in numeric columns.
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
        `${context.name}: column '${name}' ${required}, but has ${shown[0]} (of ${good + bad} values ${bad} are not numbers).`,
      );
    }
    const more = bad > shown.length ? ` and ${bad - shown.length} more` : '';
    const are = bad === 1 ? 'one value is not a number and counts' : `${bad} values are not numbers and count`;
    context.notes.push(`Column '${name}' is numeric: ${are} as missing, ${shown.join(', ')}${more}.`);
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
const latin1 = new TextDecoder('latin1');

/** Whether a number at an offset may be a code, see {@link isCode}: a quick test. */
const mayBeCode = (b: Uint8Array, at: number, value: number): boolean =>
  (b[at] === 48 && b[at + 1] >= 48 && b[at + 1] <= 57) || value > Number.MAX_SAFE_INTEGER;

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
