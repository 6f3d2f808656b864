import type { SparseKernels } from '../generated/kernels.ts';
import type { Heap } from '../heap.ts';

export function sparse(heap: Heap): SparseKernels {
  const columnDot = (j: number, colPointers: number, rowIndices: number, values: number, r: number): number => {
    const { f64, i32 } = heap;
    const at = (colPointers >>> 2) + j;
    rowIndices >>>= 2;
    values >>>= 3;
    r >>>= 3;
    let sum = 0;
    for (let k = i32[at]; k < i32[at + 1]; k++) sum += f64[values + k] * f64[r + i32[rowIndices + k]];
    return sum;
  };
  return {
    cscGemvT(cols, colPointers, rowIndices, values, r, y) {
      for (let j = 0; j < cols; j++) heap.f64[(y >>> 3) + j] = columnDot(j, colPointers, rowIndices, values, r);
    },
    cscGemvTSubset(k, columns, colPointers, rowIndices, values, r, y) {
      for (let t = 0; t < k; t++) {
        const j = heap.i32[(columns >>> 2) + t];
        heap.f64[(y >>> 3) + t] = columnDot(j, colPointers, rowIndices, values, r);
      }
    },
    cscAddColumns(k, columns, colPointers, rowIndices, values, a, y) {
      const { f64, i32 } = heap;
      for (let t = 0; t < k; t++) {
        const x = f64[(a >>> 3) + t];
        const at = (colPointers >>> 2) + i32[(columns >>> 2) + t];
        for (let q = i32[at]; q < i32[at + 1]; q++)
          f64[(y >>> 3) + i32[(rowIndices >>> 2) + q]] += x * f64[(values >>> 3) + q];
      }
    },
    cscGemv(rows, cols, colPointers, rowIndices, values, x, y) {
      const { f64, i32 } = heap;
      colPointers >>>= 2;
      rowIndices >>>= 2;
      values >>>= 3;
      x >>>= 3;
      y >>>= 3;
      f64.fill(0, y, y + rows);
      for (let j = 0; j < cols; j++) {
        const a = f64[x + j];
        if (a === 0) continue;
        const to = i32[colPointers + j + 1];
        for (let k = i32[colPointers + j]; k < to; k++) f64[y + i32[rowIndices + k]] += a * f64[values + k];
      }
    },
    cscColumnStats(cols, colPointers, rowIndices, values, r, dots, squares) {
      const { f64, i32 } = heap;
      for (let j = 0; j < cols; j++) {
        f64[(dots >>> 3) + j] = columnDot(j, colPointers, rowIndices, values, r);
        let square = 0;
        const to = i32[(colPointers >>> 2) + j + 1];
        for (let k = i32[(colPointers >>> 2) + j]; k < to; k++) square += f64[(values >>> 3) + k] ** 2;
        f64[(squares >>> 3) + j] = square;
      }
    },
  };
}
