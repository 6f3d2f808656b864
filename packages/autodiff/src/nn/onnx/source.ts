import { fail } from '@southwell/numerics/core';
import type { FileBytes, Span } from '../../protobuf/index.ts';

/** Bytes of a file of any size, read by ranges. */
export interface ByteSource {
  readonly size: number;
  /** The `length` bytes from offset `from`. */
  read(from: number, length: number): Uint8Array;
}

const CHUNK = 1 << 16;

/** Bytes, or a file of which one chunk is kept, so that small reads are cheap. */
export class Bytes implements FileBytes {
  readonly size: number;
  private chunk: Uint8Array;
  private start = 0;

  /** @throws INVALID_PARAMETER for anything else. */
  constructor(private readonly source: Uint8Array | ByteSource) {
    if (!(source instanceof Uint8Array) && typeof source?.read !== 'function')
      fail('INVALID_PARAMETER', 'A file is given as its bytes (Uint8Array), or as an object that reads them.');
    this.size = source instanceof Uint8Array ? source.length : source.size;
    this.chunk = source instanceof Uint8Array ? source : new Uint8Array(0);
  }

  /** The byte at an offset within the file. */
  at(offset: number): number {
    const i = offset - this.start;
    if (i >= 0 && i < this.chunk.length) return this.chunk[i];
    this.chunk = this.slice({ from: offset, to: Math.min(this.size, offset + CHUNK) });
    this.start = offset;
    return this.chunk[0];
  }

  /**
   * The bytes of a range.
   * @throws INVALID_FORMAT if the file has become shorter.
   */
  slice({ from, to }: Span): Uint8Array {
    if (this.source instanceof Uint8Array) return this.source.subarray(from, to);
    const found = this.source.read(from, to - from);
    if (found.length !== to - from)
      fail('INVALID_FORMAT', `The file has ${found.length} of the ${to - from} bytes from byte ${from}.`);
    return found;
  }
}
