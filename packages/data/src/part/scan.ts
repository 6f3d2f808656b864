import { QUOTE } from '../text/csv-layout.ts';

const LF = 10;
const CR = 13;
const HASH = 35;

/** Distance in bytes between positions from which a scan can be resumed. */
const STRIDE = 1 << 20;

/** The result of scanning a range of a file, as plain data. */
export interface Scanned {
  /** Number of rows that begin in this range, without blank lines. */
  readonly rows: number;
  /** Number of physical lines. */
  readonly lines: number;
  /**
   * Numbers of blank lines before the first row, between rows, and after the last row; without rows all are `trailing`.
   */
  readonly leading: number;
  readonly inner: number;
  readonly trailing: number;
  /** Whether the range ends inside quotation marks. */
  readonly quoted: boolean;
  /** Whether the last counted row is unreadable, so that nothing is known of what follows. */
  readonly broken: boolean;
}

/** A position at which a row begins, with what precedes it in the range. */
interface Mark {
  readonly at: number;
  readonly rows: number;
  readonly lines: number;
}

/** The beginning of a block of rows: a row that ends in another piece of the file than the row before it. */
export interface Cut extends Mark {
  /** The number of the piece, from 1; {@link LAST} for a row that is complete only at the end of the file. */
  readonly piece: number;
}

export const LAST = Number.MAX_SAFE_INTEGER;

/** Scans a range of a file, which begins and ends at line ends, for rows as its bytes arrive. */
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
  /** Size of the file and of a piece, if blocks are sought. */
  private file: { readonly size: number; readonly piece: number } | undefined;
  readonly cuts: Cut[] = [];
  /** The piece in which a record that began before the range ends. */
  entered = 0;
  /** The number of the row to locate. */
  private target = -1;
  /** Position of that row, once found. */
  found: Mark | undefined;

  constructor(
    /** Position of the next byte. */
    protected position: number,
  ) {}

  abstract feed(bytes: Uint8Array): void;

  /** @param final Whether this is the end of the file rather than of a line. */
  abstract end(final: boolean): void;

  get result(): Scanned {
    const { rows, lines, leading, inner, trailing, quoted, broken } = this;
    return { rows, lines, leading, inner, trailing, quoted, broken };
  }

  /** Whether there is nothing left to find. */
  get over(): boolean {
    return this.broken || this.found !== undefined;
  }

  /** Restarts from the last position before that row that another scan has recorded; returns the position. */
  seek({ marks }: Scan, row: number): number {
    this.target = row;
    const mark = marks.findLast(({ rows }) => rows <= row)!;
    ({ at: this.position, rows: this.rows, lines: this.lines } = mark);
    return mark.at;
  }

  /** Also finds the beginnings of blocks. To be called before the first byte. */
  cut(file: { readonly size: number; readonly piece: number }): this {
    this.file = file;
    return this;
  }

  /** The piece with which a reader has all of a record that ends before this position. */
  protected pieceOf(end: number): number {
    if (!this.file) return 0;
    return end > this.file.size ? LAST : Math.ceil(end / this.file.piece);
  }

  /** Records a row that began at `at` and ended in the given piece; 0 for a piece known to the next range. */
  protected ended(at: number, lines: number, piece: number): void {
    if (this.file && this.cuts.at(-1)?.piece !== piece) this.cuts.push({ at, rows: this.rows, lines, piece });
  }

  /** Records the beginning of a record, which may be a row. */
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

/** Finds the records of a CSV file as its reader does, without parsing fields. */
export class CsvScan extends Scan {
  private state: number;
  /** The current record: its beginning, the number of lines before it, and whether it is a row. */
  private start = 0;
  private startLines = 0;
  private solid = false;
  /** Whether it began in a preceding range, where it was counted. */
  private continued: boolean;
  private afterCr = false;

  /** @param quoted Whether the range begins inside quotation marks. */
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
        // If no quotation mark follows on the line, delimiters are irrelevant.
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
        // Includes the byte at which a reader checks for a line feed.
        this.close(this.position + at + (c === CR ? 2 : 1));
        if (this.over) break;
        state = RECORD;
      } else if (c === delimiter) {
        state = FIELD;
        // Leading blanks of a field do not count as delimiters.
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
