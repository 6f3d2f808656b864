import type { BulgeKernels } from '../generated/kernels.ts';
import type { Heap } from '../heap.ts';

export function bulge(heap: Heap): BulgeKernels {
  /** Columns from `at` on, `ld` apart, of `rows` rows: X ← X(I − τvvᵀ), v of two or three entries. */
  const reflectColumns = (rows: number, at: number, ld: number, tau: number, v: readonly number[]): void => {
    const a = heap.f64;
    for (let i = 0; i < rows; i++) {
      let s = a[at + i] + v[1] * a[at + ld + i];
      if (v.length > 2) s += v[2] * a[at + 2 * ld + i];
      s *= tau;
      for (let c = 0; c < v.length; c++) a[at + c * ld + i] -= s * v[c];
    }
  };
  return {
    francisSweep(low, high, x, y, z, H, ldh, top, end, Z, ldz, rows) {
      const a = heap.f64;
      H >>>= 3;
      Z >>>= 3;
      for (let k = low; k < high; k++) {
        const three = k + 2 <= high;
        const before = H + (k - 1) * ldh + k;
        if (k > low) [x, y, z] = [a[before], a[before + 1], a[before + 2]];
        if (!three) z = 0;
        const scale = Math.abs(x) + Math.abs(y) + Math.abs(z);
        if (scale === 0) continue;
        x /= scale;
        y /= scale;
        z /= scale;
        let norm = Math.sqrt(x * x + y * y + z * z);
        if (x > 0) norm = -norm;
        const head = x - norm;
        const tau = -head / norm;
        const v = three ? [1, y / head, z / head] : [1, y / head];
        if (k > low) {
          a[before] = norm * scale;
          a[before + 1] = 0;
          if (three) a[before + 2] = 0;
        }
        for (let j = k; j < end; j++) {
          const at = H + j * ldh + k;
          let s = a[at] + v[1] * a[at + 1];
          if (three) s += v[2] * a[at + 2];
          s *= tau;
          for (let r = 0; r < v.length; r++) a[at + r] -= s * v[r];
        }
        reflectColumns(Math.min(k + 3, high) - top + 1, H + k * ldh + top, ldh, tau, v);
        reflectColumns(rows, Z + k * ldz, ldz, tau, v);
      }
    },
    rotate(n, x, y, c, s) {
      const a = heap.f64;
      x >>>= 3;
      y >>>= 3;
      for (let i = 0; i < n; i++) {
        const [p, q] = [a[x + i], a[y + i]];
        a[x + i] = c * p + s * q;
        a[y + i] = c * q - s * p;
      }
    },
  };
}
