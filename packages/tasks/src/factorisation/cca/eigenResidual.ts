import type { DenseMatrix } from '@southwell/numerics/arrays';

/**
 * Relative residual of the directions of two views in C₁₂w₂ = λB₁w₁, C₂₁w₁ = λB₂w₂ with B = αI + (1 − α)Var: 0 for
 * canonical directions, 1 if both sides are orthogonal. Rows come in blocks; columns are scaled by their B_jj.
 */
export class EigenResidual {
  private rows = 0;
  /** For each view, columns × components: Xᵀz of its own scores and of those of the other view; and ‖x_j‖². */
  private readonly own: Float64Array[];
  private readonly other: Float64Array[];
  private readonly squares: Float64Array[];

  constructor(
    private readonly weights: readonly DenseMatrix[],
    private readonly ridge: number,
  ) {
    this.own = weights.map((W) => new Float64Array(W.rows * W.cols));
    this.other = weights.map((W) => new Float64Array(W.rows * W.cols));
    this.squares = weights.map((W) => new Float64Array(W.rows));
  }

  /** Centred values of `count` rows by view, row and column, and their scores. O(count · columns · components). */
  add(count: number, value: (view: number, row: number, column: number) => number, Z: readonly DenseMatrix[]): void {
    this.rows += count;
    this.weights.forEach((W, v) => {
      const [own, other, squares, k] = [this.own[v], this.other[v], this.squares[v], W.cols];
      const [z, far] = [Z[v], Z[1 - v]];
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < W.rows; j++) {
          const x = value(v, i, j);
          squares[j] += x * x;
          for (let c = 0; c < k; c++) {
            own[j * k + c] += x * z.get(i, c);
            other[j * k + c] += x * far.get(i, c);
          }
        }
      }
    });
  }

  /** The largest residual of all components. */
  largest(): number {
    const { weights, ridge } = this;
    const n = Math.max(1, this.rows - 1);
    const terms = (v: number, j: number, c: number) => {
      const W = weights[v];
      const at = j * W.cols + c;
      const b = (1 - ridge) * (this.own[v][at] / n) + ridge * W.get(j, c);
      return { w: W.get(j, c), a: this.other[v][at] / n, b, unit: (1 - ridge) * (this.squares[v][j] / n) + ridge };
    };
    let worst = 0;
    for (let c = 0; c < weights[0].cols; c++) {
      const all = weights.flatMap((W, v) => Array.from({ length: W.rows }, (_, j) => terms(v, j, c)));
      const sum = (of: (t: (typeof all)[number]) => number) => all.reduce((s, t) => s + of(t), 0);
      const lambda = sum(({ w, a }) => w * a) / sum(({ w, b }) => w * b);
      const size = (v: number, unit: number) => (unit > 0 ? (v * v) / unit : 0);
      const off = sum(({ a, b, unit }) => size(a - lambda * b, unit));
      const both = sum(({ a, b, unit }) => size(a, unit) + size(lambda * b, unit));
      worst = Math.max(worst, both > 0 ? Math.sqrt(off / both) : 0);
    }
    return worst;
  }
}
