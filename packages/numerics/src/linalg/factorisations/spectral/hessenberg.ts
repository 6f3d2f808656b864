import { type Arena, gemmWorkBytes } from '@southwell/kernels';
import { makeReflector } from '../reflectors.ts';

/** Panel width. */
const PANEL = 32;

/**
 * A = QHQᵀ with upper Hessenberg H, for the n × n matrix at `pointer` whose rows and columns outside `low` … `high` are
 * already triangular: H is stored on and above the first subdiagonal, reflector j below row j + 1 of column low + j.
 * Returns the τ of the reflectors. Blocked as in LAPACK's dgehrd and dlahr2 (Quintana-Ortí and van de Geijn, ACM TOMS
 * 32(2), 2006). O(10n³/3).
 */
export function reduceToHessenberg(arena: Arena, pointer: number, n: number, low: number, high: number): Float64Array {
  const tau = new Float64Array(Math.max(0, high - low));
  const scratch = arena.scratch();
  try {
    const end = high + 1;
    const V = scratch.f64(n * PANEL).pointer;
    const Y = scratch.f64(n * PANEL).pointer;
    const [W, W2] = [scratch.f64(n * PANEL).pointer, scratch.f64(n * PANEL).pointer];
    const T = scratch.f64(PANEL * PANEL).pointer;
    const row = scratch.f64(PANEL).pointer;
    const work = scratch.f64(gemmWorkBytes(n, n, n) / 8).pointer;
    const { kernels } = arena;
    const heap = arena.f64;
    const at = (i: number, j: number) => pointer + 8 * (j * n + i);
    const t = T / 8;
    for (let k = low; k < high; k += PANEL) {
      const size = Math.min(PANEL, high - k);
      const m = end - k - 1;
      const v = (i: number, c: number) => V + 8 * (c * m + i);
      const y = (i: number, c: number) => Y + 8 * (c * m + i);
      for (let i = 0; i < size; i++) {
        const b = at(k + 1, k + i);
        if (i > 0) {
          for (let c = 0; c < i; c++) heap[row / 8 + c] = heap[v(i - 1, c) / 8];
          kernels.gemv(m, i, -1, Y, m, row, 1, b);
          kernels.gemvT(m, i, V, m, b, row);
          // row ← Tᵀ·row, from the last entry on.
          for (let c = i - 1; c >= 0; c--) {
            let sum = 0;
            for (let r = 0; r <= c; r++) sum += heap[t + c * PANEL + r] * heap[row / 8 + r];
            heap[row / 8 + c] = sum;
          }
          kernels.gemv(m, i, -1, V, m, row, 1, b);
        }
        const x = b / 8 + i;
        const factor = makeReflector(kernels, heap, m - i, x);
        tau[k - low + i] = factor;
        const vi = v(0, i) / 8;
        heap.fill(0, vi, vi + i);
        heap[vi + i] = 1;
        heap.copyWithin(vi + i + 1, x + 1, x + m - i);
        kernels.gemv(m, m - i, 1, at(k + 1, k + i + 1), n, v(i, i), 0, y(0, i));
        if (i > 0) {
          kernels.gemvT(m, i, V, m, v(0, i), row);
          kernels.gemv(m, i, -1, Y, m, row, 1, y(0, i));
          for (let r = 0; r < i; r++) {
            let sum = 0;
            for (let c = r; c < i; c++) sum += heap[t + c * PANEL + r] * heap[row / 8 + c];
            heap[t + i * PANEL + r] = -factor * sum;
          }
        }
        for (let r = i + 1; r < size; r++) heap[t + i * PANEL + r] = 0;
        heap[t + i * PANEL + i] = factor;
        for (let r = y(0, i) / 8; r < y(m, i) / 8; r++) heap[r] *= factor;
      }
      // Applies the panel from the right: to the rows above it, then to the columns to the right of it in its own rows.
      const above = k + 1;
      kernels.gemm(false, false, above, size, m, 1, at(0, k + 1), n, V, m, 0, W, above, work);
      kernels.gemm(false, false, above, size, size, 1, W, above, T, PANEL, 0, W2, above, work);
      kernels.gemm(false, true, above, m, size, -1, W2, above, V, m, 1, at(0, k + 1), n, work);
      const behind = end - k - size;
      kernels.gemm(false, true, m, behind, size, -1, Y, m, v(size - 1, 0), m, 1, at(k + 1, k + size), n, work);
      // Applies the panel from the left.
      const cols = n - k - size;
      const C = at(k + 1, k + size);
      kernels.gemm(true, false, size, cols, m, 1, V, m, C, n, 0, W, size, work);
      kernels.gemm(true, false, size, cols, size, 1, T, PANEL, W, size, 0, W2, size, work);
      kernels.gemm(false, false, m, cols, size, -1, V, m, W2, size, 1, C, n, work);
    }
  } finally {
    scratch.release();
  }
  return tau;
}
