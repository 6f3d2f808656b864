import { fail } from '@southwell/numerics/core';
import { readBytes, type Source } from '../io/source.ts';
import { type Format, type NumberColumn, type ReadContext, type Table, uniqueNames } from '../table.ts';
import { scanNumber, scanned } from '../text/numbers.ts';

/** Shared by the readers of point clouds: types of binary numbers, and rows of text. */

export type NumberType = 'i1' | 'u1' | 'i2' | 'u2' | 'i4' | 'u4' | 'i8' | 'u8' | 'f4' | 'f8';

export const sizeOf = (type: NumberType): number => Number(type[1]);

/** Integers beyond 2⁵³ are rounded. */
export function numberAt(view: DataView, at: number, type: NumberType, little: boolean): number {
  switch (type) {
    case 'i1':
      return view.getInt8(at);
    case 'u1':
      return view.getUint8(at);
    case 'i2':
      return view.getInt16(at, little);
    case 'u2':
      return view.getUint16(at, little);
    case 'i4':
      return view.getInt32(at, little);
    case 'u4':
      return view.getUint32(at, little);
    case 'i8':
      return Number(view.getBigInt64(at, little));
    case 'u8':
      return Number(view.getBigUint64(at, little));
    case 'f4':
      return view.getFloat32(at, little);
    case 'f8':
      return view.getFloat64(at, little);
  }
}

/**
 * Fills a column from a binary block: values of `type` from `start` on, `stride` bytes apart. No checks are made in the
 * loop.
 */
export function fillColumn(
  view: DataView,
  values: Float64Array,
  { start, stride, type, little }: { start: number; stride: number; type: NumberType; little: boolean },
): void {
  // The common types have loops of their own, since a call per value takes five times as long.
  if (type === 'f4')
    for (let i = 0, at = start; i < values.length; i++, at += stride) values[i] = view.getFloat32(at, little);
  else if (type === 'f8')
    for (let i = 0, at = start; i < values.length; i++, at += stride) values[i] = view.getFloat64(at, little);
  else for (let i = 0, at = start; i < values.length; i++, at += stride) values[i] = numberAt(view, at, type, little);
}

/** The bytes, followed by an additional byte that terminates a number. */
export async function bytesWithEnd(source: Source): Promise<Uint8Array> {
  const bytes = await readBytes(source);
  const out = new Uint8Array(bytes.length + 1);
  out.set(bytes);
  out[bytes.length] = 10;
  return out;
}

/**
 * Rejects data after the announced end, except for blanks and zeros, which some writers use as padding.
 * @throws INVALID_FORMAT.
 */
export function refuseRest(bytes: Uint8Array, from: number, name: string, announced: string): void {
  const rest = bytes.subarray(from).findIndex((byte) => byte > 32 || (byte > 0 && byte < 9));
  if (rest < 0) return;
  fail(
    'INVALID_FORMAT',
    `${name} has ${bytes.length - 1 - from} bytes behind the ${announced} that its header announces: it is damaged, or its header is.`,
  );
}

/** Blanks, tabs, commas, semicolons and carriage returns separate numbers. */
const between = (c: number): boolean => c === 32 || c === 9 || c === 13 || c === 44 || c === 59;
const LF = 10;

/** Reads numbers from text, line by line. The end of the file also ends a line. */
export class NumberLines {
  line: number;
  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
    line: number,
    private readonly name: string,
  ) {
    this.line = line;
  }

  /** @throws INVALID_FORMAT, naming the line. */
  bad(what: string): never {
    fail('INVALID_FORMAT', `${this.name}, line ${this.line}: ${what}`);
  }

  /** Advances to the next line that is neither blank nor a comment, and stops at its first byte; false at the end. */
  next(): boolean {
    const { bytes } = this;
    const end = bytes.length - 1;
    for (;;) {
      while (between(bytes[this.at])) this.at++;
      if (this.at >= end) return false;
      const c = bytes[this.at];
      if (c !== LF && c !== 35 && !(c === 47 && bytes[this.at + 1] === 47)) return true;
      this.skip();
    }
  }

  /** Advances to the beginning of the next line. */
  skip(): void {
    const end = this.bytes.indexOf(LF, this.at);
    this.at = end < 0 ? this.bytes.length : end + 1;
    this.line++;
  }

  /** Reads at most `most` numbers of this line and advances to the next one; returns how many numbers the line has. */
  read(into: Float64Array, most: number): number {
    const { bytes } = this;
    let count = 0;
    for (;;) {
      while (between(bytes[this.at])) this.at++;
      const c = bytes[this.at];
      if (c === LF || c === undefined) break;
      const value = this.number();
      if (count < most) into[count] = value;
      count++;
    }
    this.at++;
    this.line++;
    return count;
  }

  /** Reads the number at the current position. */
  private number(): number {
    const { bytes } = this;
    const end = scanNumber(bytes, this.at);
    if (end >= 0 && (between(bytes[end]) || bytes[end] === LF)) {
      this.at = end;
      return scanned[0];
    }
    let stop = this.at;
    while (!between(bytes[stop]) && bytes[stop] !== LF) stop++;
    const word = new TextDecoder('latin1').decode(bytes.subarray(this.at, Math.min(stop, this.at + 30)));
    const special = /^([-+]?)(nan|inf|infinity)(\(ind\)|\(snan\))?$/i.exec(word);
    if (!special) this.bad(`'${word}' is not a number.`);
    this.at = stop;
    if (/nan/i.test(special[2])) return Number.NaN;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
}

/** The table of a point cloud; duplicate names are changed. */
export function cloudTable(
  { name, notes, progress }: ReadContext,
  format: Format,
  given: readonly string[],
  values: readonly Float64Array[],
): Table {
  const { names, note } = uniqueNames(given);
  if (note) notes.push(note);
  const rows = values[0]?.length ?? 0;
  progress(rows);
  const columns = values.map((v, j): NumberColumn => ({ name: names[j], type: 'number', values: v }));
  return { name, format, rows, columns, notes };
}

/**
 * Parses and validates a count in a header.
 * @throws INVALID_FORMAT.
 */
export function countOf(text: string, what: string, name: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count)) {
    fail('INVALID_FORMAT', `${name}: its header says '${text}' for ${what}, which is not a count.`);
  }
  if (count > 0x7fffffff)
    fail('INVALID_FORMAT', `${name}: its header claims ${text} of ${what}: at most 2³¹ − 1 can be read.`);
  return count;
}
