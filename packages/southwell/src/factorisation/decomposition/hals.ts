import { factorisationKernels } from '@southwell/kernels/factorisation';
import { DenseMatrix, type Matrix } from '@southwell/numerics/arrays';
import { inOnePlace, type SplitRows } from '@southwell/numerics/core';
import { rowGram, rowProduct, splitImage, splitProduct } from '@southwell/numerics/linalg';

/** Penalty on a factor: l1 Σ w + ½ l2 Σ w². */
export interface FactorPenalty {
  readonly l1: number;
  readonly l2: number;
}

/** Report of a half-round. */
export interface HalfReport {
  /** L1 norm of the projected gradient before the half-round. */
  readonly violation: number;
  /**
   * L1 norm of the terms whose difference is the gradient, if known: the gradient is zero up to their rounding errors.
   */
  readonly size?: number;
  /** The loss without penalties, after the half-round; NaN if it is not measured. */
  readonly loss: number;
}

/**
 * Update of one factor by hierarchical alternating least squares (Cichocki, Zdunek and Amari 2007): coordinate descent
 * on F ≥ 0, k × n, for ½‖X − GᵀF‖² + penalty. The products with the data are formed once, followed by several passes of
 * descent, row by row, as long as they pay off (Gillis and Glineur 2012).
 */
export class HalsHalf {
  private readonly gram: DenseMatrix;
  private readonly own: DenseMatrix;
  private readonly q: DenseMatrix;
  private readonly passes: number;

  /**
   * How the columns of the factors are distributed over ranks: those of the factor with a column for each row of X like
   * the rows, those of the other not at all.
   */
  private readonly ownSplit: SplitRows;
  private readonly otherSplit: SplitRows;

  /** @param transpose Whether F has a column for each row of X, instead of each column. */
  constructor(
    private readonly X: Matrix,
    private readonly F: DenseMatrix,
    private readonly other: DenseMatrix,
    private readonly transpose: boolean,
    private readonly penalty: FactorPenalty,
    private readonly squares: number,
    split: SplitRows,
  ) {
    const { arena } = X;
    const cols = inOnePlace(X.cols);
    [this.ownSplit, this.otherSplit] = transpose ? [split, cols] : [cols, split];
    const k = F.rows;
    this.gram = DenseMatrix.create(k, k, { arena });
    this.own = DenseMatrix.create(k, k, { arena });
    this.q = DenseMatrix.create(k, F.cols, { arena });
    // Cost of the products in passes of descent.
    const here = X.kind === 'dense' ? X.data.length : X.values.length;
    const values = split.tell(here).reduce((sum, count) => sum + count, 0);
    const [own, others] = [this.ownSplit.all, this.otherSplit.all];
    this.passes = 1 + Math.ceil(0.5 * (1 + (values + k * others) / (k * own)));
  }

  run(): HalfReport {
    const { X, F, other, gram, own, q, penalty, ownSplit, otherSplit } = this;
    const { l1, l2 } = penalty;
    const k = F.rows;
    rowGram(other, gram, otherSplit);
    for (let a = 0; a < k; a++) gram.data[a * k + a] += l2;
    if (this.transpose) splitImage(other, X, q, ownSplit);
    else splitProduct(other, X, q, otherSplit);
    const [size] = this.entries(1, (from, to, sums) => {
      const values = q.data;
      let sum = 0;
      for (let at = from; at < to; at++) sum += Math.abs(values[at]);
      sums[0] = sum;
    });
    rowProduct(gram, F, q, ownSplit, { alpha: -1, beta: 1 });
    const [violation] = this.entries(1, (from, to, sums) => {
      const [f, gradient] = [F.data, q.data];
      let sum = 0;
      for (let at = from; at < to; at++) {
        const g = gradient[at] - l1;
        gradient[at] = g;
        sum += f[at] > 0 || g > 0 ? Math.abs(g) : 0;
      }
      sums[0] = sum;
    });
    X.arena
      .use(factorisationKernels)
      .nonnegativeDescent(F.cols, k, gram.pointer, k, q.pointer, F.pointer, this.passes, 0.01);
    // With q = GX − l1 − (GGᵀ + l2)F: ½‖X − GᵀF‖² = ½‖X‖² − ⟨q, F⟩ − l1 ΣF − ½⟨GGᵀ, FFᵀ⟩ − l2‖F‖².
    rowGram(F, own, ownSplit);
    const [inner, sum] = this.entries(2, (from, to, sums) => {
      const [newF, newQ] = [F.data, q.data];
      let [inner, sum] = [0, 0];
      for (let at = from; at < to; at++) {
        inner += newQ[at] * newF[at];
        sum += newF[at];
      }
      sums[0] = inner;
      sums[1] = sum;
    });
    let both = 0;
    let square = 0;
    for (let at = 0; at < k * k; at++) both += gram.data[at] * own.data[at];
    for (let a = 0; a < k; a++) square += own.data[a * k + a];
    const loss = 0.5 * this.squares - inner - l1 * sum - 0.5 * both - 0.5 * l2 * square;
    return { violation, size, loss: Math.max(0, loss) };
  }

  /** Sums over the entries of F, over all ranks. */
  private entries(count: number, add: (from: number, to: number, sums: Float64Array) => void): Float64Array {
    const sums = new Float64Array(count);
    const k = this.F.rows;
    this.ownSplit.sum(sums, (_, from, to, part) => add(k * from, k * to, part));
    return sums;
  }

  free(): void {
    for (const M of [this.gram, this.own, this.q]) M.free();
  }
}
