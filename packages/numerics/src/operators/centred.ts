import { asMatrix, checkFinite, DenseMatrix, type Matrix, type MatrixLike } from '../arrays/index.ts';
import { fail, inOnePlace, type SplitRows, wholeNumber } from '../core/index.ts';
import {
  piecewise,
  type Svd,
  splitImage,
  splitMeans,
  splitProduct,
  splitRowSums,
  splitSquares,
} from '../linalg/index.ts';

interface OperatorOptions {
  readonly rank: number;
  /** Subtracts the column means. Default false. */
  readonly centre?: boolean;
  /** Column means to subtract instead. */
  readonly mean?: Float64Array;
  /** How the rows are distributed over ranks. Default: all are local. */
  readonly rows?: SplitRows;
}

/** Checked data, applied to wide matrices (few rows), optionally centred. */
export class Operator {
  /** Number of rows of all ranks. */
  readonly rows: number;
  /** Number of local rows. */
  readonly own: number;
  readonly cols: number;
  /** What is subtracted from each column, if anything. */
  readonly mean: Float64Array | undefined;

  /** @param own Whether the matrix is a copy that must be freed. */
  constructor(
    readonly matrix: Matrix,
    mean: Float64Array | undefined,
    private readonly copied: boolean,
    /** How the rows are distributed over ranks. */
    readonly split: SplitRows,
  ) {
    this.own = matrix.rows;
    this.rows = split.all;
    this.cols = matrix.cols;
    this.mean = mean;
  }

  get kernels(): Matrix['arena']['kernels'] {
    return this.matrix.arena.kernels;
  }

  /** An uninitialised k × n matrix in the arena of the data. */
  wide(k: number, n: number): DenseMatrix {
    return DenseMatrix.create(k, n, { arena: this.matrix.arena, fill: false });
  }

  filled(values: Float64Array, m: number, k: number): DenseMatrix {
    const out = this.wide(m, k);
    out.data.set(values);
    return out;
  }

  /** out ← B(X − 1μᵀ), or B(X − 1μᵀ)ᵀ with `transpose`. */
  times(B: DenseMatrix, out: DenseMatrix, transpose: boolean): void {
    const { matrix, mean, split } = this;
    const k = B.rows;
    const weights = new Float64Array(k);
    if (transpose) splitImage(B, matrix, out, split);
    else splitProduct(B, matrix, out, split);
    if (!mean) return;
    // Subtracts (B1)μᵀ, or (Bμ)1ᵀ.
    if (transpose) {
      const { data } = B;
      for (let j = 0; j < B.cols; j++) for (let a = 0; a < k; a++) weights[a] += data[j * k + a] * mean[j];
    } else splitRowSums(B, weights, split);
    const to = out.data;
    for (let j = 0; j < out.cols; j++) {
      const by = transpose ? 1 : mean[j];
      for (let a = 0; a < k; a++) to[j * k + a] -= weights[a] * by;
    }
  }

  /** ‖(X − 1μᵀ)ᵀu − σv‖ for each triple, or ‖(X − 1μᵀ)u − σv‖ with `transpose`; u and v are columns. */
  residuals(U: DenseMatrix, V: DenseMatrix, s: Float64Array, transpose: boolean): Float64Array {
    const k = s.length;
    const B = this.wide(k, U.rows);
    const image = this.wide(k, V.rows);
    this.kernels.transpose(U.rows, k, U.pointer, U.rows, B.pointer, k);
    this.times(B, image, transpose);
    const out = new Float64Array(k);
    const [from, v] = [image.data, V.data];
    const scale = s[0] > 0 ? s[0] : 1;
    (transpose ? this.split : inOnePlace(V.rows)).sum(out, (_, start, end, sums) => {
      for (let a = 0; a < k; a++) {
        let sum = 0;
        for (let j = start; j < end; j++) sum += ((from[j * k + a] - s[a] * v[a * V.rows + j]) / scale) ** 2;
        sums[a] = sum;
      }
    });
    for (let a = 0; a < k; a++) out[a] = scale * Math.sqrt(out[a]);
    for (const M of [B, image]) M.free();
    return out;
  }

  /**
   * U = leftᵀP and V = rightᵀR, restricted to the first `rank` columns, as new matrices, with the sign convention of
   * {@link Svd}.
   */
  finish(left: DenseMatrix, P: Float64Array, s: Float64Array, right: DenseMatrix, R: Float64Array, rank: number): Svd {
    const U = this.combine(left, P, rank, this.split);
    const V = this.combine(right, R, rank, inOnePlace(right.cols));
    for (let a = 0; a < rank; a++) {
      const [u, v] = [U.column(a), V.column(a)];
      let at = 0;
      for (let j = 1; j < v.length; j++) if (Math.abs(v[j]) > Math.abs(v[at])) at = j;
      if (v[at] >= 0) continue;
      for (let i = 0; i < u.length; i++) u[i] = -u[i];
      for (let j = 0; j < v.length; j++) v[j] = -v[j];
    }
    return { U, singularValues: s.slice(0, rank), V, ...(this.mean && { mean: this.mean }) };
  }

  /** FᵀC, for the first `rank` columns of C, which is stored by rows. */
  private combine(F: DenseMatrix, C: Float64Array, rank: number, split: SplitRows): DenseMatrix {
    const m = F.rows;
    const small = this.wide(m, rank);
    for (let a = 0; a < rank; a++) for (let i = 0; i < m; i++) small.set(i, a, C[i * m + a]);
    const out = this.wide(F.cols, rank);
    piecewise(F, small, out, split);
    small.free();
    return out;
  }

  /** ‖X − 1μᵀ‖². */
  squaredNorm(): number {
    const { matrix: X, mean, split } = this;
    if (split.spread) return splitSquares(X, mean, split);
    const [length, pointer] = X.kind === 'dense' ? [X.data.length, X.pointer] : [X.nnz, X.pointers.values];
    const sum = this.kernels.dot(length, pointer, pointer);
    return mean ? Math.max(0, sum - X.rows * mean.reduce((s, v) => s + v * v, 0)) : sum;
  }

  /** Frees memory. */
  end(): void {
    if (this.copied) this.matrix.free();
  }
}

/**
 * Checks data for a factorisation of the given rank. O(values).
 * @throws EMPTY, INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE.
 */
export function operator(input: MatrixLike, options: OperatorOptions): Operator {
  const X: Matrix = asMatrix(input);
  const { rows: split = inOnePlace(X.rows) } = options;
  const { cols } = X;
  if (split.own !== X.rows) {
    fail('INVALID_SHAPE', `X has ${X.rows} rows, but ${split.own} of the rows are on this rank.`);
  }
  const rows = split.all;
  if (rows === 0 || cols === 0) fail('EMPTY', `A ${rows} × ${cols} matrix is empty and cannot be factorised.`);
  wholeNumber('rank', options.rank, 1, Math.min(rows, cols));
  if (options.mean && options.mean.length !== cols) {
    fail('INVALID_SHAPE', `The model has ${options.mean.length} columns, but X has ${cols}.`);
  }
  checkFinite(X, 'X', split.first);
  return new Operator(X, options.mean ?? (options.centre ? splitMeans(X, split) : undefined), X !== input, split);
}
