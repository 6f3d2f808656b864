import { factorisationKernels } from '@southwell/kernels/factorisation';
import { DenseMatrix, type Matrix } from '@southwell/numerics/arrays';
import { inOnePlace, type SplitRows } from '@southwell/numerics/core';
import { rowGram, rowProduct, splitImage, splitProduct } from '@southwell/numerics/linalg';

/** What is added to the loss: l1 Σ w + ½ l2 Σ w² over one factor. */
export interface FactorPenalty {
  readonly l1: number;
  readonly l2: number;
}

/** What a half-step of a method says of itself. */
export interface HalfReport {
  /** Σ of the sizes of the projected gradient's entries, before it. */
  readonly violation: number;
  /** Σ of the sizes of what the gradient is the difference of, where that is known: it is 0 to no more than their rounding. */
  readonly size?: number;
  /** Of the loss alone, after it; NaN of a half that does not measure it. */
  readonly loss: number;
}

/**
 * One factor's turn in hierarchical alternating least squares (Cichocki, Zdunek and Amari 2007): coordinate descent on
 * F ≥ 0, k × n, of ½‖X − GᵀF‖² + penalty with the products that need the data formed once and then several passes of
 * descent (Gillis and Glineur 2012), row by row for as long as they pay.
 */
export class HalsHalf {
  private readonly gram: DenseMatrix;
  private readonly own: DenseMatrix;
  private readonly q: DenseMatrix;
  private readonly passes: number;

  /** How the columns of the factors are spread over ranks: those of the one that has a column for each row as these, of the other not. */
  private readonly ownSplit: SplitRows;
  private readonly otherSplit: SplitRows;

  /** @param transpose F has a column for each row of X, not of its columns. */
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
    // What the products cost in passes of descent.
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

  /** Sums over the entries of F, of all ranks. */
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
