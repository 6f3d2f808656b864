import { LongProduct } from '../../linalg/index.ts';
import { SparseFactor } from '../factor.ts';
import { signOf } from '../matching.ts';

/** The common part of the plain data of LU factors. */
export interface LuParts {
  readonly n: number;
  readonly oneNorm: number;
  /** The pivot row of step k is row rowOrder[k] of A. */
  readonly rowOrder: Int32Array;
  readonly columnOrder: Int32Array;
  /** Powers of two by which the rows of A were multiplied. */
  readonly scales: Float64Array;
  readonly diagonal: Float64Array;
  /** The error message for solves with a singular matrix. */
  readonly flaw: string | undefined;
}

/**
 * The factorisation PRAQ = LU of a sparse square matrix: L has a unit diagonal, and the entries of the diagonal R are
 * powers of two.
 */
export abstract class SparseLuFactor<P extends LuParts = LuParts> extends SparseFactor {
  readonly n: number;
  readonly oneNorm: number;
  protected readonly flaw: string | undefined;

  /** @internal */
  constructor(protected readonly plain: P) {
    super();
    this.n = plain.n;
    this.oneNorm = plain.oneNorm;
    this.flaw = plain.flaw;
  }

  /** Plain data from which `luFromPlain` restores the factor. Its arrays must not be modified. */
  toPlain(): P {
    return this.plain;
  }

  /** Number of entries of L and U; the diagonal is counted once. */
  abstract get factorEntries(): number;

  /** Frees the memory immediately. The factor must not be used afterwards. */
  abstract free(): void;

  /** The index of the first column of A whose pivot is exactly zero; −1 if A is invertible. */
  get zeroPivot(): number {
    const k = this.plain.diagonal.indexOf(0);
    return k < 0 ? -1 : this.plain.columnOrder[k];
  }

  /** det A as sign · e^log, and as a number, which is 0 or infinite if outside the range of doubles. O(n). */
  determinant(): { readonly sign: number; readonly log: number; readonly value: number } {
    const product = new LongProduct();
    const { diagonal, scales, rowOrder, columnOrder } = this.plain;
    for (let k = 0; k < this.n; k++) {
      product.multiply(diagonal[k]);
      product.multiply(1 / scales[k]);
    }
    product.multiply(signOf(rowOrder) * signOf(columnOrder));
    return { sign: product.sign, log: product.log, value: product.value };
  }
}
