import { fail } from '@southwell/numerics/core';

/** Where the pieces of a .nl file come from: its text, or its bytes in either order. */
export interface NlSource {
  /** The segment that is read, for messages. */
  segment: string;
  /** The next letter; undefined at the end of the file. */
  letter(): string | undefined;
  whole(what: string): number;
  /** A whole number of two bytes, in binary files. */
  short(what: string): number;
  real(what: string): number;
  word(what: string): string;
  /** Called after the last piece of a line; lines exist in texts only. */
  endLine(): void;
  /** Throws INVALID_FORMAT with the place of the last piece that was read. */
  fail(sentence: string): never;
}

const NEWLINE = 10;
const HASH = 35;
const isBlank = (c: number): boolean => c === 32 || c === 9 || c === 13;
const decoder = new TextDecoder();

const POWERS = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
/** Decimal digits whose number is exact as double. */
const EXACT_DIGITS = 15;

export class TextSource implements NlSource {
  segment = 'header';
  private line = 1;
  private begun: number;

  constructor(
    private readonly bytes: Uint8Array,
    private at = 0,
  ) {
    this.begun = at;
  }

  get size(): number {
    return this.bytes.length;
  }

  get offset(): number {
    return this.at;
  }

  private skipBlanks(): void {
    const { bytes } = this;
    while (this.at < bytes.length && isBlank(bytes[this.at])) this.at++;
    this.begun = this.at;
  }

  letter(): string | undefined {
    const { bytes } = this;
    // Between segments there may be empty lines and comments.
    for (;;) {
      this.skipBlanks();
      if (this.at >= bytes.length) return undefined;
      if (bytes[this.at] !== NEWLINE && bytes[this.at] !== HASH) return String.fromCharCode(bytes[this.at++]);
      this.restOfLine();
    }
  }

  /** The next whole number on this line, if there is one. */
  optionalWhole(): number | undefined {
    this.skipBlanks();
    const { bytes } = this;
    let at = this.at;
    const negative = bytes[at] === 45;
    if (negative) at++;
    const first = at;
    let value = 0;
    while (at < bytes.length && bytes[at] >= 48 && bytes[at] <= 57) value = 10 * value + bytes[at++] - 48;
    if (at === first || at - first > EXACT_DIGITS) return undefined;
    if (at < bytes.length && !isBlank(bytes[at]) && bytes[at] !== NEWLINE && bytes[at] !== HASH) return undefined;
    this.at = at;
    return negative ? -value : value;
  }

  whole(what: string): number {
    return this.optionalWhole() ?? this.expected(what);
  }

  short(what: string): number {
    return this.whole(what);
  }

  real(what: string): number {
    this.skipBlanks();
    const { bytes } = this;
    let at = this.at;
    const negative = bytes[at] === 45;
    if (negative || bytes[at] === 43) at++;
    let value = 0;
    let digits = 0;
    let decimals = 0;
    let point = false;
    for (; at < bytes.length; at++) {
      const c = bytes[at];
      if (c >= 48 && c <= 57) {
        value = 10 * value + c - 48;
        if (value !== 0) digits++;
        if (point) decimals++;
      } else if (c === 46 && !point) point = true;
      else break;
    }
    const ends = at >= bytes.length || isBlank(bytes[at]) || bytes[at] === NEWLINE || bytes[at] === HASH;
    // Products and quotients of exact numbers are rounded as the decimal number would be.
    if (ends && at > this.at + (negative ? 1 : 0) && digits <= EXACT_DIGITS && decimals < POWERS.length) {
      if (at - this.at === (negative ? 2 : 1) && point) return this.expected(what);
      this.at = at;
      value /= POWERS[decimals];
      return negative ? -value : value;
    }
    return this.otherReal(what);
  }

  private otherReal(what: string): number {
    const begun = this.at;
    const word = this.word(what);
    const sign = /^[+-]?inf(inity)?$/i.test(word) ? (word.startsWith('-') ? -1 : 1) : 0;
    if (sign !== 0) return sign * Number.POSITIVE_INFINITY;
    if (/^[+-]?nan$/i.test(word)) return Number.NaN;
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) return Number(word);
    this.at = this.begun = begun;
    return this.expected(what);
  }

  word(what: string): string {
    this.skipBlanks();
    const { bytes } = this;
    const begun = this.at;
    while (this.at < bytes.length && !isBlank(bytes[this.at]) && bytes[this.at] !== NEWLINE) this.at++;
    if (this.at === begun) return this.expected(what);
    return decoder.decode(bytes.subarray(begun, this.at));
  }

  /** What remains of the line. */
  restOfLine(): string {
    const { bytes } = this;
    let end = bytes.indexOf(NEWLINE, this.at);
    if (end < 0) end = bytes.length;
    else this.line++;
    const rest = decoder.decode(bytes.subarray(this.at, end));
    this.at = this.begun = Math.min(end + 1, bytes.length);
    return rest;
  }

  endLine(): void {
    this.skipBlanks();
    const { bytes } = this;
    if (this.at >= bytes.length) return;
    if (bytes[this.at] === NEWLINE) {
      this.at++;
      this.line++;
      return;
    }
    if (bytes[this.at] !== HASH) this.fail(`after the last number there is '${this.shown()}'.`);
    this.restOfLine();
  }

  private shown(): string {
    const { bytes } = this;
    let end = this.begun;
    while (end < bytes.length && end < this.begun + 20 && bytes[end] !== NEWLINE && bytes[end] !== 13) end++;
    return decoder.decode(bytes.subarray(this.begun, end));
  }

  private expected(what: string): never {
    if (this.begun >= this.bytes.length) this.fail(`the file ends where ${what} is expected.`);
    const found = this.shown();
    return this.fail(`${what} is expected, but ${found === '' ? 'the line ends' : `there is '${found}'`}.`);
  }

  /** @throws INVALID_FORMAT. */
  fail(sentence: string): never {
    return fail('INVALID_FORMAT', `Line ${this.line}, ${this.segment}: ${sentence}`);
  }
}

export class BinarySource implements NlSource {
  segment = 'header';
  private readonly view: DataView;
  private begun: number;

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
    private readonly littleEndian: boolean,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.begun = at;
  }

  /** The offset of a piece of `size` bytes. */
  private take(size: number, what: string): number {
    const from = this.at;
    this.begun = from;
    if (from + size > this.bytes.length) this.fail(`the file ends where ${what} is expected.`);
    this.at = from + size;
    return from;
  }

  letter(): string | undefined {
    this.begun = this.at;
    return this.at < this.bytes.length ? String.fromCharCode(this.bytes[this.at++]) : undefined;
  }

  whole(what: string): number {
    return this.view.getInt32(this.take(4, what), this.littleEndian);
  }

  short(what: string): number {
    return this.view.getInt16(this.take(2, what), this.littleEndian);
  }

  real(what: string): number {
    return this.view.getFloat64(this.take(8, what), this.littleEndian);
  }

  word(what: string): string {
    const length = this.whole(`the length of ${what}`);
    if (length < 0) this.fail(`the length of ${what} is ${length}.`);
    const from = this.take(length, what);
    return decoder.decode(this.bytes.subarray(from, from + length));
  }

  endLine(): void {}

  /** @throws INVALID_FORMAT. */
  fail(sentence: string): never {
    return fail('INVALID_FORMAT', `Byte ${this.begun}, ${this.segment}: ${sentence}`);
  }
}
