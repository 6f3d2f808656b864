import { QUOTE } from '../text/csv-layout.ts';

const LF = 10;
const CR = 13;
const HASH = 35;

/** Bytes between two places from which a scan can be taken up again. */
const STRIDE = 1 << 20;

/** What a range of a file came to, as plain data. */
export interface Scanned {
  /** That begin here, but for blank lines. */
  readonly rows: number;
  /** Physical lines. */
  readonly lines: number;
  /** Blank lines before the first row, between rows, and after the last row; all are `trailing` where there is no row. */
  readonly leading: number;
  readonly inner: number;
  readonly trailing: number;
  /** The range ends within quotation marks. */
  readonly quoted: boolean;
  /** The last row that was counted cannot be read, and nothing is known of what follows. */
  readonly broken: boolean;
}

/** A place in a file at which a row begins, by what comes before it in the range. */
interface Mark {
  readonly at: number;
  readonly rows: number;
  readonly lines: number;
}

/** Where a block of rows begins: that of a row which ends in another piece of the file than the one before it. */
export interface Cut extends Mark {
  /** The piece, counted from 1; {@link LAST} for a row that is complete only when nothing follows. */
  readonly piece: number;
}

export const LAST = Number.MAX_SAFE_INTEGER;

/** Looks for the rows of a range of a file, which begins and ends where lines do, as its bytes come. */
export abstract class Scan {
  protected rows = 0;
  protected lines = 0;
  private leading = 0;
  private inner = 0;
  protected trailing = 0;
  protected quoted = false;
  protected broken = false;
  private readonly marks: Mark[] = [];
  private nextMark = Number.NEGATIVE_INFINITY;
  /** Of the file and of a piece of it, where blocks are looked for. */
  private file: { readonly size: number; readonly piece: number } | undefined;
  readonly cuts: Cut[] = [];
  /** The piece in which the record ends that began before the range. */
  entered = 0;
  /** The number of the row to look for. */
  private target = -1;
  /** Where it begins. */
  found: Mark | undefined;

  constructor(
    /** The place of the next byte. */
    protected position: number,
  ) {}

  abstract feed(bytes: Uint8Array): void;

  /** @param final Whether the file ends here, and not a line alone. */
  abstract end(final: boolean): void;

  get result(): Scanned {
    const { rows, lines, leading, inner, trailing, quoted, broken } = this;
    return { rows, lines, leading, inner, trailing, quoted, broken };
  }

  /** Nothing is left to look for. */
  get over(): boolean {
    return this.broken || this.found !== undefined;
  }

  /** Begins anew at the last place before that row which is remembered of another scan; returns where. */
  seek({ marks }: Scan, row: number): number {
    this.target = row;
    const mark = marks.findLast(({ rows }) => rows <= row)!;
    ({ at: this.position, rows: this.rows, lines: this.lines } = mark);
    return mark.at;
  }

  /** To be called before the first byte: also find out where blocks begin. */
  cut(file: { readonly size: number; readonly piece: number }): this {
    this.file = file;
    return this;
  }

  /** The piece of the file with which a reader has all of a record that ends before this place. */
  protected pieceOf(end: number): number {
    if (!this.file) return 0;
    return end > this.file.size ? LAST : Math.ceil(end / this.file.piece);
  }

  /** A row has come, which began there and ends in that piece; 0: in one that the next range knows. */
  protected ended(at: number, lines: number, piece: number): void {
    if (this.file && this.cuts.at(-1)?.piece !== piece) this.cuts.push({ at, rows: this.rows, lines, piece });
  }

  /** A record begins: perhaps a row. */
  protected mark(at: number): void {
    if (at < this.nextMark) return;
    this.marks.push({ at, rows: this.rows, lines: this.lines });
    this.nextMark = at + STRIDE;
  }

  protected row(at: number, lines: number): void {
    if (this.rows === this.target) this.found = { at, rows: this.rows, lines };
    if (this.rows === 0) this.leading = this.trailing;
    else this.inner += this.trailing;
    this.trailing = 0;
    this.rows++;
  }
}

const RECORD = 0;
const FIELD = 1;
const PLAIN = 2;
const QUOTED = 3;
const MARK = 4;
const CLOSED = 5;

/** The records of a CSV file: as its reader divides it, but without a look at the fields. */
export class CsvScan extends Scan {
  private state: number;
  /** The record in hand: where it began, with how many lines before, and whether it is a row. */
  private start = 0;
  private startLines = 0;
  private solid = false;
  /** It began in a range before this one, and was counted there. */
  private continued: boolean;
  private afterCr = false;

  /** @param quoted Whether the range begins within quotation marks. */
  constructor(
    position: number,
    quoted: boolean,
    private readonly delimiter: number,
    private readonly cols: number,
  ) {
    super(position);
    this.state = quoted ? QUOTED : RECORD;
    this.continued = quoted;
  }

  feed(b: Uint8Array): void {
    const { delimiter } = this;
    const n = b.length;
    let { state, afterCr, lines } = this;
    let quote = -1;
    let lineEnd = -1;
    let at = 0;
    if (this.over) return;
    while (at < n) {
      let c = b[at];
      if (afterCr) {
        afterCr = false;
        if (c === LF) {
          at++;
          continue;
        }
      }
      if (state === RECORD) {
        if (c === LF || c === CR) {
          lines++;
          this.trailing++;
          afterCr = c === CR;
          at++;
          continue;
        }
        this.start = this.position + at;
        this.startLines = this.lines = lines;
        this.mark(this.start);
        this.solid = this.cols === 1;
        state = FIELD;
      }
      if (state === PLAIN || state === QUOTED) {
        if (quote < at) {
          quote = b.indexOf(QUOTE, at);
          if (quote < 0) quote = n;
        }
        if (state === QUOTED) {
          for (; at < quote; at++) {
            c = b[at];
            if (c === LF ? !(at > 0 ? b[at - 1] === CR : false) : c === CR) lines++;
          }
          afterCr = at === n && n > 0 && b[n - 1] === CR;
          if (at < n) {
            state = MARK;
            at++;
          }
          continue;
        }
        if (quote === n && lineEnd < at) {
          lineEnd = at;
          while (lineEnd < n && b[lineEnd] !== LF && b[lineEnd] !== CR) lineEnd++;
        }
        // Where no quotation mark follows on the line, delimiters decide nothing.
        if (quote === n && lineEnd < n) c = b[(at = lineEnd)];
        else while (at < n && (c = b[at]) !== delimiter && c !== LF && c !== CR) at++;
        if (at === n) break;
      } else if (state === MARK) {
        if (c === QUOTE) {
          state = QUOTED;
          at++;
          continue;
        }
        if (c !== delimiter && c !== 32 && c !== LF && c !== CR) {
          this.break();
          break;
        }
        state = CLOSED;
      } else if (state === CLOSED && c !== delimiter && c !== 32 && c !== LF && c !== CR) {
        this.break();
        break;
      }
      if (c === LF || c === CR) {
        this.lines = ++lines;
        afterCr = c === CR;
        // A reader looks whether a line feed follows.
        this.close(this.position + at + (c === CR ? 2 : 1));
        if (this.over) break;
        state = RECORD;
      } else if (c === delimiter) {
        state = FIELD;
        // Blanks in front of a field delimit none.
        if (c !== 32) this.solid = true;
      } else if (state === FIELD && c === QUOTE) {
        state = QUOTED;
        this.solid = true;
      } else if (state === FIELD && c !== 32 && c !== 9) {
        state = PLAIN;
        this.solid = true;
      }
      at++;
    }
    this.position += n;
    this.state = state;
    this.afterCr = afterCr;
    this.lines = lines;
  }

  end(final: boolean): void {
    if (this.over) return;
    this.quoted = this.state === QUOTED;
    if (this.quoted && !final) {
      if (!this.continued) this.taken(0);
    } else if (this.quoted) this.break();
    else if (this.state !== RECORD) this.close(Number.POSITIVE_INFINITY);
  }

  private close(end: number): void {
    const piece = this.pieceOf(end);
    if (this.continued) {
      this.continued = false;
      this.entered = piece;
    } else if (this.solid) this.taken(piece);
    else this.trailing++;
  }

  private taken(piece: number): void {
    this.ended(this.start, this.startLines, piece);
    this.row(this.start, this.startLines);
  }

  private break(): void {
    if (this.continued) this.entered = LAST;
    else this.taken(LAST);
    this.broken = true;
  }
}

/** The lines of a LIBSVM file. */
export class LibsvmScan extends Scan {
  private begun = false;
  private isRow = false;
  private start = this.position;

  feed(b: Uint8Array): void {
    const n = b.length;
    for (let at = 0; at < n && !this.over; ) {
      if (!this.begun) {
        const c = b[at];
        if (c === 32 || c === 9) {
          at++;
          continue;
        }
        this.begun = true;
        this.isRow = c !== LF && c !== CR && c !== HASH;
        if (this.isRow) this.mark(this.start);
      }
      const end = b.indexOf(LF, at);
      if (end < 0) break;
      at = end + 1;
      this.close(this.position + at);
      this.lines++;
      this.begun = false;
      this.start = this.position + at;
    }
    this.position += n;
  }

  end(): void {
    if (this.begun && !this.over) this.close(Number.POSITIVE_INFINITY);
    this.begun = false;
  }

  private close(end: number): void {
    if (!this.isRow) return;
    this.ended(this.start, this.lines, this.pieceOf(end));
    this.row(this.start, this.lines);
  }

  override seek(scan: Scan, row: number): number {
    this.start = super.seek(scan, row);
    return this.start;
  }
}
