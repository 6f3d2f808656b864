import type { AssemblyKernels } from '../generated/fronts/kernels.ts';
import type { Heap } from '../heap.ts';

export function assembly(heap: Heap): AssemblyKernels {
  return {
    extendAdd(side, child, map, M, parent, lower) {
      const { f64, i32 } = heap;
      const [c, m, p] = [child >>> 3, map >>> 2, parent >>> 3];
      for (let a = 0; a < side; a++) {
        for (let b = lower !== 0 ? a : 0; b < side; b++) {
          f64[p + i32[m + a] * M + i32[m + b]] += f64[c + a * side + b];
        }
      }
    },
    extendAddSplit(side, child, map, k, P, m, U, u) {
      const { f64, i32 } = heap;
      for (let a = 0; a < side; a++) {
        const c = i32[(map >>> 2) + a];
        const to = c < k ? (P >>> 3) + c * m : (U >>> 3) + (c - k) * u - k;
        for (let b = a; b < side; b++) f64[to + i32[(map >>> 2) + b]] += f64[(child >>> 3) + a * side + b];
      }
    },
    packBlock(rows, columns, from, ld, to) {
      const { f64 } = heap;
      for (let j = 0; j < columns; j++) {
        const at = (from >>> 3) + j * ld;
        f64.copyWithin((to >>> 3) + j * rows, at, at + rows);
      }
    },
  };
}
