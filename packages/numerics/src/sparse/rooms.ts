import { type Arena, ArenaMemoryError } from '@southwell/kernels';
import { DenseMatrix } from '../arrays/index.ts';
import { fail } from '../core/index.ts';

/** Capacity of a WebAssembly memory, with a small margin. */
const MOST_BYTES = 2 ** 32 - 2 ** 24;

/** @throws NOT_SUPPORTED if a factor and its workspace exceed one memory. */
export function checkSize(bytes: number): void {
  if (bytes > MOST_BYTES) tooLarge(bytes);
}

function tooLarge(bytes: number): never {
  fail(
    'NOT_SUPPORTED',
    `The factor and its workspace take ${(bytes / 2 ** 30).toFixed(2)} GiB, but a memory is limited to 4 GiB and to what the ` +
      'machine has: solve by an iterative method, or with fewer unknowns.',
  );
}

/** Named buffers in one memory that grow when delayed columns make fronts larger than expected. */
export class Rooms {
  private readonly pointers = new Map<string, { pointer: number; size: number }>();
  constructor(private readonly arena: Arena) {}

  /**
   * The pointer of a buffer of at least `size` doubles; preserves the first `keep` of its contents.
   * @throws NOT_SUPPORTED.
   */
  reserve(name: string, size: number, keep = 0): number {
    const old = this.pointers.get(name);
    if (old && old.size >= size) return old.pointer;
    const enough = old ? Math.ceil(1.25 * size) : Math.max(1, size);
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

/** The values of a factor; their number is known in advance except for delayed columns. */
export class FactorStore {
  private matrix: DenseMatrix;
  constructor(
    private readonly arena: Arena,
    expected: number,
  ) {
    this.matrix = this.make(expected);
  }

  get values(): DenseMatrix {
    return this.matrix;
  }

  /**
   * The offset of the values, in doubles, with capacity for `size`; the first `keep` are preserved.
   * @throws NOT_SUPPORTED.
   */
  reserve(size: number, keep: number): number {
    if (size > this.matrix.rows) this.move(Math.ceil(1.25 * size), keep);
    return this.matrix.pointer / 8;
  }

  /** The values, shrunk to `size`. */
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
