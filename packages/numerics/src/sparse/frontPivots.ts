import type { Arena } from '@southwell/kernels';
import { luKernels } from '@southwell/kernels/lu';

/** Panel width. */
const PANEL = 32;

/** A front with M rows and columns at `at`; its first `whole` rows and columns are fully assembled. */
export interface SquareFront {
  readonly at: number;
  readonly M: number;
  readonly whole: number;
  /** The rows and columns of the matrix to which those of the front belong; exchanged along with them. */
  readonly rowIds: Int32Array;
  readonly columnIds: Int32Array;
}

/**
 * LU factorisation of a front: eliminates those fully assembled columns that have a pivot in a fully assembled row of
 * at least `threshold` times the largest entry of the column, preferring the diagonal of A if it is acceptable. Pivots
 * are exchanged to the front. Returns their number; the remaining submatrix is updated. A zero column has a zero pivot.
 * @param lists Pointer of room for the ids, 2M integers.
 */
export function eliminateFront(
  arena: Arena,
  { at: F, M, whole, rowIds, columnIds }: SquareFront,
  lists: number,
  work: number,
  threshold: number,
): number {
  const kernels = arena.use(luKernels);
  const { f64: heap, i32 } = arena;
  const [rows, columns] = [lists / 4, lists / 4 + M];
  i32.set(rowIds, rows);
  i32.set(columnIds, columns);
  const exchangeColumns = (a: number, b: number): void => {
    for (let i = 0; i < M; i++) swap(heap, F + a * M + i, F + b * M + i);
    swap(i32, columns + a, columns + b);
  };
  /** Updates the columns to the right of a panel, from `end` on, by the steps f … k − 1. */
  const update = (f: number, k: number, end: number): void => {
    const steps = k - f;
    const rest = M - k;
    const right = M - end;
    if (steps === 0 || right === 0) return;
    const L = 8 * (F + f * M + f);
    const U = 8 * (F + end * M + f);
    arena.kernels.triangularSolve(false, true, false, true, steps, right, L, M, U, M, work);
    if (rest === 0) return;
    arena.kernels.gemm(false, false, rest, right, steps, -1, L + 8 * steps, M, U, M, 1, U + 8 * steps, M, work);
  };
  let k = 0;
  /** Columns from here on have been tried without success since the last pivot was found. */
  let limit = whole;
  let progress = false;
  while (k < whole) {
    if (k >= limit) {
      if (!progress) break;
      limit = whole;
      progress = false;
    }
    const f = k;
    const end = Math.min(k + PANEL, limit);
    // All columns of a small front are updated at once.
    const reach = M <= PANEL ? M : end;
    k = kernels.eliminatePanel(8 * F, M, whole, f, end, reach, 4 * rows, 4 * columns, threshold);
    progress ||= k > f;
    update(f, k, reach);
    if (k === f) {
      // None of the columns of this panel has a pivot: moves them to the end and tries others.
      for (let c = k, last = limit - 1; c < end && c < last; c++, last--) exchangeColumns(c, last);
      limit -= end - k;
    }
  }
  rowIds.set(i32.subarray(rows, rows + M));
  columnIds.set(i32.subarray(columns, columns + M));
  return k;
}

function swap(array: Float64Array | Int32Array, i: number, j: number): void {
  const v = array[i];
  array[i] = array[j];
  array[j] = v;
}
