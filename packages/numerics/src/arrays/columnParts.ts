import { fail } from '../core/index.ts';
import type { CscMatrix } from './csc.ts';
import type { DenseMatrix } from './dense.ts';

/** How ranks that each hold some columns tell each other numbers. All ask the same in the same order, and all get the same answer. */
export interface ColumnExchange {
  /** How many ranks there are. */
  readonly ranks: number;
  /** Numbers of every rank's columns, one rank's after another's: of columns, those of all. */
  gather(own: Float64Array): Float64Array;
  /** `values` becomes the sum over the ranks, entry by entry. */
  sum(values: Float64Array): void;
}

/**
 * A matrix whose columns are spread over ranks: all rows of some columns that follow each other are here. What asks for other
 * columns asks the ranks that hold them, on all ranks alike.
 */
export class ColumnParts {
  readonly kind = 'parts';

  /** @throws INVALID_SHAPE if the columns that are here do not fit into `cols`. */
  constructor(
    /** The columns of this rank; there may be none. */
    readonly own: DenseMatrix | CscMatrix,
    /** Columns before those. */
    readonly first: number,
    /** Columns of all ranks together. */
    readonly cols: number,
    readonly exchange: ColumnExchange,
  ) {
    if (!(first >= 0 && first + own.cols <= cols)) {
      fail('INVALID_SHAPE', `Columns ${first + 1} to ${first + own.cols} are not among ${cols}.`);
    }
  }

  get rows(): number {
    return this.own.rows;
  }

  get arena() {
    return this.own.arena;
  }

  /** Of ranks each has its own threads: there is nothing to share with another. */
  share(): undefined {
    return undefined;
  }

  free(): void {
    this.own.free();
  }
}
