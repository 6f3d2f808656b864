import { type CscMatrix, DenseMatrix } from '../../arrays/index.ts';
import { fail } from '../../core/index.ts';
import { type Inertia, LongProduct } from '../../linalg/index.ts';
import type { FactorShape } from '../cholesky.ts';
import { oneNormOf, SparseFactor } from '../factor.ts';
import { type FrontSolver, solveFronts } from '../fronts.ts';
import type { Entries, Supernodes } from '../supernodes.ts';
import { LdltFronts } from './ldltFronts.ts';

/** A factor as plain data with typed arrays, for checkpoints. */
export interface PlainLdlt {
  readonly kind: 'sparse ldlt';
  readonly n: number;
  readonly oneNorm: number;
  readonly order: Int32Array;
  readonly first: Int32Array;
  readonly rowStart: Int32Array;
  readonly rows: Int32Array;
  readonly values: Float64Array;
  readonly diagonal: Float64Array;
  readonly below: Float64Array;
}

/** Inertia, and whether it is certain in spite of rounding. */
export interface SparseInertia extends Inertia {
  /**
   * Whether no eigenvalue is so close to zero that the rounding errors of the factorisation, at most (m +
   * 10)·ε·‖|L||D||Lᵀ|‖₁, where m is the largest number of entries in a row of L, could have changed its sign.
   */
  readonly certain: boolean;
}

/** L by supernodes, and D. */
interface Parts extends FactorShape {
  /** The columns of the supernodes, one after the other. */
  readonly values: DenseMatrix;
  /** The diagonal of D. */
  readonly diagonal: Float64Array;
  /** The subdiagonal of D: non-zero at k if rows k and k + 1 form a 2 × 2 block. */
  readonly below: Float64Array;
}

/** The factorisation PAPᵀ = LDLᵀ of a sparse symmetric matrix, where D has 1 × 1 and 2 × 2 blocks. */
export class SparseLdltFactor extends SparseFactor {
  protected flaw: string | undefined;
  private norm = 0;
  private solver: FrontSolver;

  /** @internal */
  constructor(
    private readonly parts: Parts,
    oneNorm: number,
  ) {
    super();
    this.solver = solveFronts(parts, parts.values);
    this.complete(oneNorm);
  }

  get oneNorm(): number {
    return this.norm;
  }

  get n(): number {
    return this.parts.n;
  }

  /** Number of stored values of L, which grows with every pivot that had to wait. */
  get entries(): number {
    return this.solver.size;
  }

  /** Row k of PAPᵀ is row order[k] of A. */
  get order(): Int32Array {
    return this.parts.order.slice();
  }

  /**
   * The inertia of A, which by Sylvester's law is that of D; zeros are pivots that are exactly zero. O(n), and about
   * ten solves for `certain`, which is left out unless asked for.
   */
  inertia(): Inertia;
  inertia(options: { readonly certain: true }): SparseInertia;
  inertia(options: { readonly certain?: boolean } = {}): Inertia | SparseInertia {
    let [positive, negative, zero] = [0, 0, 0];
    this.blocks((d, e, c) => {
      if (e === 0) {
        if (d > 0) positive++;
        else if (d < 0) negative++;
        else zero++;
      } else if ((d / e) * (c / e) < 1) {
        positive++;
        negative++;
      } else if (d > 0) positive += 2;
      else negative += 2;
    });
    const found = { positive, negative, zero };
    if (!options.certain) return found;
    const error = (this.longestRow() + 10) * Number.EPSILON * this.sizeOfParts();
    // 1/‖A⁻¹‖₁ is at most the magnitude of the smallest eigenvalue; the estimate is nearly always within a factor of
    // three.
    const nearest = () => this.reciprocalCondition() * this.oneNorm;
    return { ...found, certain: this.n === 0 || (zero === 0 && nearest() > 3 * error) };
  }

  /** det A as sign · e^log, and as a number, which is 0 or infinite if outside the range of doubles. O(n). */
  determinant(): { readonly sign: number; readonly log: number; readonly value: number } {
    const product = new LongProduct();
    this.blocks((d, e, c) => {
      if (e === 0) product.multiply(d);
      else {
        product.multiply(e);
        product.multiply(e);
        product.multiply((d / e) * (c / e) - 1);
      }
    });
    return { sign: product.sign, log: product.log, value: product.value };
  }

  /**
   * The size of the pivot of each row of A: of the 1 × 1 block of D, or of the smaller eigenvalue of the 2 × 2 block,
   * that it belongs to. Pivots that are tiny beside the entries of their rows tell that A is nearly singular, and that
   * the signs of its smallest eigenvalues are due to rounding. O(n).
   */
  pivotSizes(): Float64Array {
    const { order, diagonal, below, n } = this.parts;
    const sizes = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      const e = below[k];
      if (e === 0) {
        sizes[order[k]] = Math.abs(diagonal[k]);
        continue;
      }
      // Eigenvalues of the block divided by e, whose product is pq − 1.
      const p = diagonal[k] / e;
      const q = diagonal[k + 1] / e;
      const larger = (Math.abs(p + q) + Math.sqrt((p - q) ** 2 + 4)) / 2;
      sizes[order[k]] = sizes[order[k + 1]] = Math.abs((p * q - 1) / larger) * Math.abs(e);
      k++;
    }
    return sizes;
  }

  protected solveVector(x: Float64Array): void {
    this.solver.vector(x, true, this.middle);
  }

  protected solveVectorTransposed(x: Float64Array): void {
    this.solveVector(x);
  }

  protected override solveColumns(X: DenseMatrix): void {
    this.solver.columns(X, true, this.middle);
  }

  private readonly middle = (heap: Float64Array, at: number, ld: number, count: number): void => {
    for (let c = 0; c < count; c++) this.divide(heap, at + c * ld);
  };

  /**
   * Factorises another matrix of the same analysis in place.
   * @throws INVALID_PARAMETER for a factor of another analysis, NUMERICAL if values overflow, NOT_SUPPORTED for factors
   * of more than 4 GiB.
   * @internal
   */
  replace(A: CscMatrix, analysis: Supernodes, threshold: number): void {
    const { parts } = this;
    if (!(parts instanceof LdltFronts && parts.isOf(analysis))) {
      fail('INVALID_PARAMETER', 'reuse takes a factor that was made by the same analysis.');
    }
    try {
      this.solver.free();
      parts.factor(A, threshold);
      this.solver = solveFronts(parts, parts.values);
      this.complete(oneNormOf(A, true));
    } catch (error) {
      parts.diagonal.fill(Number.NaN);
      parts.below.fill(0);
      this.flaw = 'The last matrix could not be factorised in place of the one before: factorise one that can be.';
      throw error;
    }
  }

  private complete(oneNorm: number): void {
    this.norm = oneNorm;
    const { diagonal, below, order } = this.parts;
    const zero = diagonal.findIndex((d, k) => d === 0 && below[k] === 0 && (k === 0 || below[k - 1] === 0));
    this.flaw =
      zero < 0
        ? undefined
        : `The matrix is singular: column ${order[zero] + 1} depends on the others. Solve by sparseQr(A), in the sense of ` +
          'least squares, or shift the diagonal.';
  }

  /** Frees the memory immediately. The factor must not be used afterwards. */
  free(): void {
    this.parts.values.free();
    this.solver.free();
  }

  /** Plain data from which {@link SparseLdltFactor.fromPlain} restores the factor. A copy. */
  toPlain(): PlainLdlt {
    const { n, order, first, rowStart, rows, values, diagonal, below } = this.parts;
    const copies = { order: order.slice(), first: first.slice(), rowStart: rowStart.slice(), rows: rows.slice() };
    const D = { diagonal: diagonal.slice(), below: below.slice() };
    const L = values.data.slice(0, this.solver.size);
    return { kind: 'sparse ldlt', n, oneNorm: this.oneNorm, ...copies, values: L, ...D };
  }

  /** @throws INVALID_FORMAT unless `plain` was returned by {@link SparseLdltFactor.toPlain}. */
  static fromPlain(plain: PlainLdlt): SparseLdltFactor {
    if (plain?.kind !== 'sparse ldlt') fail('INVALID_FORMAT', 'This is not a sparse LDLᵀ factor.');
    const { kind: _, oneNorm, values, ...rest } = plain;
    return new SparseLdltFactor({ ...rest, values: DenseMatrix.fromColumnMajor(values, values.length, 1) }, oneNorm);
  }

  /** y ← D⁻¹y for n values beginning at `at`. */
  private divide(y: Float64Array, at: number): void {
    const { diagonal, below, n } = this.parts;
    for (let k = 0; k < n; k++) {
      const e = below[k];
      if (e === 0) {
        y[at + k] /= diagonal[k];
        continue;
      }
      const p = diagonal[k] / e;
      const q = diagonal[k + 1] / e;
      const determinant = p * q - 1;
      const u = y[at + k] / e;
      const v = y[at + k + 1] / e;
      y[at + k] = (q * u - v) / determinant;
      y[at + k + 1] = (p * v - u) / determinant;
      k++;
    }
  }

  /** Visits the blocks of D: one number, or two diagonal entries and the entry beside them. */
  private blocks(visit: (d: number, e: number, c: number) => void): void {
    const { diagonal, below, n } = this.parts;
    for (let k = 0; k < n; k++) {
      if (below[k] === 0) visit(diagonal[k], 0, 0);
      else {
        visit(diagonal[k], below[k], diagonal[k + 1]);
        k++;
      }
    }
  }

  private longestRow(): number {
    const { rowStart, rows, n } = this.parts;
    const counts = new Int32Array(n);
    this.solver.each((s, from, k) => {
      for (let i = 0; i < k; i++) counts[from + i] += i + 1;
      for (let q = rowStart[s]; q < rowStart[s + 1]; q++) counts[rows[q]] += k;
    });
    return counts.reduce((most, count) => Math.max(most, count), 0);
  }

  /** ‖|L||D||Lᵀ|‖₁. */
  private sizeOfParts(): number {
    const { n, diagonal, below, values, rowStart, rows } = this.parts;
    const L = values.data;
    const x = new Float64Array(n).fill(1);
    // y ← |Lᵀ|e, then |D|y, then |L|y.
    this.solver.each((s, from, k, m, panel) => {
      for (let j = 0; j < k; j++) {
        let sum = 1;
        for (let i = j + 1; i < m; i++) sum += Math.abs(L[panel + j * m + i]);
        x[from + j] = sum;
      }
      return s;
    });
    const y = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      y[k] += Math.abs(diagonal[k]) * x[k];
      if (below[k] === 0) continue;
      y[k] += Math.abs(below[k]) * x[k + 1];
      y[k + 1] += Math.abs(below[k]) * x[k];
    }
    const z = y.slice();
    this.solver.each((s, from, k, m, panel) => {
      for (let j = 0; j < k; j++) {
        for (let i = j + 1; i < m; i++) {
          const row = i < k ? from + i : rows[rowStart[s] + i - k];
          z[row] += Math.abs(L[panel + j * m + i]) * y[from + j];
        }
      }
    });
    return z.reduce((most, v) => Math.max(most, v), 0);
  }
}

/** @throws NUMERICAL if values overflow, NOT_SUPPORTED for factors of more than 4 GiB. */
export function factorLdlt(A: CscMatrix, shape: Supernodes, entries: Entries, threshold: number): SparseLdltFactor {
  const fronts = new LdltFronts(shape, entries);
  try {
    fronts.factor(A, threshold);
    fronts.trim();
  } catch (error) {
    fronts.free();
    throw error;
  }
  return new SparseLdltFactor(fronts, oneNormOf(A, true));
}
