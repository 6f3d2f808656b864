import type { Level2Kernels } from '../generated/dense/kernels.ts';
import type { Heap } from '../heap.ts';

export function level2(heap: Heap): Level2Kernels {
  const columnDot = (m: number, column: number, x: number): number => {
    const a = heap.f64;
    let sum = 0;
    for (let i = 0; i < m; i++) sum += a[column + i] * a[x + i];
    return sum;
  };
  return {
    gemv(m, n, alpha, A, lda, x, beta, y) {
      const a = heap.f64;
      A >>>= 3;
      x >>>= 3;
      y >>>= 3;
      for (let i = 0; i < m; i++) a[y + i] = beta === 0 ? 0 : beta * a[y + i];
      for (let j = 0; j < n; j++) {
        if (a[x + j] === 0) continue;
        const s = alpha * a[x + j];
        for (let i = 0; i < m; i++) a[y + i] += s * a[A + j * lda + i];
      }
    },
    gemvT(m, n, A, lda, x, y) {
      for (let j = 0; j < n; j++) heap.f64[(y >>> 3) + j] = columnDot(m, (A >>> 3) + j * lda, x >>> 3);
    },
    sgemv(m, n, alpha, A, lda, x, beta, y) {
      const a = heap.f32;
      A >>>= 2;
      x >>>= 2;
      y >>>= 2;
      for (let i = 0; i < m; i++) a[y + i] = beta === 0 ? 0 : beta * a[y + i];
      for (let j = 0; j < n; j++) {
        if (a[x + j] === 0) continue;
        const s = Math.fround(alpha * a[x + j]);
        for (let i = 0; i < m; i++) a[y + i] += s * a[A + j * lda + i];
      }
    },
    sgemvT(m, n, A, lda, x, y) {
      const a = heap.f32;
      A >>>= 2;
      x >>>= 2;
      y >>>= 2;
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let i = 0; i < m; i++) sum += a[A + j * lda + i] * a[x + i];
        a[y + j] = sum;
      }
    },
    gemvTSubset(m, k, columns, A, lda, x, y) {
      for (let t = 0; t < k; t++) {
        const j = heap.i32[(columns >>> 2) + t];
        heap.f64[(y >>> 3) + t] = columnDot(m, (A >>> 3) + j * lda, x >>> 3);
      }
    },
    columnStats(m, n, A, lda, r, dots, squares) {
      for (let j = 0; j < n; j++) {
        const column = (A >>> 3) + j * lda;
        heap.f64[(dots >>> 3) + j] = columnDot(m, column, r >>> 3);
        heap.f64[(squares >>> 3) + j] = columnDot(m, column, column);
      }
    },
    weightedStats(m, k, columns, A, lda, d, sums, squares) {
      const a = heap.f64;
      for (let t = 0; t < k; t++) {
        const column = (A >>> 3) + heap.i32[(columns >>> 2) + t] * lda;
        let sum = 0;
        let square = 0;
        for (let i = 0; i < m; i++) {
          const wx = a[(d >>> 3) + i] * a[column + i];
          sum += wx;
          square += wx * a[column + i];
        }
        a[(sums >>> 3) + t] = sum;
        a[(squares >>> 3) + t] = square;
      }
    },
    transpose(m, n, A, lda, B, ldb) {
      const a = heap.f64;
      for (let j = 0; j < n; j++) for (let i = 0; i < m; i++) a[(B >>> 3) + i * ldb + j] = a[(A >>> 3) + j * lda + i];
    },
  };
}
