import { LongProduct } from '../../linalg/index.ts';
import { SparseFactor } from '../factor.ts';
import { signOf } from '../matching.ts';

/** What the plain data of LU factors have in common. */
export interface LuParts {
  readonly n: number;
  readonly oneNorm: number;
  /** Row k of the pivots is row rowOrder[k] of A. */
  readonly rowOrder: Int32Array;
  readonly columnOrder: Int32Array;
  /** Powers of two by which rows of A were multiplied. */
  readonly scales: Float64Array;
  readonly diagonal: Float64Array;
  /** What solves say of a singular matrix. */
  readonly flaw: string | undefined;
}

/** PRAQ = LU of a sparse square matrix: L with a diagonal of ones, R powers of two. */
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

  /** Plain data, of which `luFromPlain` makes the factor again. Do not change its arrays. */
  toPlain(): P {
    return this.plain;
  }

  /** Entries of L and U, the diagonal once. */
  abstract get factorEntries(): number;

  /** Frees the memory now. The factor must not be used afterwards. */
  abstract free(): void;

  /** The first column of A, from 0, whose pivot is exactly zero; −1 where A has an inverse. */
  get zeroPivot(): number {
    const k = this.plain.diagonal.indexOf(0);
    return k < 0 ? -1 : this.plain.columnOrder[k];
  }

  /** det A as sign · e^log, and as a number, which is 0 or infinite where it leaves the range of doubles. O(n). */
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
