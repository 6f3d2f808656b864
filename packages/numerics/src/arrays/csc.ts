import { Arena, arenaFor, Block } from '@southwell/kernels';
import { fail } from '../core/index.ts';
import { checkShape, DenseMatrix } from './dense.ts';
import { ownBlocks, releaseBlocks } from './lifetime.ts';

/** A handle to a sparse matrix, to be sent to a worker. */
export interface SharedCsc {
  readonly kind: 'csc';
  readonly rows: number;
  readonly cols: number;
  readonly nnz: number;
  readonly memory: WebAssembly.Memory;
  readonly pointers: { colPointers: number; rowIndices: number; values: number };
}

/**
 * A compressed sparse column (CSC) matrix in kernel memory: column j has entries in rows `rowIndices[k]` with
 * `values[k]` for colPointers[j] ≤ k < colPointers[j+1], with rows ascending and unique. At most 2³¹−1 non-zeros.
 */
export class CscMatrix {
  readonly kind = 'csc';
  private constructor(
    readonly rows: number,
    readonly cols: number,
    readonly nnz: number,
    private readonly pointersBlock: Block<Int32Array>,
    private readonly indicesBlock: Block<Int32Array>,
    private readonly valuesBlock: Block<Float64Array>,
    owned = true,
  ) {
    if (owned) ownBlocks(this, [pointersBlock, indicesBlock, valuesBlock]);
  }

  /**
   * Allocates an uninitialised matrix with `nnz` non-zeros: fill colPointers, rowIndices and values, then call
   * `validate`.
   * @throws INVALID_SHAPE.
   */
  static create(rows: number, cols: number, nnz: number, options: { arena?: Arena } = {}): CscMatrix {
    checkShape(rows, cols);
    if (nnz > 0x7fffffff) fail('INVALID_SHAPE', `A sparse matrix holds at most 2^31 - 1 non-zeros, not ${nnz}.`);
    const arena = options.arena ?? arenaFor(nnz * 12 + cols * 4);
    const pointers = arena.i32Block(cols + 1);
    pointers.view.fill(0);
    return new CscMatrix(rows, cols, nnz, pointers, arena.i32Block(nnz), arena.f64Block(nnz));
  }

  /**
   * Copies compressed columns, which are validated but not sorted.
   * @throws INVALID_SHAPE.
   */
  static fromColumns(
    rows: number,
    cols: number,
    colPointers: ArrayLike<number>,
    rowIndices: ArrayLike<number>,
    values: ArrayLike<number>,
  ): CscMatrix {
    const matrix = CscMatrix.create(rows, cols, values.length);
    if (colPointers.length !== cols + 1) {
      fail('INVALID_SHAPE', `${cols} columns need ${cols + 1} column pointers, but ${colPointers.length} were given.`);
    }
    matrix.colPointers.set(colPointers);
    matrix.rowIndices.set(rowIndices);
    matrix.values.set(values);
    matrix.validate();
    return matrix;
  }

  /**
   * Converts compressed rows by counting sort: O(nnz + rows + cols). Repeated entries are an error.
   * @throws INVALID_SHAPE.
   * @throws INVALID_SHAPE.
   */
  static fromRows(
    rows: number,
    cols: number,
    rowPointers: ArrayLike<number>,
    colIndices: ArrayLike<number>,
    values: ArrayLike<number>,
  ): CscMatrix {
    const nnz = rowPointers[rows];
    const matrix = CscMatrix.create(rows, cols, nnz);
    const { colPointers, rowIndices, values: out } = matrix;
    for (let k = 0; k < nnz; k++) {
      const j = colIndices[k];
      if (!(j >= 0 && j < cols)) fail('INVALID_SHAPE', `Column index ${j} lies outside 0 … ${cols - 1}.`);
      colPointers[j + 1]++;
    }
    for (let j = 0; j < cols; j++) colPointers[j + 1] += colPointers[j];
    const next = colPointers.slice(0, cols);
    for (let i = 0; i < rows; i++) {
      for (let k = rowPointers[i]; k < rowPointers[i + 1]; k++) {
        const at = next[colIndices[k]]++;
        rowIndices[at] = i;
        out[at] = values[k];
      }
    }
    matrix.validate();
    return matrix;
  }

  /**
   * From coordinate (COO) triplets in any order; duplicates are summed. O(nnz + rows + cols).
   * @throws INVALID_SHAPE.
   */
  static fromTriplets(
    rows: number,
    cols: number,
    rowOf: ArrayLike<number>,
    colOf: ArrayLike<number>,
    values: ArrayLike<number>,
  ): CscMatrix {
    const n = values.length;
    // Two counting sorts, by row and then by column, leave each column in ascending row order.
    const rowStart = new Int32Array(rows + 1);
    for (let k = 0; k < n; k++) {
      if (!(rowOf[k] >= 0 && rowOf[k] < rows) || !(colOf[k] >= 0 && colOf[k] < cols)) {
        fail('INVALID_SHAPE', `Entry (${rowOf[k]}, ${colOf[k]}) lies outside a ${rows} × ${cols} matrix.`);
      }
      rowStart[rowOf[k] + 1]++;
    }
    for (let i = 0; i < rows; i++) rowStart[i + 1] += rowStart[i];
    const byRow = new Int32Array(n);
    for (let k = 0; k < n; k++) byRow[rowStart[rowOf[k]]++] = k;
    const colStart = new Int32Array(cols + 1);
    for (let k = 0; k < n; k++) colStart[colOf[k] + 1]++;
    for (let j = 0; j < cols; j++) colStart[j + 1] += colStart[j];
    const order = new Int32Array(n);
    for (let t = 0; t < n; t++) {
      const k = byRow[t];
      order[colStart[colOf[k]]++] = k;
    }
    let unique = 0;
    for (let t = 0; t < n; t++) {
      if (t === 0 || rowOf[order[t]] !== rowOf[order[t - 1]] || colOf[order[t]] !== colOf[order[t - 1]]) unique++;
    }
    const matrix = CscMatrix.create(rows, cols, unique);
    const { colPointers, rowIndices, values: out } = matrix;
    let at = -1;
    for (let t = 0; t < n; t++) {
      const k = order[t];
      if (t > 0 && rowOf[k] === rowOf[order[t - 1]] && colOf[k] === colOf[order[t - 1]]) {
        out[at] += values[k];
      } else {
        at++;
        rowIndices[at] = rowOf[k];
        out[at] = values[k];
        colPointers[colOf[k] + 1]++;
      }
    }
    for (let j = 0; j < cols; j++) colPointers[j + 1] += colPointers[j];
    return matrix;
  }

  /** Converts a dense matrix, dropping its zeros. */
  static fromDense(dense: DenseMatrix, options: { arena?: Arena } = {}): CscMatrix {
    const { rows, cols } = dense;
    const nnz = dense.data.reduce((count, v) => (v !== 0 ? count + 1 : count), 0);
    const matrix = CscMatrix.create(rows, cols, nnz, options);
    const { colPointers, rowIndices, values } = matrix;
    // Read after the allocation, which may have grown the memory and detached earlier views.
    const { data } = dense;
    let at = 0;
    for (let j = 0; j < cols; j++) {
      for (let i = 0; i < rows; i++) {
        const v = data[j * rows + i];
        if (v !== 0) {
          rowIndices[at] = i;
          values[at++] = v;
        }
      }
      colPointers[j + 1] = at;
    }
    return matrix;
  }

  toDense(): DenseMatrix {
    const dense = DenseMatrix.create(this.rows, this.cols);
    const { data } = dense;
    const { colPointers, rowIndices, values, rows } = this;
    for (let j = 0; j < this.cols; j++) {
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) data[j * rows + rowIndices[k]] = values[k];
    }
    return dense;
  }

  /** A handle to share this matrix with another thread without copying; undefined if memory cannot be shared. */
  share(): SharedCsc | undefined {
    const memory = this.arena.handle?.memory;
    const { rows, cols, nnz, pointers } = this;
    return memory && { kind: 'csc', rows, cols, nnz, memory, pointers };
  }

  /** Opens a matrix shared by another thread, which must keep it alive. Scratch memory is per thread. */
  static attach({ rows, cols, nnz, memory, pointers }: SharedCsc): CscMatrix {
    const arena = Arena.attach({ memory });
    const starts = new Block<Int32Array>(arena, pointers.colPointers, cols + 1, 'i32');
    const indices = new Block<Int32Array>(arena, pointers.rowIndices, nnz, 'i32');
    const values = new Block<Float64Array>(arena, pointers.values, nnz, 'f64');
    return new CscMatrix(rows, cols, nnz, starts, indices, values, false);
  }

  get arena(): Arena {
    return this.valuesBlock.arena;
  }

  get colPointers(): Int32Array {
    return this.pointersBlock.view;
  }

  get rowIndices(): Int32Array {
    return this.indicesBlock.view;
  }

  get values(): Float64Array {
    return this.valuesBlock.view;
  }

  /** Byte offsets in the arena, for kernels. */
  get pointers(): { colPointers: number; rowIndices: number; values: number } {
    return {
      colPointers: this.pointersBlock.pointer,
      rowIndices: this.indicesBlock.pointer,
      values: this.valuesBlock.pointer,
    };
  }

  /**
   * O(nnz).
   * @throws unless pointers ascend and the rows of every column are ascending, unique and in range.
   */
  validate(): void {
    const { colPointers, rowIndices, rows, cols, nnz } = this;
    if (colPointers[0] !== 0 || colPointers[cols] !== nnz) {
      fail(
        'INVALID_SHAPE',
        `Column pointers must run from 0 to ${nnz}, not ${colPointers[0]} to ${colPointers[cols]}.`,
      );
    }
    for (let j = 0; j < cols; j++) {
      if (colPointers[j + 1] < colPointers[j])
        fail('INVALID_SHAPE', `Column pointer ${j + 1} is below its predecessor.`);
      let previous = -1;
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
        const i = rowIndices[k];
        if (i >= rows || i <= previous) {
          fail(
            'INVALID_SHAPE',
            `Column ${j + 1} has the row index ${i} after ${previous} in a matrix of ${rows} rows; indices must be ascending, unique ` +
              'and in range (CscMatrix.fromTriplets sorts and adds up repeats).',
          );
        }
        previous = i;
      }
    }
  }

  /** Frees the memory immediately. The matrix must not be used afterwards. */
  free(): void {
    releaseBlocks(this, [this.pointersBlock, this.indicesBlock, this.valuesBlock]);
  }
}
