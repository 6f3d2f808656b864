import type { Heap, Kernels } from '../kernels.ts';

export function level1(heap: Heap): Pick<Kernels, 'dot' | 'axpy'> {
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
