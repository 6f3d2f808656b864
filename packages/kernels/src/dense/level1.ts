import type { Level1Kernels } from '../generated/dense/kernels.ts';
import type { Heap } from '../heap.ts';

export function level1(heap: Heap): Level1Kernels {
  return {
    dot(n, x, y) {
      const a = heap.f64;
      x >>>= 3;
      y >>>= 3;
      let sum = 0;
      for (let i = 0; i < n; i++) sum += a[x + i] * a[y + i];
      return sum;
    },
    axpy(n, alpha, x, y) {
      const a = heap.f64;
      x >>>= 3;
      y >>>= 3;
      for (let i = 0; i < n; i++) a[y + i] += alpha * a[x + i];
    },
  };
}
