import { type Arena, arenaFor, type Scratch } from '@southwell/kernels';

/** The entries of a gradient in the order of the parameters. */
export type Gradient = Float64Array | Float32Array | readonly number[];

/** Bytes that are copied to kernel memory at once: long runs of each gradient, which are near when they are read there. */
const STAGE = 1.5 * 2 ** 20;

const EMPTY = { at: 0, from: 0, to: 0 };

/**
 * Rows of gradients in kernel memory, a run of each after the other: of 32 bits if all gradients have these, and otherwise of 64.
 * Runs are longer than what is asked for, so that consecutive rows are copied together.
 */
export class Staging {
  /** Whether the rows have 32 bits. */
  readonly floats: boolean;
  /** Numbers from a gradient to the next. */
  readonly ld: number;
  /** Most rows at once. */
  readonly most: number;
  private readonly pointer: number;
  private held = EMPTY;

  /**
   * @param rows numbers of each gradient.
   * @param multiple rows are asked for in so many at a time, except for the last ones.
   * @param count columns of the memory, of which those after the gradients are 0.
   */
  constructor(
    private readonly arena: Arena,
    scratch: Scratch,
    private readonly columns: readonly Gradient[],
    private readonly rows: number,
    { multiple = 256, count = columns.length } = {},
  ) {
    this.floats = columns.every((column) => column instanceof Float32Array);
    const bytes = this.floats ? 4 : 8;
    const fitting = Math.floor(STAGE / (bytes * columns.length));
    this.most = Math.min(rows, Math.max(multiple, fitting - (fitting % multiple)));
    // Gradients do not begin at the same place of a cache.
    this.ld = 64 / bytes + 16 * Math.ceil(this.most / 16);
    const size = this.ld * count;
    this.pointer = (this.floats ? scratch.f32(size) : scratch.f64(size)).pointer;
    const at = this.pointer / bytes;
    (this.floats ? arena.f32 : arena.f64).fill(0, at + this.ld * columns.length, at + size);
  }

  /** Bytes that a staging of these gradients takes, about. */
  static bytes(columns: readonly Gradient[], multiple = 256): number {
    return Math.max(STAGE, 8 * columns.length * multiple);
  }

  /** Where the rows [from, to) of the first gradient begin, in bytes; valid until the next call. */
  at(from: number, to: number): number {
    const { floats, columns, ld, arena, pointer } = this;
    const size = floats ? 4 : 8;
    if (from < this.held.from || to > this.held.to) {
      const end = Math.min(this.rows, from + this.most);
      this.held = { at: pointer, from, to: end };
      const heap = floats ? arena.f32 : arena.f64;
      let at = pointer / size;
      for (const column of columns) {
        if (Array.isArray(column)) for (let k = from; k < end; k++) heap[at + k - from] = column[k];
        else heap.set((column as Float32Array).subarray(from, end), at);
        at += ld;
      }
    }
    return pointer + size * (from - this.held.from);
  }
}

/** Calls `f` with kernel memory for `bytes`, which is free afterwards. */
export function inScratch<T>(bytes: number, f: (arena: Arena, scratch: Scratch) => T): T {
  const arena = arenaFor(bytes);
  const scratch = arena.scratch();
  try {
    return f(arena, scratch);
  } finally {
    scratch.release();
  }
}
