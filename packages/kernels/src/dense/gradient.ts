import type { GradientKernels } from '../generated/dense/kernels.ts';
import type { Heap } from '../heap.ts';

export function gradient(heap: Heap): GradientKernels {
  return {
    squares(n, a, x, y) {
      const h = heap.f64;
      x >>>= 3;
      y >>>= 3;
      for (let i = 0; i < n; i++) h[y + i] = a * (h[x + i] * h[x + i]);
    },
    addSignsAndTransposed(n, weight, a, W, M, G) {
      const h = heap.f64;
      W >>>= 3;
      M >>>= 3;
      G >>>= 3;
      for (let j = 0; j < n; j++) {
        for (let i = 0; i < n; i++) {
          const w = h[W + j * n + i];
          const sign = w > 0 ? weight : w < 0 ? -weight : 0;
          h[G + j * n + i] += sign + a * w * h[M + i * n + j];
        }
      }
    },
  };
}
