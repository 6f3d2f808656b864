import { type Arena, ArenaMemoryError } from '@southwell/kernels';
import { DenseMatrix } from '../arrays/index.ts';
import { fail } from '../core/index.ts';

/** What one memory holds, less a little. */
const MOST_BYTES = 2 ** 32 - 2 ** 24;

/** @throws NOT_SUPPORTED for a factor that, with what it is made with, takes more bytes than one memory has. */
export function checkSize(bytes: number): void {
  if (bytes > MOST_BYTES) tooLarge(bytes);
}

function tooLarge(bytes: number): never {
  fail(
    'NOT_SUPPORTED',
    `The factor and what it is made with take ${(bytes / 2 ** 30).toFixed(2)} GiB, and one memory ends at 4 GiB or at what the ` +
      'machine has: solve by an iterative method, or with fewer unknowns.',
  );
}

/** Rooms in one memory that grow as columns that have to wait make fronts larger. */
export class Rooms {
  private readonly pointers = new Map<string, { pointer: number; size: number }>();
  constructor(private readonly arena: Arena) {}

  /**
   * The pointer of a room of at least `size` doubles; of what it held the first `keep` are kept.
   * @throws NOT_SUPPORTED.
   */
  reserve(name: string, size: number, keep = 0): number {
    const old = this.pointers.get(name);
    if (old && old.size >= size) return old.pointer;
    const enough = old ? Math.ceil(1.25 * size) : size;
    const pointer = this.alloc(8 * enough);
    if (old) {
      this.arena.f64.copyWithin(pointer / 8, old.pointer / 8, old.pointer / 8 + keep);
      this.arena.free(old.pointer);
    }
    this.pointers.set(name, { pointer, size: enough });
    return pointer;
  }

  private alloc(bytes: number): number {
    try {
      return this.arena.alloc(bytes);
    } catch (error) {
      if (error instanceof ArenaMemoryError) tooLarge(this.arena.allocatedBytes + bytes);
      throw error;
    }
  }

  release(): void {
    for (const { pointer } of this.pointers.values()) this.arena.free(pointer);
    this.pointers.clear();
  }
}

/** The values of a factor, of which the size is known before but for columns that have to wait. */
export class FactorStore {
  private matrix: DenseMatrix;
  constructor(
    private readonly arena: Arena,
    expected: number,
  ) {
    this.matrix = this.make(expected);
  }

  /**
   * Where the values begin, as doubles, with room for `size`; the first `keep` are kept.
   * @throws NOT_SUPPORTED.
   */
  reserve(size: number, keep: number): number {
    if (size > this.matrix.rows) this.move(Math.ceil(1.25 * size), keep);
    return this.matrix.pointer / 8;
  }

  /** The values, `size` of them. */
  finish(size: number): DenseMatrix {
    if (size !== this.matrix.rows) this.move(size, size);
    return this.matrix;
  }

  free(): void {
    this.matrix.free();
  }

  private move(size: number, keep: number): void {
    const old = this.matrix;
    this.matrix = this.make(size);
    this.arena.f64.copyWithin(this.matrix.pointer / 8, old.pointer / 8, old.pointer / 8 + keep);
    old.free();
  }

  private make(size: number): DenseMatrix {
    const { arena } = this;
    try {
      return DenseMatrix.create(size, 1, { fill: false, arena });
    } catch (error) {
      if (error instanceof ArenaMemoryError) tooLarge(arena.allocatedBytes + 8 * size);
      throw error;
    }
  }
}
