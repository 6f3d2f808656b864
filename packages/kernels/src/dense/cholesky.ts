import type { CholeskyKernels } from '../generated/dense/kernels.ts';
import type { Heap } from '../heap.ts';

export function cholesky(heap: Heap): CholeskyKernels {
  const kernels: CholeskyKernels = {
    potrf(n, A, lda) {
      const a = heap.f64;
      A >>>= 3;
      for (let j = 0; j < n; j++) {
        const column = A + j * lda;
        for (let k = 0; k < j; k++) {
          const l = a[A + k * lda + j];
          for (let i = j; i < n; i++) a[column + i] -= l * a[A + k * lda + i];
        }
        if (!(a[column + j] > 0)) return j + 1;
        const root = Math.sqrt(a[column + j]);
        for (let i = j; i < n; i++) a[column + i] /= root;
        a[column + j] = root;
      }
      return 0;
    },
    trsm(m, n, L, ldl, B, ldb) {
      const a = heap.f64;
      L >>>= 3;
      B >>>= 3;
      for (let j = 0; j < n; j++) {
        for (let i = 0; i < m; i++) {
          let s = a[B + j * ldb + i];
          for (let k = 0; k < j; k++) s -= a[B + k * ldb + i] * a[L + k * ldl + j];
          a[B + j * ldb + i] = s / a[L + j * ldl + j];
        }
      }
    },
    forwardSolve(n, L, ldl, b) {
      const a = heap.f64;
      L >>>= 3;
      b >>>= 3;
      for (let j = 0; j < n; j++) {
        const x = (a[b + j] /= a[L + j * ldl + j]);
        for (let i = j + 1; i < n; i++) a[b + i] -= x * a[L + j * ldl + i];
      }
    },
    backwardSolve(n, L, ldl, b) {
      const a = heap.f64;
      L >>>= 3;
      b >>>= 3;
      for (let j = n - 1; j >= 0; j--) {
        let s = a[b + j];
        for (let i = j + 1; i < n; i++) s -= a[L + j * ldl + i] * a[b + i];
        a[b + j] = s / a[L + j * ldl + j];
      }
    },
    cholSolve(n, L, ldl, b) {
      kernels.forwardSolve(n, L, ldl, b);
      kernels.backwardSolve(n, L, ldl, b);
    },
    cholDelete(n, L, ldl, k) {
      const a = heap.f64;
      L >>>= 3;
      for (let j = 0; j < k; j++) a.copyWithin(L + j * ldl + k, L + j * ldl + k + 1, L + j * ldl + n);
      for (let j = k + 1; j < n; j++) {
        const l = L + (j - 1) * ldl;
        const x = L + j * ldl;
        const r = Math.hypot(a[x + j], a[l + j]);
        const c = a[x + j] / r;
        const s = a[l + j] / r;
        a[l + j - 1] = r;
        for (let i = j + 1; i < n; i++) {
          const [u, v] = [a[x + i], a[l + i]];
          a[l + i - 1] = c * u + s * v;
          a[x + i] = c * v - s * u;
        }
      }
    },
    cholAppend(n, L, ldl, column) {
      kernels.forwardSolve(n, L, ldl, column);
      const a = heap.f64;
      L >>>= 3;
      column >>>= 3;
      let pivot = a[column + n];
      for (let j = 0; j < n; j++) pivot -= a[column + j] ** 2;
      if (pivot > 0) {
        a[column + n] = Math.sqrt(pivot);
        for (let j = 0; j <= n; j++) a[L + j * ldl + n] = a[column + j];
      }
      return pivot;
    },
  };
  return kernels;
}
