import type { PreparationKernels } from '../generated/lu/kernels.ts';
import type { Heap } from '../heap.ts';

export function preparation(heap: Heap): PreparationKernels {
  return {
    symmetryCounts(n, pointers, rows, _starts, _list, _seen, out) {
      const { i32 } = heap;
      const [p, r] = [pointers >>> 2, rows >>> 2];
      const columns = Array.from({ length: n }, (_, j) => new Set(i32.subarray(r + i32[p + j], r + i32[p + j + 1])));
      let [both, off, diagonal] = [0, 0, 0];
      columns.forEach((list, j) => {
        for (const i of list) {
          if (i === j) diagonal++;
          else {
            off++;
            if (columns[i].has(j)) both++;
          }
        }
      });
      i32.set([both, off, diagonal], out >>> 2);
    },
    rowSizes(n, entries, rows, values, most, sums) {
      const { f64, i32 } = heap;
      const [r, v, m, s] = [rows >>> 2, values >>> 3, most >>> 3, sums >>> 3];
      f64.fill(0, m, m + n);
      f64.fill(0, s, s + n);
      for (let k = 0; k < entries; k++) f64[m + i32[r + k]] = Math.max(f64[m + i32[r + k]], Math.abs(f64[v + k]));
      for (let k = 0; k < entries; k++) {
        if (f64[v + k] !== 0) f64[s + i32[r + k]] += Math.abs(f64[v + k]) / f64[m + i32[r + k]];
      }
    },
    scaleRows(n, entries, rows, values, scales, scaled, counts) {
      const { f64, i32 } = heap;
      const [r, c] = [rows >>> 2, counts >>> 2];
      i32.fill(0, c, c + n);
      for (let k = 0; k < entries; k++) {
        f64[(scaled >>> 3) + k] = f64[(values >>> 3) + k] * f64[(scales >>> 3) + i32[r + k]];
        i32[c + i32[r + k]]++;
      }
    },
  };
}
