import type { Arena } from '@southwell/kernels';

/** Panel width. */
const PANEL = 32;
/** From this many multiplications on, a product is computed by kernels. */
const LARGE = 500;

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
 */
export function eliminateFront(
  { kernels, f64: heap }: Arena,
  { at: F, M, whole, rowIds, columnIds }: SquareFront,
  row: number,
  work: number,
  threshold: number,
): number {
  // Long because its small functions share the front and are called for every column.
  const exchangeColumns = (a: number, b: number): void => {
    if (a === b) return;
    const [p, q] = [F + a * M, F + b * M];
    for (let i = 0; i < M; i++) swap(heap, p + i, q + i);
    swap(columnIds, a, b);
  };
  const exchangeRows = (a: number, b: number): void => {
    if (a === b) return;
    for (let p = F, end = F + M * M; p < end; p += M) swap(heap, p + a, p + b);
    swap(rowIds, a, b);
  };
  /** The pivot row for column c at step k; −1 if none is acceptable. */
  const pivotOf = (c: number, k: number): number => {
    const column = F + c * M;
    let best = -1;
    let most = 0;
    let diagonal = -1;
    for (let i = k; i < whole; i++) {
      const v = Math.abs(heap[column + i]);
      if (v > most) {
        most = v;
        best = i;
      }
      if (rowIds[i] === columnIds[c]) diagonal = i;
    }
    let all = most;
    for (let i = whole; i < M; i++) all = Math.max(all, Math.abs(heap[column + i]));
    if (all === 0) return diagonal >= 0 ? diagonal : k;
    if (diagonal >= 0 && Math.abs(heap[column + diagonal]) >= threshold * all) return diagonal;
    return most > 0 && most >= threshold * all ? best : -1;
  };
  const step = (k: number, end: number): void => {
    const column = F + k * M;
    const pivot = heap[column + k];
    if (pivot === 0) return;
    const rest = M - k - 1;
    for (let i = k + 1; i < M; i++) heap[column + i] /= pivot;
    const others = end - k - 1;
    if (rest === 0 || others === 0) return;
    if (rest * others > LARGE) {
      for (let j = 0; j < others; j++) heap[row / 8 + j] = heap[column + (j + 1) * M + k];
      kernels.addOuter(rest, others, -1, 8 * (column + k + 1), row, 8 * (column + M + k + 1), M);
      return;
    }
    for (let j = k + 1; j < end; j++) {
      const to = F + j * M;
      const x = heap[to + k];
      if (x === 0) continue;
      for (let i = k + 1; i < M; i++) heap[to + i] -= heap[column + i] * x;
    }
  };
  /** Updates the columns to the right of a panel, from `end` on, by the steps f … k − 1. */
  const update = (f: number, k: number, end: number): void => {
    const [steps, rest, right] = [k - f, M - k, M - end];
    if (steps === 0 || right === 0) return;
    if (steps * rest * right > LARGE) {
      const [L, U] = [8 * (F + f * M + f), 8 * (F + end * M + f)];
      kernels.triangularSolve(false, true, false, true, steps, right, L, M, U, M, work);
      if (rest === 0) return;
      kernels.gemm(false, false, rest, right, steps, -1, L + 8 * steps, M, U, M, 1, U + 8 * steps, M, work);
      return;
    }
    for (let j = end; j < M; j++) {
      const to = F + j * M;
      for (let p = f; p < k; p++) {
        const x = heap[to + p];
        if (x === 0) continue;
        const from = F + p * M;
        for (let i = p + 1; i < M; i++) heap[to + i] -= heap[from + i] * x;
      }
    }
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
    for (let c = k; c < end; ) {
      const pivot = pivotOf(c, k);
      if (pivot < 0) {
        c++;
        continue;
      }
      exchangeColumns(k, c);
      exchangeRows(k, pivot);
      step(k, end);
      k++;
      progress = true;
      c = k;
    }
    update(f, k, end);
    if (k === f) {
      // None of the columns of this panel has a pivot: moves them to the end and tries others.
      for (let c = k, last = limit - 1; c < end && c < last; c++, last--) exchangeColumns(c, last);
      limit -= end - k;
    }
  }
  return k;
}

function swap(array: Float64Array | Int32Array, i: number, j: number): void {
  const v = array[i];
  array[i] = array[j];
  array[j] = v;
}
