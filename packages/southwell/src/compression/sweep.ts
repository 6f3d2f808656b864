import { gemmWorkBytes } from '@southwell/kernels';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { cholesky } from '@southwell/numerics/linalg';
import { dampedMoments, type InputMoments } from './moments.ts';

/** About how many columns have their corrections of later ones collected into one product. */
const BLOCK = 128;

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
  const inverse = cholesky(H).inverse();
  // H⁻¹ = LLᵀ: column j of L has what column j of W passes on to the columns after it.
  const { L } = cholesky(inverse);
  const pivots = Float64Array.from({ length: n }, (_, j) => L.get(j, j));
  const { arena } = W;
  const factor = arena === L.arena ? L : copyInto(arena, L);
  const { group = 1 } = rounding;
  const width = Math.ceil(BLOCK / group) * group;
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
      for (let l = j + 1; l < to; l++) {
        const [later, f] = [W.column(l), passed[l]];
        if (f !== 0) for (let i = 0; i < m; i++) later[i] -= error[i] * f;
      }
    }
    if (to < n) correctLater(W, errors, factor, from, to);
  }
  for (const used of [errors, factor, H, inverse]) used.free();
}

/** W[:, to…] −= E·L[to…, from…to)ᵀ. */
function correctLater(W: DenseMatrix, errors: DenseMatrix, L: DenseMatrix, from: number, to: number): void {
  const { rows: m, cols: n, arena } = W;
  const [width, rest] = [to - from, n - to];
  const scratch = arena.scratch();
  try {
    const work = scratch.f64(gemmWorkBytes(m, rest, width) / 8).pointer;
    const begin = L.pointer + 8 * (from * n + to);
    const later = W.pointer + 8 * to * m;
    arena.kernels.gemm(false, true, m, rest, width, -1, errors.pointer, m, begin, n, 1, later, m, work);
  } finally {
    scratch.release();
  }
}

function copyInto(arena: DenseMatrix['arena'], A: DenseMatrix): DenseMatrix {
  const copy = DenseMatrix.create(A.rows, A.cols, { fill: false, arena });
  copy.data.set(A.data);
  A.free();
  return copy;
}
