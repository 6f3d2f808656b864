import type { SmallestKernels } from '../generated/clustering/kernels.ts';
import type { Heap } from '../heap.ts';

export function smallest(heap: Heap): SmallestKernels {
  return {
    twoSmallest(k, count, D, ldd, shift, index, first, second) {
      const [a, out] = [heap.f32, heap.i32];
      for (let i = 0; i < count; i++) {
        let best = 0;
        let f = Number.POSITIVE_INFINITY;
        let s = Number.POSITIVE_INFINITY;
        for (let c = 0; c < k; c++) {
          const v = Math.fround(a[(D >>> 2) + i * ldd + c] + a[(shift >>> 2) + c]);
          if (v < f) [s, f, best] = [f, v, c];
          else if (v < s) s = v;
        }
        out[(index >>> 2) + i] = best;
        a[(first >>> 2) + i] = f;
        a[(second >>> 2) + i] = s;
      }
    },
  };
}
