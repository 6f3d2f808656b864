import type { ColumnSolvesKernels } from '../generated/lu/kernels.ts';
import type { Heap } from '../heap.ts';

export function columnSolves(heap: Heap): ColumnSolvesKernels {
  return {
    solveLowerColumns(count, first, starts, rows, offsets, L, y) {
      const { f64, i32 } = heap;
      const [f, p, o, at] = [first >>> 2, starts >>> 2, offsets >>> 2, y >>> 3];
      for (let s = 0; s < count; s++) {
        const [m, w] = [i32[p + s + 1] - i32[p + s], i32[f + s + 1] - i32[f + s]];
        for (let c = 0; c < w; c++) {
          for (let r = c + 1; r < m; r++) {
            const i = i32[(rows >>> 2) + i32[p + s] + r];
            f64[at + i] -= f64[(L >>> 3) + i32[o + s] + c * m + r] * f64[at + i32[f + s] + c];
          }
        }
      }
    },
    solveUpperColumns(count, first, starts, offsets, L, pointers, uRows, uValues, y) {
      const { f64, i32 } = heap;
      const [f, p, o, at] = [first >>> 2, starts >>> 2, offsets >>> 2, y >>> 3];
      for (let s = count - 1; s >= 0; s--) {
        const [m, j0] = [i32[p + s + 1] - i32[p + s], i32[f + s]];
        for (let c = i32[f + s + 1] - j0 - 1; c >= 0; c--) {
          const column = (L >>> 3) + i32[o + s] + c * m;
          f64[at + j0 + c] /= f64[column + c];
          for (let r = 0; r < c; r++) f64[at + j0 + r] -= f64[column + r] * f64[at + j0 + c];
          for (let q = i32[(pointers >>> 2) + j0 + c]; q < i32[(pointers >>> 2) + j0 + c + 1]; q++) {
            f64[at + i32[(uRows >>> 2) + q]] -= f64[(uValues >>> 3) + q] * f64[at + j0 + c];
          }
        }
      }
    },
    solveUpperColumnsTransposed(count, first, starts, offsets, L, pointers, uRows, uValues, y) {
      const { f64, i32 } = heap;
      const [f, p, o, at] = [first >>> 2, starts >>> 2, offsets >>> 2, y >>> 3];
      for (let s = 0; s < count; s++) {
        const [m, j0] = [i32[p + s + 1] - i32[p + s], i32[f + s]];
        for (let c = 0; c < i32[f + s + 1] - j0; c++) {
          const column = (L >>> 3) + i32[o + s] + c * m;
          for (let r = 0; r < c; r++) f64[at + j0 + c] -= f64[column + r] * f64[at + j0 + r];
          for (let q = i32[(pointers >>> 2) + j0 + c]; q < i32[(pointers >>> 2) + j0 + c + 1]; q++) {
            f64[at + j0 + c] -= f64[(uValues >>> 3) + q] * f64[at + i32[(uRows >>> 2) + q]];
          }
          f64[at + j0 + c] /= f64[column + c];
        }
      }
    },
    solveLowerColumnsTransposed(count, first, starts, rows, offsets, L, y) {
      const { f64, i32 } = heap;
      const [f, p, o, at] = [first >>> 2, starts >>> 2, offsets >>> 2, y >>> 3];
      for (let s = count - 1; s >= 0; s--) {
        const [m, w] = [i32[p + s + 1] - i32[p + s], i32[f + s + 1] - i32[f + s]];
        for (let c = w - 1; c >= 0; c--) {
          for (let r = c + 1; r < m; r++) {
            const i = i32[(rows >>> 2) + i32[p + s] + r];
            f64[at + i32[f + s] + c] -= f64[(L >>> 3) + i32[o + s] + c * m + r] * f64[at + i];
          }
        }
      }
    },
  };
}
