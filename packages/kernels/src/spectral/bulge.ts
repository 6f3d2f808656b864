import type { BulgeKernels } from '../generated/spectral/kernels.ts';
import type { Heap } from '../heap.ts';

export function bulge(heap: Heap): BulgeKernels {
  /** X ← X(I − τvvᵀ) for `rows` rows and columns from `at` on, `ld` apart; v has two or three entries. */
  const reflectColumns = (rows: number, at: number, ld: number, tau: number, v: readonly number[]): void => {
    const a = heap.f64;
    for (let i = 0; i < rows; i++) {
      let s = a[at + i] + v[1] * a[at + ld + i];
      if (v.length > 2) s += v[2] * a[at + 2 * ld + i];
      s *= tau;
      for (let c = 0; c < v.length; c++) a[at + c * ld + i] -= s * v[c];
    }
  };
  const kernels: BulgeKernels = {
    francisSweep(low, high, x, y, z, H, ldh, top, end, kept) {
      const a = heap.f64;
      H >>>= 3;
      kept >>>= 3;
      for (let k = low; k < high; k++) {
        const three = k + 2 <= high;
        const before = H + (k - 1) * ldh + k;
        if (k > low) [x, y, z] = [a[before], a[before + 1], a[before + 2]];
        if (!three) z = 0;
        const scale = Math.abs(x) + Math.abs(y) + Math.abs(z);
        if (scale === 0) {
          if (kept !== 0) a.set([three ? k : k + 0.25, 0, 0, 0], kept + 4 * (k - low));
          continue;
        }
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
        if (kept !== 0) a.set([three ? k : k + 0.25, tau, v[1], v[2] ?? 0], kept + 4 * (k - low));
      }
    },
    applyKept(rows, count, kept, Z, ldz) {
      const a = heap.f64;
      Z >>>= 3;
      kept >>>= 3;
      for (let t = 0; t < count; t++) {
        const [place, tau, v1, v2] = a.subarray(kept + 4 * t, kept + 4 * t + 4);
        const k = Math.floor(place);
        const at = Z + k * ldz;
        if (place === k) reflectColumns(rows, at, ldz, tau, [1, v1, v2]);
        else if (place === k + 0.25) reflectColumns(rows, at, ldz, tau, [1, v1]);
        else kernels.rotate(rows, 8 * at, 8 * (at + ldz), tau, v1);
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
  return kernels;
}
