import type { SketchKernels } from '../generated/transforms/kernels.ts';
import type { Heap } from '../heap.ts';

export function sketch(heap: Heap): SketchKernels {
  return {
    hadamard(n, x) {
      const h = heap.f64;
      const start = x >>> 3;
      for (let stride = n >> 1; stride >= 1; stride >>= 1) {
        for (let from = start; from < start + n; from += 2 * stride) {
          for (let a = from; a < from + stride; a++) {
            const [u, v] = [h[a], h[a + stride]];
            h[a] = u + v;
            h[a + stride] = u - v;
          }
        }
      }
    },
    scatterRows(m, n, per, places, scales, A, lda, _rows, S, lds) {
      const [h, where] = [heap.f64, heap.i32];
      for (let j = 0; j < n; j++) {
        for (let i = 0; i < m; i++) {
          const value = h[(A >>> 3) + j * lda + i] * (scales === 0 ? 1 : h[(scales >>> 3) + i]);
          for (let t = 0; t < per; t++) {
            const place = where[(places >>> 2) + per * i + t];
            h[(S >>> 3) + j * lds + (place >>> 1)] += place & 1 ? -value : value;
          }
        }
      }
    },
  };
}
