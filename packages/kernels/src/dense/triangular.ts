import type { TriangularKernels } from '../generated/dense/kernels.ts';
import type { Heap } from '../heap.ts';

export function triangular(heap: Heap): TriangularKernels {
  return {
    triangularSolve(right, lower, trans, unit, m, n, T, ldt, B, ldb) {
      const a = heap.f64;
      T >>>= 3;
      B >>>= 3;
      const [rs, cs] = trans ? [ldt, 1] : [1, ldt];
      const forward = (lower !== trans) !== right;
      const size = right ? n : m;
      // X·op(T) = B is equivalent to op(T)ᵀXᵀ = Bᵀ.
      const [tr, tc] = right ? [cs, rs] : [rs, cs];
      const [along, across, count] = right ? [ldb, 1, m] : [1, ldb, n];
      for (let c = 0; c < count; c++) {
        const b = B + c * across;
        for (let s = 0; s < size; s++) {
          const j = forward ? s : size - 1 - s;
          if (!unit) a[b + j * along] /= a[T + j * (tr + tc)];
          const x = a[b + j * along];
          const [from, to] = forward ? [j + 1, size] : [0, j];
          for (let i = from; i < to; i++) a[b + i * along] -= a[T + i * tr + j * tc] * x;
        }
      }
    },
    addLower(n, k, alpha, A, lda, B, ldb, C, ldc) {
      const a = heap.f64;
      A >>>= 3;
      B >>>= 3;
      C >>>= 3;
      for (let j = 0; j < n; j++) {
        for (let i = j; i < n; i++) {
          let sum = 0;
          for (let p = 0; p < k; p++) sum += a[A + p * lda + i] * a[B + p * ldb + j];
          a[C + j * ldc + i] += alpha * sum;
        }
      }
    },
    addOuter(m, n, alpha, x, y, A, lda) {
      const a = heap.f64;
      x >>>= 3;
      y >>>= 3;
      A >>>= 3;
      for (let j = 0; j < n; j++) {
        const s = alpha * a[y + j];
        for (let i = 0; i < m; i++) a[A + j * lda + i] += s * a[x + i];
      }
    },
    symv(n, A, lda, x, y) {
      const a = heap.f64;
      A >>>= 3;
      x >>>= 3;
      y >>>= 3;
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += a[A + Math.min(i, j) * lda + Math.max(i, j)] * a[x + j];
        a[y + i] = sum;
      }
    },
  };
}
