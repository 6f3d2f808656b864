import { factorisationKernels } from '@southwell/kernels/factorisation';
import { type CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import type { FactorPenalty, HalfReport } from './hals.ts';

/** Passes over the coefficients of a column; further passes are better spent on the other factor. */
const PASSES = 3;

/**
 * Update of one factor for the Kullback–Leibler loss Σ x log(x/y) − x + y, y = GᵀF: coordinate descent over each column
 * f ≥ 0 of F (Hsieh and Dhillon, KDD 2011). The derivative along a coordinate is concave, so that a Newton step never
 * passes the minimum from the left; from the right a secant step from 0 does not either. Each step decreases the
 * objective.
 */
export class KlHalf {
  private readonly longest: number;
  private readonly work: DenseMatrix;
  /** Row sums of the other factor, and the loss. */
  private readonly sums: DenseMatrix;

  /**
   * @param X The data or its transpose, whose columns correspond to those of F.
   * @param measured Whether the report contains the loss, which costs a logarithm per value.
   */
  constructor(
    private readonly X: CscMatrix,
    private readonly F: DenseMatrix,
    private readonly other: DenseMatrix,
    private readonly penalty: FactorPenalty,
    private readonly measured: boolean,
  ) {
    const { colPointers, arena } = X;
    let longest = 0;
    for (let j = 0; j < X.cols; j++) longest = Math.max(longest, colPointers[j + 1] - colPointers[j]);
    this.longest = longest;
    this.work = DenseMatrix.create(4 * Math.ceil(Math.max(1, longest) / 4), F.rows + 4, { arena, fill: false });
    this.sums = DenseMatrix.create(F.rows + 1, 1, { arena, fill: false });
  }

  run(): HalfReport {
    const { X, F, other, sums, measured } = this;
    const { pointers } = X;
    const { l1, l2 } = this.penalty;
    const k = F.rows;
    const [s, g] = [sums.data, other.data];
    s.fill(0);
    for (let i = 0; i < other.cols; i++) for (let t = 0; t < k; t++) s[t] += g[i * k + t];
    const violation = X.arena
      .use(factorisationKernels)
      .klDescent(
        X.rows,
        X.cols,
        k,
        pointers.colPointers,
        pointers.rowIndices,
        pointers.values,
        other.pointer,
        sums.pointer,
        F.pointer,
        l1,
        l2,
        PASSES,
        1e-3,
        this.longest,
        this.work.pointer,
        measured ? sums.pointer + 8 * k : 0,
      );
    return { violation, loss: measured ? Math.max(0, sums.data[k]) : Number.NaN };
  }

  free(): void {
    for (const M of [this.work, this.sums]) M.free();
  }
}
