import { fail } from '@southwell/numerics/core';

/** ⌊log₂ n⌋ of an integer from 1 to 2³² − 1. */
export const floorLog2 = (n: number): number => 31 - Math.clz32(n);

/** Bits that tell `count` values apart: ⌈log₂ count⌉, for counts up to 2³². */
export const widthOf = (count: number): number => (count <= 1 ? 0 : 32 - Math.clz32(count - 1));

/** Bits of the Elias gamma code of n ≥ 1 (Elias 1975). */
export const gammaBits = (n: number): number => 2 * floorLog2(n) + 1;

/** Writes bits into the bytes of a message from a byte on, the lowest bit of each byte first; the bytes are zeros at first. */
export class BitWriter {
  private held = 0;
  private free = 0;
  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
  ) {}

  /** A value of `width` ≤ 24 bits, the lowest first. */
  put(value: number, width: number): void {
    this.held |= value << this.free;
    this.free += width;
    while (this.free >= 8) {
      this.bytes[this.at++] = this.held;
      this.held >>>= 8;
      this.free -= 8;
    }
  }

  /** As `put`, for widths up to 32. */
  putLong(value: number, width: number): void {
    if (width > 16) {
      this.put(value & 0xffff, 16);
      this.put(value >>> 16, width - 16);
    } else this.put(value, width);
  }

  /** n zeros and a one. */
  unary(n: number): void {
    let left = n;
    for (; left >= 16; left -= 16) this.put(0, 16);
    this.put(1 << left, left + 1);
  }

  /** An integer in the Rice code: its quotient by 2ᵇ in unary, and the remainder in b bits. */
  rice(n: number, b: number): void {
    const quotient = n >>> b;
    if (quotient + b < 24) this.put(((((n & ((1 << b) - 1)) << 1) | 1) << quotient) >>> 0, quotient + 1 + b);
    else {
      this.unary(quotient);
      this.putLong(n % 2 ** b, b);
    }
  }

  /** n ≥ 1 in the Elias gamma code. */
  gamma(n: number): void {
    const width = floorLog2(n);
    this.unary(width);
    this.putLong(n - 2 ** width, width);
  }

  /** Fills the last byte with zeros; returns the number of bytes so far. */
  end(): number {
    if (this.free > 0) this.bytes[this.at++] = this.held;
    this.held = 0;
    this.free = 0;
    return this.at;
  }
}

/** Reads what {@link BitWriter} wrote. */
export class BitReader {
  private held = 0;
  private left = 0;
  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
  ) {}

  /**
   * A value of `width` ≤ 16 bits.
   * @throws INVALID_FORMAT past the end of the message, as all methods.
   */
  get(width: number): number {
    while (this.left < width) {
      if (this.at >= this.bytes.length) failFormat('it ends too early');
      this.held |= this.bytes[this.at++] << this.left;
      this.left += 8;
    }
    const value = this.held & ((1 << width) - 1);
    this.held >>>= width;
    this.left -= width;
    return value;
  }

  /** As `get`, for widths up to 32. */
  getLong(width: number): number {
    if (width <= 16) return this.get(width);
    const low = this.get(16);
    return low + 65536 * this.get(width - 16);
  }

  /**
   * The number of zeros before the next one.
   * @throws INVALID_FORMAT if there are more than `most`.
   */
  unary(most: number): number {
    let n = 0;
    while (this.get(1) === 0) if (++n > most) failFormat('a code word is too long');
    return n;
  }

  /** An integer in the Rice code with parameter b, whose quotient is at most `most`. */
  rice(b: number, most: number): number {
    while (this.left <= 24 && this.at < this.bytes.length) {
      this.held |= this.bytes[this.at++] << this.left;
      this.left += 8;
    }
    const quotient = 31 - Math.clz32(this.held & -this.held);
    const used = quotient + 1 + b;
    // All of it is there, unless it is long or at the end.
    if (quotient < 0 || used > this.left || used > 31) return this.unary(most) * 2 ** b + this.getLong(b);
    const value = (quotient << b) | ((this.held >>> (quotient + 1)) & ((1 << b) - 1));
    this.held >>>= used;
    this.left -= used;
    return value;
  }

  /** An integer in the Elias gamma code. */
  gamma(): number {
    const width = this.unary(31);
    return 2 ** width + this.getLong(width);
  }

  /** The number of bytes read, of which the last may be read in part. */
  end(): number {
    return this.at - (this.left >> 3);
  }
}

/** @throws INVALID_FORMAT. */
export function failFormat(reason: string): never {
  fail(
    'INVALID_FORMAT',
    `The message cannot be restored: ${reason}. Sender and receiver must use the same compressor.`,
  );
}

/** An integer from 0 to 2³² − 1 in groups of seven bits, each byte but the last marked by its highest bit. */
export function varint(n: number): number[] {
  const bytes = [];
  let left = n;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return [...bytes, left];
}

/**
 * The integer at a byte of the message, and the byte after it.
 * @throws INVALID_FORMAT if the message ends within it.
 */
export function readVarint(message: Uint8Array, from: number): [value: number, end: number] {
  let value = 0;
  for (let k = 0; k < 5; k++) {
    if (from + k >= message.length) failFormat('it ends too early');
    const byte = message[from + k];
    value += (byte & 127) * 128 ** k;
    if (byte < 128) return [value, from + k + 1];
  }
  return failFormat('a length in it is too long');
}
