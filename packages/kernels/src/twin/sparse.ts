import type { Heap, Kernels } from '../kernels.ts';

type Sparse = 'cscGemvT' | 'cscGemvTSubset' | 'cscGemv' | 'cscColumnStats' | 'weightedGramCsr';

export function sparse(heap: Heap): Pick<Kernels, Sparse> {
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
    weightedGramCsr(rows, rowPointers, colIndices, values, d, C, ldc) {
      const { f64, i32 } = heap;
      rowPointers >>>= 2;
      colIndices >>>= 2;
      values >>>= 3;
      d >>>= 3;
      C >>>= 3;
      for (let i = 0; i < rows; i++) {
        if (f64[d + i] === 0) continue;
        const to = i32[rowPointers + i + 1];
        for (let b = i32[rowPointers + i]; b < to; b++) {
          const s = f64[d + i] * f64[values + b];
          const column = C + i32[colIndices + b] * ldc;
          for (let a = b; a < to; a++) f64[column + i32[colIndices + a]] += s * f64[values + a];
        }
      }
    },
  };
}
