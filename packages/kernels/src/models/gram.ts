import type { GramKernels } from '../generated/models/kernels.ts';
import type { Heap } from '../heap.ts';

export function gram(heap: Heap): GramKernels {
  const listed = (columns: number, k: number) => heap.i32.subarray(columns >>> 2, (columns >>> 2) + k);
  return {
    columnMeans(n, k, columns, X, ldx, d, sumD, out) {
      const a = heap.f64;
      listed(columns, k).forEach((j, t) => {
        const x = (X >>> 3) + j * ldx;
        let sum = 0;
        for (let i = 0; i < n; i++) sum += a[x + i] * a[(d >>> 3) + i];
        a[(out >>> 3) + t] = sum / sumD;
      });
    },

    packColumns(n, k, columns, X, ldx, scale, means, root, P, ldp) {
      const a = heap.f64;
      listed(columns, k).forEach((j, t) => {
        const x = (X >>> 3) + j * ldx;
        const s = a[(scale >>> 3) + j];
        const mean = a[(means >>> 3) + t];
        for (let i = 0; i < n; i++) {
          a[(P >>> 3) + t * ldp + i] = (a[x + i] - mean) * s * (root ? a[(root >>> 3) + i] : 1);
        }
      });
    },

    columnGram(n, m, from, columns, X, ldx, scale, means, root, share, G, ldg, _, target) {
      const a = heap.f64;
      const packed = Array.from(listed(columns, m), (j, t) => {
        const x = (X >>> 3) + j * ldx;
        const [s, mean] = [a[(scale >>> 3) + j], a[(means >>> 3) + t]];
        return Float64Array.from({ length: n }, (_, i) => (a[x + i] - mean) * s * (root ? a[(root >>> 3) + i] : 1));
      });
      if (target !== 0 && from < m) {
        const [v, sums] = [target >>> 3, (target >>> 3) + n];
        listed(columns, m).forEach((j, t) => {
          const [x, s, mean] = [(X >>> 3) + j * ldx, a[(scale >>> 3) + j], a[(means >>> 3) + t]];
          let sum = 0;
          for (let i = 0; i < n; i++) sum += a[v + i] * (a[x + i] - mean) * s;
          a[sums + t] = sum;
        });
      }
      G >>>= 3;
      for (let t = from; t < m; t++) {
        for (let r = 0; r <= t; r++) {
          let sum = 0;
          for (let i = 0; i < n; i++) sum += packed[t][i] * packed[r][i];
          a[G + r * ldg + t] = share * sum;
          a[G + t * ldg + r] = share * sum;
        }
      }
    },
  };
}
