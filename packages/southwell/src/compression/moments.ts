import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, knownKeys, wholeNumber } from '@southwell/numerics/core';
import { gramMatrix } from '@southwell/numerics/linalg';

/** What calibration keeps of the inputs x of a layer: sums over `samples` of them. */
export interface InputMoments {
  readonly samples: number;
  /** Σ x_j², for each input j. */
  readonly diagonal: Float64Array;
  /** Σ x xᵀ, which methods that move weights need. */
  readonly full: DenseMatrix | undefined;
}

/** Rows that are multiplied at a time: their Gram matrix costs more than the copy, and they stay in the cache. */
const BATCH = 256;

/**
 * Sums of products of a layer's inputs, added up batch by batch in double precision. O(columns²) numbers, or O(columns)
 * for the diagonal alone.
 */
export class MomentSums {
  private samples = 0;
  private readonly diagonal: Float64Array;
  private readonly full: DenseMatrix | undefined;
  private readonly batch: DenseMatrix;
  private readonly product: DenseMatrix | undefined;

  /** @throws INVALID_PARAMETER unless `columns` is a whole number of at least 1. */
  constructor(
    readonly columns: number,
    options: { readonly full?: boolean } = {},
  ) {
    wholeNumber('The number of inputs', columns, 1);
    knownKeys('MomentSums', options, { full: true });
    this.diagonal = new Float64Array(columns);
    this.batch = DenseMatrix.create(columns, BATCH);
    if (options.full ?? true) {
      const { arena } = this.batch;
      this.full = DenseMatrix.create(columns, columns, { arena });
      this.product = DenseMatrix.create(columns, columns, { arena });
    }
  }

  /**
   * Adds inputs, one after the other in `values`. O(columns²) each.
   * @throws INVALID_SHAPE if they are no whole number of inputs; NON_FINITE for NaN and infinite values, with their place:
   * nothing is added then.
   */
  add(values: ArrayLike<number>): void {
    const { columns, batch, diagonal } = this;
    const count = values.length / columns;
    if (!Number.isInteger(count))
      fail('INVALID_SHAPE', `${values.length} numbers are no whole number of inputs of ${columns}.`);
    for (let i = 0; i < values.length; i++)
      if (!Number.isFinite(values[i]))
        fail(
          'NON_FINITE',
          `Input ${i % columns} of calibration row ${Math.floor(i / columns)} is ${values[i]}; remove this row.`,
        );
    for (let from = 0; from < count; from += BATCH) {
      const rows = Math.min(BATCH, count - from);
      const { data } = batch;
      for (let i = 0, at = from * columns; i < rows * columns; i++, at++) data[i] = values[at];
      data.fill(0, rows * columns);
      for (let r = 0, at = 0; r < rows; r++) for (let j = 0; j < columns; j++, at++) diagonal[j] += data[at] * data[at];
      if (this.full) {
        gramMatrix(batch, this.product!, { transpose: true });
        const [sum, part] = [this.full.data, this.product!.data];
        for (let i = 0; i < sum.length; i++) sum[i] += part[i];
      }
    }
    this.samples += count;
  }

  /** The sums so far, without a copy. */
  moments(): InputMoments {
    const { samples, diagonal, full } = this;
    return { samples, diagonal, full };
  }

  /** Frees the memory in which batches were multiplied; nothing can be added afterwards. */
  end(): void {
    for (const used of [this.batch, this.product]) used?.free();
  }
}

/**
 * Moments of inputs given at once, row after row.
 * @throws as {@link MomentSums}.
 */
export function momentsOf(
  values: ArrayLike<number>,
  columns: number,
  options: { readonly full?: boolean } = {},
): InputMoments {
  const sums = new MomentSums(columns, options);
  sums.add(values);
  return sums.moments();
}

/** @throws INVALID_SHAPE unless the moments are those of the inputs of W; INVALID_PARAMETER if the full ones are missing. */
export function checkMoments(name: string, W: DenseMatrix, moments: InputMoments): void {
  if (moments.diagonal.length !== W.cols)
    fail(
      'INVALID_SHAPE',
      `${name}: the layer has ${W.cols} inputs, but the moments are those of ${moments.diagonal.length}.`,
    );
}

/**
 * Σ x xᵀ with `damping` times its mean diagonal added to the diagonal; inputs that are always 0 get a diagonal of that
 * mean, so that nothing moves on their account.
 * @throws INVALID_PARAMETER if only the diagonal was kept.
 */
export function dampedMoments(name: string, { full, diagonal }: InputMoments, damping: number): DenseMatrix {
  if (!full) return fail('INVALID_PARAMETER', `${name} needs the full moments; calibrate with { full: true }.`);
  const n = full.cols;
  const H = DenseMatrix.fromColumnMajor(full.data, n, n);
  const { data } = H;
  let mean = 0;
  for (const d of diagonal) mean += d / n;
  if (mean === 0) mean = 1;
  for (let j = 0; j < n; j++) data[j * n + j] += diagonal[j] === 0 ? mean : damping * mean;
  return H;
}
