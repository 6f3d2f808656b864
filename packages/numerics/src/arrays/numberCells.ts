import { type Arena, arenaFor, type Block } from '@southwell/kernels';
import { tableKernels } from '@southwell/kernels/tables';
import { FACTS } from './columnFacts.ts';

/**
 * Parses delimited text with one line per row into a block of columns, by a kernel. The block lies in the memory shared
 * by all kernels; call {@link free} when done.
 */
export class NumberCells {
  private readonly arena: Arena;
  private readonly text: Block<Int32Array>;
  private readonly state: Block<Int32Array>;
  private readonly left: Block<Int32Array>;
  private readonly out: Block<Float64Array>;
  private readonly found: Block<Float64Array>;
  /** Column-major values; columns are `rows` apart. */
  values: Float64Array;
  private kinds: Uint8Array;
  /** The next cell: its byte offset, column and row, and the byte offset at which that row begins. */
  at = 0;
  column = 0;
  row = 0;
  record = 0;

  /**
   * `bytes` end with a line feed that is not part of the text. A non-zero entry of `kinds` leaves that column to the
   * caller.
   */
  constructor(
    private readonly bytes: Uint8Array,
    kinds: Uint8Array,
    readonly rows: number,
  ) {
    this.arena = arenaFor(0);
    const words = (n: number) => this.arena.i32Block(Math.ceil(n / 4));
    // The kernel reads eight bytes at a time.
    this.text = words(bytes.length + 8);
    this.state = words(16);
    this.left = words(kinds.length);
    this.out = this.arena.f64Block(rows * kinds.length);
    this.found = this.arena.f64Block(FACTS.width * kinds.length);
    this.found.view.fill(0);
    // Views are taken after all allocations, since growing memory detaches them.
    this.values = this.out.view;
    const { view } = this.text;
    new Uint8Array(view.buffer, view.byteOffset, bytes.length).set(bytes);
    this.kinds = new Uint8Array(this.left.view.buffer, this.left.view.byteOffset, kinds.length);
    this.kinds.set(kinds);
  }

  /** Leaves a column to the caller from now on. */
  leave(column: number): void {
    this.kinds[column] = 1;
  }

  /**
   * Parses up to the first cell that the kernel does not handle, which becomes the next cell. `mark` is passed to the
   * kernel. O(bytes).
   */
  read(delimiter: number, mark: number): void {
    const state = this.state.view;
    state[0] = this.at;
    state[1] = this.column;
    state[2] = this.row;
    state[3] = this.record;
    const { pointer } = this.state;
    const { kinds, rows } = this;
    this.arena
      .use(tableKernels)
      .numberCells(
        this.text.pointer,
        this.bytes.length - 1,
        pointer,
        this.left.pointer,
        kinds.length,
        delimiter,
        mark,
        this.out.pointer,
        rows,
      );
    this.at = state[0];
    this.column = state[1];
    this.row = state[2];
    this.record = state[3];
  }

  /** Adds the statistics of the first rows to {@link facts}. O(cells). */
  count(rows: number): void {
    const { kernels } = this.arena;
    kernels.columnFacts(rows, this.kinds.length, this.out.pointer, this.rows, this.found.pointer);
  }

  /** The accumulated statistics, {@link FACTS}.width numbers per column. */
  get facts(): Float64Array {
    return this.found.view;
  }

  free(): void {
    for (const block of [this.text, this.state, this.left, this.out, this.found]) block.free();
  }
}
