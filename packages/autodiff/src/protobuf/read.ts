import { fail } from '@southwell/numerics/core';

// The reading counterpart of write.ts: strict, so that a damaged file is reported with its place.

/** A half-open range of bytes of a file. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The bytes of a file, in memory or read by ranges. */
export interface FileBytes {
  /** The byte at an offset within the file. */
  at(offset: number): number;
  /** The bytes of a range. */
  slice(span: Span): Uint8Array;
}

/** A file in memory. */
export const bytesInMemory = (bytes: Uint8Array): FileBytes => ({
  at: (offset) => bytes[offset],
  slice: ({ from, to }) => bytes.subarray(from, to),
});

/** Wire types of the Protocol Buffers encoding. */
export const WIRE = { varint: 0, eight: 1, bytes: 2, four: 5 } as const;

/** A field of a message: its bytes, or the value of a varint. */
export interface FieldRead extends Span {
  readonly number: number;
  readonly wire: number;
  /** Of a varint, as a signed 64-bit integer, rounded to a double. */
  readonly value: number;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Where the first varint from a byte ends and its value as a signed 64-bit integer; undefined if it does not end before `end`. */
export function varintAt(
  at: (offset: number) => number,
  from: number,
  end: number,
): [to: number, value: number] | undefined {
  let [value, scale] = [0, 1];
  for (let i = from; i < Math.min(end, from + 10); i++) {
    const byte = at(i);
    // Seven bytes hold 49 bits, which a double represents exactly.
    if (i - from < 7) value += (byte & 127) * scale;
    scale *= 128;
    if (byte < 128) return [i + 1, i - from < 7 ? value : wide(at, from, i + 1)];
  }
  return undefined;
}

function wide(at: (offset: number) => number, from: number, to: number): number {
  let value = 0n;
  for (let i = to - 1; i >= from; i--) value = (value << 7n) | BigInt(at(i) & 127);
  return Number(BigInt.asIntN(64, value));
}

/** A message within a file, read field by field. */
export class Message {
  private at: number;

  constructor(
    readonly bytes: FileBytes,
    readonly span: Span,
    /** Its place in the file for error messages, such as `node 3`. */
    readonly where: string,
    /** The kind of file for error messages, such as `an ONNX file`. */
    readonly file: string,
  ) {
    this.at = span.from;
  }

  /** @throws INVALID_FORMAT with the place. */
  refuse(why: string): never {
    const name = this.file.replace(/^an? /, '');
    return fail('INVALID_FORMAT', `The ${name} is damaged, cut short, or not ${this.file}: ${this.where}, ${why}.`);
  }

  private varint(): number {
    const found = varintAt((offset) => this.bytes.at(offset), this.at, this.span.to);
    if (!found)
      return this.refuse(
        this.span.to - this.at < 10
          ? `byte ${this.at}: the message ends within an integer`
          : `byte ${this.at}: an integer has more than ten bytes`,
      );
    this.at = found[0];
    return found[1];
  }

  /**
   * The next field; undefined at the end of the message.
   * @throws INVALID_FORMAT for bytes that are no field, or a field that reaches beyond the message.
   */
  next(): FieldRead | undefined {
    if (this.at >= this.span.to) return undefined;
    const start = this.at;
    const tag = this.varint();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (number < 1 || number >= 2 ** 29) this.refuse(`byte ${start}: ${number} is not a field number`);
    let value = 0;
    let from = this.at;
    if (wire === WIRE.varint) value = this.varint();
    else if (wire === WIRE.bytes) {
      const length = this.varint();
      from = this.at;
      this.skip(length, number, start);
    } else if (wire === WIRE.four || wire === WIRE.eight) this.skip(wire === WIRE.four ? 4 : 8, number, start);
    else this.refuse(`byte ${start}: field ${number} has the unknown wire type ${wire}`);
    return { number, wire, value, from, to: this.at };
  }

  private skip(length: number, number: number, start: number): void {
    const left = this.span.to - this.at;
    if (length < 0 || length > left)
      this.refuse(`byte ${start}: field ${number} has ${length} bytes, of which ${left} are there`);
    this.at += length;
  }

  private need(field: FieldRead, wire: number, what: string): void {
    if (field.wire !== wire) this.refuse(`byte ${field.from}: field ${field.number} is not ${what}`);
  }

  /** The value of an integer field. */
  int(field: FieldRead): number {
    this.need(field, WIRE.varint, 'an integer');
    return field.value;
  }

  /** The value of a string field. */
  text(field: FieldRead): string {
    this.need(field, WIRE.bytes, 'a string');
    try {
      return decoder.decode(this.bytes.slice(field));
    } catch {
      return this.refuse(`byte ${field.from}: field ${field.number} is not text in UTF-8`);
    }
  }

  /** A nested message. */
  inside(field: FieldRead, where: string): Message {
    this.need(field, WIRE.bytes, 'a message');
    return new Message(this.bytes, field, where, this.file);
  }

  /** Appends the integers of a repeated field, packed or not. */
  ints(field: FieldRead, out: number[]): void {
    if (field.wire === WIRE.varint) {
      out.push(field.value);
      return;
    }
    this.need(field, WIRE.bytes, 'a list of integers');
    const inner = new Message(this.bytes, field, this.where, this.file);
    while (inner.at < field.to) out.push(inner.varint());
  }

  /** Appends the floats of a repeated field, packed or not. */
  floats(field: FieldRead, out: number[]): void {
    if (field.wire !== WIRE.four) this.need(field, WIRE.bytes, 'a list of floats');
    if ((field.to - field.from) % 4 !== 0) this.refuse(`byte ${field.from}: a list of floats ends within one`);
    const bytes = this.bytes.slice(field);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0; i < bytes.length; i += 4) out.push(view.getFloat32(i, true));
  }
}
