import type { SparseKernels } from '../generated/sparse/kernels.ts';
import type { Heap } from '../heap.ts';

export function sparse(heap: Heap): SparseKernels {
  // Long because it mirrors a module of the assembly: one record of its kernels, over one memory.
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
    cscWeightedStats(k, columns, colPointers, rowIndices, values, d, sums, squares) {
      const { f64, i32 } = heap;
      for (let t = 0; t < k; t++) {
        const at = (colPointers >>> 2) + i32[(columns >>> 2) + t];
        const [s, q] = [
          [0, 0],
          [0, 0],
        ];
        for (let e = i32[at]; e < i32[at + 1]; e++) {
          const x = f64[(values >>> 3) + e];
          const a = f64[(d >>> 3) + i32[(rowIndices >>> 2) + e]] * x;
          s[(e - i32[at]) & 1] += a;
          q[(e - i32[at]) & 1] += a * x;
        }
        f64[(sums >>> 3) + t] = s[0] + s[1];
        f64[(squares >>> 3) + t] = q[0] + q[1];
      }
    },
    cscTreeSums(m, k, columns, colPointers, rowIndices, values, b, pieceOf, places, nodeOf, out, stride, work) {
      const { f64, i32 } = heap;
      const squares = b === 0;
      columns >>>= 2;
      colPointers >>>= 2;
      rowIndices >>>= 2;
      values >>>= 3;
      b >>>= 3;
      pieceOf >>>= 2;
      places >>>= 2;
      nodeOf >>>= 2;
      out >>>= 3;
      work >>>= 3;
      const marks: number[] = [];
      const merge = () => {
        const to = work + (marks.length - 2) * k;
        for (let a = 0; a < k; a++) f64[to + a] += f64[to + k + a];
        marks.pop();
      };
      for (let t = 0; t < m; t++) {
        const at = colPointers + i32[columns + t];
        const end = i32[at + 1];
        for (let q = i32[at]; q < end; ) {
          const node = i32[nodeOf + i32[pieceOf + i32[rowIndices + q]]];
          marks.length = 0;
          while (q < end) {
            const piece = i32[pieceOf + i32[rowIndices + q]];
            if (i32[nodeOf + piece] !== node) break;
            const place = i32[places + piece];
            while (marks.length >= 2) {
              const last = marks[marks.length - 1];
              if (Math.clz32(marks[marks.length - 2] ^ last) <= Math.clz32(last ^ place)) break;
              merge();
            }
            const leaf = work + marks.length * k;
            marks.push(place);
            f64.fill(0, leaf, leaf + k);
            for (; q < end && i32[pieceOf + i32[rowIndices + q]] === piece; q++) {
              const x = f64[values + q];
              const from = b + i32[rowIndices + q] * k;
              for (let a = 0; a < k; a++) f64[leaf + a] += x * (squares ? x : f64[from + a]);
            }
          }
          while (marks.length >= 2) merge();
          // Turns −0 into +0, as adding pieces without entries would.
          for (let a = 0; a < k; a++) f64[out + node * stride + t * k + a] = f64[work + a] + 0;
        }
      }
    },
  };
}
