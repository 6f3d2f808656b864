import type { Heap, Kernels } from '../kernels.ts';

export function factors(heap: Heap): Pick<Kernels, 'nonnegativeDescent' | 'cscLeftProduct' | 'cscLeftProductT'> {
  return {
    nonnegativeDescent(count, k, G, ldg, Q, W, epochs, ratio) {
      const a = heap.f64;
      let passes = 0;
      for (let i = 0; i < count; i++) {
        const [q, w] = [Q / 8 + i * k, W / 8 + i * k];
        let least = 0;
        for (let epoch = 0; epoch < epochs; epoch++) {
          let fall = 0;
          for (let t = 0; t < k; t++) {
            const column = G / 8 + t * ldg;
            const curvature = a[column + t];
            const gradient = a[q + t];
            if (!(curvature > 0)) {
              if (gradient < 0) a[w + t] = 0;
              continue;
            }
            const delta = Math.max(a[w + t] + gradient / curvature, 0) - a[w + t];
            if (delta === 0) continue;
            a[w + t] += delta;
            fall += delta * (gradient - 0.5 * curvature * delta);
            for (let s = 0; s < k; s++) a[q + s] -= delta * a[column + s];
          }
          passes++;
          if (epoch === 0) least = ratio * fall;
          if (!(fall > least)) break;
        }
      }
      return passes;
    },

    cscLeftProduct(k, cols, colPointers, rowIndices, values, B, Y) {
      const { f64: a, i32 } = heap;
      a.fill(0, Y / 8, Y / 8 + k * cols);
      for (let j = 0; j < cols; j++) {
        for (let e = i32[colPointers / 4 + j]; e < i32[colPointers / 4 + j + 1]; e++) {
          const b = B / 8 + i32[rowIndices / 4 + e] * k;
          for (let t = 0; t < k; t++) a[Y / 8 + j * k + t] += a[values / 8 + e] * a[b + t];
        }
      }
    },

    cscLeftProductT(k, rows, cols, colPointers, rowIndices, values, B, Y) {
      const { f64: a, i32 } = heap;
      a.fill(0, Y / 8, Y / 8 + k * rows);
      for (let j = 0; j < cols; j++) {
        for (let e = i32[colPointers / 4 + j]; e < i32[colPointers / 4 + j + 1]; e++) {
          const y = Y / 8 + i32[rowIndices / 4 + e] * k;
          for (let t = 0; t < k; t++) a[y + t] += a[values / 8 + e] * a[B / 8 + j * k + t];
        }
      }
    },
  };
}
