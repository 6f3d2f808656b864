import { asMatrix, checkFinite, type DenseMatrix, type Matrix, type MatrixLike } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { multiply, multiplyTransposed } from '@southwell/numerics/linalg';

/** Size of a block of rows in bytes: the data read for Av are still in the L2 cache for Aᵀu. */
const BLOCK_BYTES = 400_000;

/** Number of rows whose products are summed without compensation. */
const FEW = 64;

type Block = ReturnType<Matrix['arena']['f64Block']>;

/**
 * min Σ w_i (b − Ax)_i² + ridge‖x‖² in units without overflow and underflow: b divided by a power of two, columns by
 * powers of two near their norms, so that x_j = unit·z_j/columns[j]; the rows of the ridge are beneath. All products
 * with A are made and counted here; a product with A and one with Aᵀ read dense data once, block by block.
 */
export class SketchProblem {
  readonly matrix: Matrix;
  readonly n: number;
  /** Number of columns including the intercept, whose column is the last and is not stored. */
  readonly d: number;
  /** Number of columns of the matrix. */
  readonly cols: number;
  /** √w, if there are weights. */
  readonly roots: Float64Array | undefined;
  readonly unit: number;
  /** Set when the norms of columns are known from a sketch. */
  columns: Float64Array;
  /** √ridge divided by the scales of columns. */
  private damping: Float64Array;
  /** Number of passes over the data. */
  passes = 0;
  private readonly copied: boolean;
  private readonly blocks: Block[] = [];
  private readonly b: Block;
  private readonly u: Block;
  private readonly x: Block;
  private readonly g: Block;
  private readonly part: Block;
  private readonly piece: Block;
  private readonly low: Float64Array;
  private readonly size: number;

  /** @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER, EMPTY. */
  constructor(
    A: MatrixLike,
    b: ArrayLike<number>,
    readonly ridge: number,
    weights: ArrayLike<number> | undefined,
    readonly intercept = false,
  ) {
    const matrix = asMatrix(A);
    this.matrix = matrix;
    this.copied = matrix !== A;
    const { rows: n, cols, arena } = matrix;
    const d = cols + (intercept ? 1 : 0);
    [this.n, this.d, this.cols] = [n, d, cols];
    if (n === 0 || cols === 0) fail('EMPTY', `There is nothing to solve with a ${n} × ${cols} matrix.`);
    checkFinite(matrix, 'A');
    if (b.length !== n) fail('INVALID_SHAPE', `b has ${b.length} values, but A has ${n} rows.`);
    if (n < d && ridge === 0) {
      fail(
        'INVALID_SHAPE',
        `A has ${n} rows for ${cols} columns${intercept ? ' and a constant' : ''}: many x fit alike, and a sketch shortens long systems only. Give a ridge, or take svd(A), lsqr(A, b) or solve(A, b) for the shortest x.`,
      );
    }
    this.roots = weights && rootsOf(weights, n);
    const right = Float64Array.from(b);
    let most = 0;
    for (let i = 0; i < n; i++) {
      if (!Number.isFinite(right[i])) fail('NON_FINITE', `b holds ${right[i]} in row ${i + 1}.`);
      most = Math.max(most, Math.abs(right[i]));
    }
    this.unit = powerOfTwo(most);
    for (let i = 0; i < n; i++) right[i] = (right[i] / this.unit) * (this.roots ? this.roots[i] : 1);
    this.size = Math.max(64, Math.min(512, 16 * Math.floor(BLOCK_BYTES / (8 * d) / 16)));
    const block = (length: number) => {
      const made = arena.f64Block(length);
      this.blocks.push(made);
      return made;
    };
    [this.b, this.u, this.piece] = [block(n), block(n), block(Math.min(n, this.size))];
    [this.x, this.g, this.part] = [block(cols), block(cols), block(cols)];
    this.b.view.set(right);
    this.u.view.fill(0);
    this.low = new Float64Array(d);
    this.columns = new Float64Array(d).fill(1);
    this.damping = new Float64Array(d);
  }

  /** The right-hand side, scaled by units and weights. */
  get right(): Float64Array {
    return this.b.view;
  }

  /** Sets column scales from the norms of columns. */
  scaleBy(lengths: Float64Array): void {
    this.columns = lengths.map(powerOfTwo);
    // The intercept is not penalised.
    this.damping = this.columns.map((c, j) => (j < this.cols ? Math.sqrt(this.ridge) / c : 0));
  }

  /** The rows of the ridge in the units of z: a diagonal; zeros without a ridge. */
  get ridgeRows(): Float64Array {
    return this.damping;
  }

  /** u ← b − Az; returns ‖u‖ and Aᵀu. One pass over the data. */
  residual(z: Float64Array): { readonly norm: number; readonly gradient: Float64Array } {
    return this.pass(z, -1, undefined);
  }

  /** u ← Az − alpha·u; returns ‖u‖ and Aᵀu. One pass over the data. */
  advance(z: Float64Array, alpha: number): { readonly norm: number; readonly gradient: Float64Array } {
    return this.pass(z, 1, alpha);
  }

  /** u ← u·by. */
  scale(by: number): void {
    const u = this.u.view;
    for (let i = 0; i < u.length; i++) u[i] *= by;
    for (let j = 0; j < this.d; j++) this.low[j] *= by;
  }

  /** u ← sign·A z − alpha·u, or b + sign·A z if alpha is undefined. */
  private pass(z: Float64Array, sign: number, alpha: number | undefined) {
    const { d, columns, low, damping } = this;
    this.passes++;
    const x = this.x.view;
    for (let j = 0; j < x.length; j++) x[j] = z[j] / columns[j];
    const shift = this.intercept ? sign * (z[d - 1] / columns[d - 1]) : 0;
    for (let j = 0; j < d; j++) {
      low[j] = sign * damping[j] * z[j] - (alpha === undefined ? 0 : alpha * low[j]);
    }
    const { square: above, sum } =
      this.matrix.kind === 'dense' ? this.dense(this.matrix, sign, alpha, shift) : this.sparse(sign, alpha, shift);
    let square = above;
    const gradient = new Float64Array(d);
    const g = this.g.view;
    for (let j = 0; j < d; j++) {
      gradient[j] = (j < g.length ? g[j] : sum) / columns[j] + damping[j] * low[j];
      square += low[j] * low[j];
    }
    return { norm: Math.sqrt(square), gradient };
  }

  /** ‖u‖², and the weighted sum of u. */
  private dense(A: DenseMatrix, sign: number, alpha: number | undefined, shift: number) {
    const { n, cols: d, b, u, x, part, piece, roots } = this;
    const { kernels } = A.arena;
    const [g, more] = [this.g.view, part.view];
    g.fill(0);
    const lost = new Float64Array(d);
    let [square, sum] = [0, 0];
    for (let first = 0; first < n; first += this.size) {
      const count = Math.min(this.size, n - first);
      const from = A.pointer + 8 * first;
      const to = u.pointer + 8 * first;
      if (alpha === undefined) u.view.set(b.view.subarray(first, first + count), first);
      const beta = alpha === undefined ? 1 : -alpha;
      let back = to;
      if (roots) {
        kernels.gemv(count, d, sign, from, n, x.pointer, 0, piece.pointer);
        const [all, own] = [u.view, piece.view];
        for (let i = 0; i < count; i++) {
          const value = beta * all[first + i] + roots[first + i] * (own[i] + shift);
          all[first + i] = value;
          own[i] = value * roots[first + i];
          sum += own[i];
        }
        back = piece.pointer;
      } else {
        kernels.gemv(count, d, sign, from, n, x.pointer, beta, to);
        if (this.intercept) {
          const own = u.view;
          for (let i = first; i < first + count; i++) {
            own[i] += shift;
            sum += own[i];
          }
        }
      }
      square += kernels.dot(count, to, to);
      // Few rows at a time, with compensated sums: errors of Aᵀu are amplified by the square of the condition number.
      for (let at = 0; at < count; at += FEW) {
        kernels.gemvT(Math.min(FEW, count - at), d, from + 8 * at, n, back + 8 * at, part.pointer);
        for (let j = 0; j < d; j++) {
          const total = g[j] + more[j];
          const own = total - g[j];
          lost[j] += g[j] - (total - own) + (more[j] - own);
          g[j] = total;
        }
      }
    }
    for (let j = 0; j < d; j++) g[j] += lost[j];
    return { square, sum };
  }

  private sparse(sign: number, alpha: number | undefined, shift: number) {
    const { n, matrix, roots } = this;
    const image = new Float64Array(n);
    multiply(matrix, this.x.view, image);
    const [u, b] = [this.u.view, this.b.view];
    let [square, sum] = [0, 0];
    for (let i = 0; i < n; i++) {
      const value = (roots ? roots[i] : 1) * (sign * image[i] + shift) + (alpha === undefined ? b[i] : -alpha * u[i]);
      u[i] = value;
      image[i] = value * (roots ? roots[i] : 1);
      sum += image[i];
      square += value * value;
    }
    multiplyTransposed(matrix, image, this.g.view);
    return { square, sum };
  }

  /** x from z, in the units of the data, the intercept last. */
  point(z: Float64Array): Float64Array {
    // Avoids negative zeros.
    return z.map((v, j) => (v / this.columns[j]) * this.unit + 0);
  }

  /** Frees memory. */
  end(): void {
    for (const block of this.blocks) block.free();
    if (this.copied) this.matrix.free();
  }
}

function rootsOf(weights: ArrayLike<number>, n: number): Float64Array {
  if (weights.length !== n) fail('INVALID_SHAPE', `There are ${weights.length} weights, but A has ${n} rows.`);
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    if (!(weights[i] >= 0 && weights[i] < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `Weights are finite and at least 0, but that of row ${i + 1} is ${weights[i]}.`);
    }
    out[i] = Math.sqrt(weights[i]);
  }
  return out;
}

/** The largest power of two that is at most the value; 1 for 0. */
export function powerOfTwo(value: number): number {
  if (!(value > 0)) return 1;
  return 2 ** Math.max(-1000, Math.min(1000, Math.floor(Math.log2(value))));
}
