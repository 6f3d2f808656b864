import { type Arena, arenaFor, type Block } from '@southwell/kernels';
import { tableKernels } from '@southwell/kernels/tables';
import { FACTS } from './columnFacts.ts';

/**
 * The numbers of a text, a delimiter between them and a line for each row, read by a kernel into a block of columns. Its
 * memory is that of all kernels: {@link free} gives it back.
 */
export class NumberCells {
  private readonly arena: Arena;
  private readonly text: Block<Int32Array>;
  private readonly state: Block<Int32Array>;
  private readonly left: Block<Int32Array>;
  private readonly out: Block<Float64Array>;
  private readonly found: Block<Float64Array>;
  /** Columns that hold the rows one after the other, `rows` apart. */
  values: Float64Array;
  private kinds: Uint8Array;
  /** The next cell: its byte, its column, its row; and the first byte of that row. */
  at = 0;
  column = 0;
  row = 0;
  record = 0;

  /** `bytes` end with a line feed, which is none of theirs. `kinds` is not 0 for columns that are left to the caller. */
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
    // Views once all is there: memory that grows may outdate them.
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

  /** Reads on until a cell is none of the kernel's, which is the next then; `mark` as the kernel takes it. O(bytes). */
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

  /** Adds what the first rows hold to {@link facts}. O(cells). */
  count(rows: number): void {
    const { kernels } = this.arena;
    kernels.columnFacts(rows, this.kinds.length, this.out.pointer, this.rows, this.found.pointer);
  }

  /** What was counted, {@link FACTS}.width numbers a column. */
  get facts(): Float64Array {
    return this.found.view;
  }

  free(): void {
    for (const block of [this.text, this.state, this.left, this.out, this.found]) block.free();
  }
}
