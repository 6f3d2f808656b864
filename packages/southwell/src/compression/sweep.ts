import { gemmWorkBytes } from '@southwell/kernels';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { cholesky } from '@southwell/numerics/linalg';
import { dampedMoments, type InputMoments } from './moments.ts';

/** About how many columns have their corrections of later ones collected into one product; and within such a block. */
const [BLOCK, FEW] = [128, 16];

/** What a sweep asks for, column by column. */
export interface Rounding {
  /** Columns that belong together: blocks are multiples of them. Default 1. */
  readonly group?: number;
  /** Called before every block of columns, when W is as corrected so far. `pivots` are the diagonal of L, H⁻¹ = LLᵀ. */
  block?(from: number, to: number, pivots: Float64Array): void;
  /** Called before each column j, likewise. */
  before?(j: number, pivots: Float64Array): void;
  /** Replaces the weights of column j by the values that they are to have. */
  round(column: Float64Array, j: number): void;
}

/**
 * Optimal brain surgery on all rows at once (Frantar & Alistarh, SparseGPT, 2023; GPTQ, 2023): goes over the columns of W,
 * rounds each, and lets the columns to its right make up for the error, in the metric H = Σ x xᵀ with damping. W is changed.
 * O(rows·columns² + columns³).
 * @throws INVALID_PARAMETER if the moments have only their diagonal; SINGULAR if H without damping is singular.
 */
export function sweepColumns(
  name: string,
  W: DenseMatrix,
  moments: InputMoments,
  damping: number,
  rounding: Rounding,
): void {
  const { rows: m, cols: n } = W;
  const H = dampedMoments(name, moments, damping);
  const { arena } = W;
  const factor = factorOfInverse(H, arena);
  const pivots = Float64Array.from({ length: n }, (_, j) => factor.get(j, j));
  const { group = 1 } = rounding;
  const width = Math.ceil(BLOCK / group) * group;
  const few = Math.ceil(FEW / group) * group;
  const errors = DenseMatrix.create(m, width, { arena });
  for (let from = 0; from < n; from += width) {
    const to = Math.min(n, from + width);
    rounding.block?.(from, to, pivots);
    for (let j = from; j < to; j++) {
      rounding.before?.(j, pivots);
      const column = W.column(j);
      const error = errors.column(j - from);
      error.set(column);
      rounding.round(column, j);
      for (let i = 0; i < m; i++) error[i] = (error[i] - column[i]) / pivots[j];
      const passed = factor.column(j);
      const begin = j - ((j - from) % few);
      const end = Math.min(to, begin + few);
      for (let l = j + 1; l < end; l++) {
        const [later, f] = [W.column(l), passed[l]];
        for (let i = 0; i < m; i++) later[i] -= error[i] * f;
      }
      if (j === end - 1 && end < to)
        correct(W, errors.pointer + 8 * (begin - from) * m, factor, [begin, end], [end, to]);
    }
    if (to < n) correct(W, errors.pointer, factor, [from, to], [to, n]);
  }
  for (const used of [errors, factor, H]) used.free();
}

type Range = readonly [from: number, to: number];

/** W[:, later] −= E·L[later, done]ᵀ, where E begins at a pointer and has a column for each of those that are done. */
function correct(W: DenseMatrix, errors: number, L: DenseMatrix, done: Range, later: Range): void {
  const { rows: m, cols: n, arena } = W;
  const [width, rest] = [done[1] - done[0], later[1] - later[0]];
  const scratch = arena.scratch();
  try {
    const work = scratch.f64(gemmWorkBytes(m, rest, width) / 8).pointer;
    const passed = L.pointer + 8 * (done[0] * n + later[0]);
    const changed = W.pointer + 8 * later[0] * m;
    arena.kernels.gemm(false, true, m, rest, width, -1, errors, m, passed, n, 1, changed, m, work);
  } finally {
    scratch.release();
  }
}

/**
 * The lower triangular L with H⁻¹ = LLᵀ; its column j has what column j of W passes on to the columns after it. With the order of the
 * columns reversed, H = RRᵀ, and L is the transpose of R⁻¹, reversed: half the work of inverting H. O(2n³/3).
 */
function factorOfInverse(H: DenseMatrix, arena: DenseMatrix['arena']): DenseMatrix {
  const n = H.cols;
  const reversed = DenseMatrix.create(n, n, { fill: false });
  const last = n * n - 1;
  for (let at = 0; at <= last; at++) reversed.data[at] = H.data[last - at];
  const R = cholesky(reversed);
  const inverse = R.inverseOfL();
  const L = DenseMatrix.create(n, n, { arena });
  const [from, to] = [inverse.data, L.data];
  for (let j = 0; j < n; j++) for (let i = j; i < n; i++) to[j * n + i] = from[(n - 1 - i) * n + (n - 1 - j)];
  R.free();
  for (const used of [reversed, inverse]) used.free();
  return L;
}
