import type { ColumnsKernels } from '../generated/dense/kernels.ts';
import type { Heap } from '../heap.ts';

export function columns(heap: Heap): ColumnsKernels {
  return {
    columnSpreads(m, n, A, lda, out) {
      const { f64 } = heap;
      /** Four independent sums, the first of which takes the remainder. */
      const sums = (from: number, term: (v: number) => number) => {
        const s = [0, 0, 0, 0];
        for (let i = 0; i < (m & ~3); i++) s[i & 3] += term(f64[from + i]);
        for (let i = m & ~3; i < m; i++) s[0] += term(f64[from + i]);
        return s[0] + s[1] + (s[2] + s[3]);
      };
      for (let j = 0; j < n; j++) {
        const from = (A >>> 3) + j * lda;
        let [largest, smallest, filled] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
        for (let i = from; i < from + m; i++) {
          if (f64[i] > largest) largest = f64[i];
          if (f64[i] < smallest) smallest = f64[i];
          if (f64[i] !== 0) filled++;
        }
        const sum = sums(from, (v) => v);
        const mean = sum / m;
        const squares = sums(from, (v) => (v - mean) * (v - mean));
        f64.set([largest, smallest, filled, sum, squares], (out >>> 3) + 5 * j);
      }
    },

    columnFacts(m, n, A, lda, out) {
      const { f64 } = heap;
      for (let j = 0; j < n; j++) {
        const from = (A >>> 3) + j * lda;
        const to = (out >>> 3) + 4 * j;
        for (let i = from; i < from + m; i++) {
          const v = f64[i];
          if (!Number.isNaN(v)) f64[to]++;
          if (v === Math.floor(v)) f64[to + 1]++;
          if (v !== 0 && !Number.isNaN(v)) f64[to + 2]++;
          f64[to + 3] += v * 0;
        }
      }
    },

    centredProducts(m, n, A, lda, v, about, out) {
      const { f64 } = heap;
      for (let j = 0; j < n; j++) {
        const [from, mean] = [(A >>> 3) + j * lda, f64[(about >>> 3) + j]];
        // Four independent sums, the first of which takes the remainder.
        const s = [0, 0, 0, 0];
        for (let i = 0; i < m; i++) s[i < (m & ~3) ? i & 3 : 0] += f64[(v >>> 3) + i] * (f64[from + i] - mean);
        f64[(out >>> 3) + j] = s[0] + s[1] + (s[2] + s[3]);
      }
    },

    gatherRows(k, n, rows, A, lda, B) {
      const { f64, i32 } = heap;
      for (let j = 0; j < n; j++) {
        for (let t = 0; t < k; t++) f64[(B >>> 3) + j * k + t] = f64[(A >>> 3) + j * lda + i32[(rows >>> 2) + t]];
      }
    },
  };
}
