import type { PairsKernels } from '../generated/kernels.ts';
import type { Heap } from '../heap.ts';

export function pairs(heap: Heap): PairsKernels {
  return {
    pairProducts(m, count, pairs, A, a, list, B, b, C, ldc) {
      const [f, w] = [heap.f32, heap.i32];
      for (let i = 0; i < count; i++) {
        const p = w[(list >>> 2) + i];
        for (let c = 0; c < m; c++) {
          let sum = 0;
          for (let t = 0; t < pairs; t++) {
            const u = w[(A >>> 2) + (c >> 3) * 8 * pairs + 8 * t + (c & 7)];
            const v = w[(B >>> 2) + p * pairs + t];
            sum += ((u << 16) >> 16) * ((v << 16) >> 16) + (u >> 16) * (v >> 16);
          }
          f[(C >>> 2) + i * ldc + c] = Math.fround(Math.fround(sum) * f[(a >>> 2) + c]) * f[(b >>> 2) + p];
        }
      }
    },
  };
}
