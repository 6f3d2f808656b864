import type { GemmKernels } from '../generated/dense/kernels.ts';
import type { Heap } from '../heap.ts';

export function gemm(heap: Heap): GemmKernels {
  const product =
    (memory: () => Float64Array | Float32Array, shift: number): GemmKernels['gemm'] =>
    (transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc) => {
      const a = memory();
      A >>>= shift;
      B >>>= shift;
      C >>>= shift;
      const [rowStepA, depthStepA] = transA ? [lda, 1] : [1, lda];
      const [depthStepB, colStepB] = transB ? [ldb, 1] : [1, ldb];
      const sums = new Float64Array(m); // a column of op(A)·op(B)
      for (let j = 0; j < n; j++) {
        sums.fill(0);
        for (let p = 0; p < k; p++) {
          const b = a[B + p * depthStepB + j * colStepB];
          let at = A + p * depthStepA;
          for (let i = 0; i < m; i++) {
            sums[i] += b * a[at];
            at += rowStepA;
          }
        }
        const c = C + j * ldc;
        for (let i = 0; i < m; i++) {
          a[c + i] = (beta === 0 ? 0 : beta * a[c + i]) + (alpha === 0 ? 0 : alpha * sums[i]);
        }
      }
    };
  const f32 = product(() => heap.f32, 2);
  return {
    gemm: product(() => heap.f64, 3),
    sgemm: f32,
    sgemmPack(transA, m, k, A, lda, out) {
      const a = heap.f32;
      A >>>= 2;
      out >>>= 2;
      const [across, along] = transA ? [lda, 1] : [1, lda];
      for (let p = 0; p < k; p++) for (let i = 0; i < m; i++) a[out + p * m + i] = a[A + i * across + p * along];
    },
    sgemmPacked(m, n, k, A, B, ldb, C, ldc, work) {
      f32(false, false, m, n, k, 1, A, m, B, ldb, 0, C, ldc, work);
    },
    syrk(trans, n, k, A, lda, C, ldc) {
      const [across, along] = trans ? [1, lda] : [lda, 1];
      const a = heap.f64;
      A >>>= 3;
      C >>>= 3;
      for (let j = 0; j < n; j++) {
        for (let i = j; i < n; i++) {
          let sum = 0;
          for (let p = 0; p < k; p++) sum += a[A + i * across + p * along] * a[A + j * across + p * along];
          a[C + j * ldc + i] = sum;
          a[C + i * ldc + j] = sum;
        }
      }
    },
    mirrorLower(n, C, ldc) {
      const a = heap.f64;
      C >>>= 3;
      for (let j = 0; j < n; j++) for (let i = j + 1; i < n; i++) a[C + i * ldc + j] = a[C + j * ldc + i];
    },
  };
}
