import { fail } from '../core/index.ts';
import type { CscMatrix } from './csc.ts';
import type { DenseMatrix } from './dense.ts';

/**
 * Collective operations among ranks that each hold some columns. All ranks make the same calls in the same order and
 * get the same results.
 */
export interface ColumnExchange {
  /** Number of ranks. */
  readonly ranks: number;
  /** All-gather of numbers, concatenated by rank: per-column values of this rank become those of all columns. */
  gather(own: Float64Array): Float64Array;
  /** Replaces `values` by the elementwise sum over the ranks. */
  sum(values: Float64Array): void;
}

/**
 * A matrix whose columns are distributed over ranks: this rank holds all rows of a contiguous range of columns.
 * Operations that need other columns are collective: all ranks must call them.
 */
export class ColumnParts {
  readonly kind = 'parts';

  /** @throws INVALID_SHAPE if the local columns exceed `cols`. */
  constructor(
    /** The columns of this rank; there may be none. */
    readonly own: DenseMatrix | CscMatrix,
    /** Number of columns before those of this rank. */
    readonly first: number,
    /** Columns of all ranks together. */
    readonly cols: number,
    readonly exchange: ColumnExchange,
  ) {
    if (!(first >= 0 && first + own.cols <= cols)) {
      fail('INVALID_SHAPE', `Columns ${first + 1} to ${first + own.cols} exceed the ${cols} columns of the matrix.`);
    }
  }

  get rows(): number {
    return this.own.rows;
  }

  get arena() {
    return this.own.arena;
  }

  /** Each rank has its own threads, so there is nothing to share with others. */
  share(): undefined {
    return undefined;
  }

  free(): void {
    this.own.free();
  }
}
