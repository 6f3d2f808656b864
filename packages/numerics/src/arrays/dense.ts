import { Arena, arenaFor, Block } from '@southwell/kernels';
import { fail } from '../core/index.ts';
import { ownBlocks, releaseBlocks } from './lifetime.ts';

/** A handle to a dense matrix, to be sent to a worker. */
export interface SharedDense {
  readonly kind: 'dense';
  readonly rows: number;
  readonly cols: number;
  readonly memory: WebAssembly.Memory;
  readonly pointer: number;
}

/**
 * A dense matrix of doubles, column-major, in kernel memory. `data` and `column` are views, not copies. Memory is freed
 * by {@link DenseMatrix.free} or when the matrix is garbage-collected.
 */
export class DenseMatrix {
  readonly kind = 'dense';
  private constructor(
    readonly rows: number,
    readonly cols: number,
    private readonly block: Block<Float64Array>,
    owned = true,
  ) {
    if (owned) ownBlocks(this, [block]);
  }

  /** Allocates a rows × cols matrix of zeros, or uninitialised if `fill` is false. */
  static create(rows: number, cols: number, options: { fill?: boolean; arena?: Arena } = {}): DenseMatrix {
    checkShape(rows, cols);
    const arena = options.arena ?? arenaFor(rows * cols * 8);
    const block = arena.f64Block(rows * cols);
    if (options.fill !== false) block.view.fill(0);
    return new DenseMatrix(rows, cols, block);
  }

  /** Copies column-major values. */
  static fromColumnMajor(values: ArrayLike<number>, rows: number, cols: number): DenseMatrix {
    checkLength(values.length, rows, cols);
    const matrix = DenseMatrix.create(rows, cols, { fill: false });
    matrix.data.set(values);
    return matrix;
  }

  /** Copies row-major values (C order), transposing in blocks. */
  static fromRowMajor(values: ArrayLike<number>, rows: number, cols: number): DenseMatrix {
    checkLength(values.length, rows, cols);
    const matrix = DenseMatrix.create(rows, cols, { fill: false });
    const { data } = matrix;
    const B = 32;
    for (let i0 = 0; i0 < rows; i0 += B) {
      const i1 = Math.min(rows, i0 + B);
      for (let j0 = 0; j0 < cols; j0 += B) {
        const j1 = Math.min(cols, j0 + B);
        for (let j = j0; j < j1; j++) for (let i = i0; i < i1; i++) data[j * rows + i] = values[i * cols + j];
      }
    }
    return matrix;
  }

  /** Copies an array of rows of equal length. */
  static fromRows(rows: ReadonlyArray<ArrayLike<number>>): DenseMatrix {
    const cols = rows.length > 0 ? rows[0].length : 0;
    const matrix = DenseMatrix.create(rows.length, cols, { fill: false });
    const { data } = matrix;
    rows.forEach((row, i) => {
      if (row.length !== cols) {
        fail(
          'INVALID_SHAPE',
          `Row ${i + 1} has ${row.length} values where row 1 has ${cols}; make the rows equally long.`,
        );
      }
      for (let j = 0; j < cols; j++) data[j * rows.length + i] = row[j];
    });
    return matrix;
  }

  /** Copies an array of columns of equal length. */
  static fromColumns(columns: ReadonlyArray<ArrayLike<number>>): DenseMatrix {
    const rows = columns.length > 0 ? columns[0].length : 0;
    const matrix = DenseMatrix.create(rows, columns.length, { fill: false });
    columns.forEach((column, j) => {
      if (column.length !== rows) {
        fail('INVALID_SHAPE', `Column ${j} has ${column.length} values where column 0 has ${rows}.`);
      }
      matrix.column(j).set(column);
    });
    return matrix;
  }

  /** A handle to share this matrix with another thread without copying; undefined if memory cannot be shared. */
  share(): SharedDense | undefined {
    const memory = this.arena.handle?.memory;
    return memory && { kind: 'dense', rows: this.rows, cols: this.cols, memory, pointer: this.pointer };
  }

  /** Opens a matrix shared by another thread, which must keep it alive. Scratch memory is per thread. */
  static attach(shared: SharedDense): DenseMatrix {
    const arena = Arena.attach({ memory: shared.memory });
    const block = new Block<Float64Array>(arena, shared.pointer, shared.rows * shared.cols, 'f64');
    return new DenseMatrix(shared.rows, shared.cols, block, false);
  }

  get arena(): Arena {
    return this.block.arena;
  }

  /** Byte offset in the arena, for kernels. */
  get pointer(): number {
    return this.block.pointer;
  }

  /** All values, column after column. */
  get data(): Float64Array {
    return this.block.view;
  }

  column(j: number): Float64Array {
    return this.data.subarray(j * this.rows, (j + 1) * this.rows);
  }

  get(i: number, j: number): number {
    return this.data[j * this.rows + i];
  }

  set(i: number, j: number, value: number): void {
    this.data[j * this.rows + i] = value;
  }

  /** Frees the memory immediately. The matrix must not be used afterwards. */
  free(): void {
    releaseBlocks(this, [this.block]);
  }
}

/** @throws INVALID_SHAPE. */
export function checkShape(rows: number, cols: number): void {
  if (!Number.isInteger(rows) || !Number.isInteger(cols) || rows < 0 || cols < 0) {
    fail('INVALID_SHAPE', `A matrix needs whole, non-negative numbers of rows and columns, not ${rows} × ${cols}.`);
  }
}

function checkLength(length: number, rows: number, cols: number): void {
  checkShape(rows, cols);
  if (length !== rows * cols) {
    fail('INVALID_SHAPE', `${rows} × ${cols} needs ${rows * cols} values, but ${length} were given.`);
  }
}
