import type { LogisticKernels } from '../generated/models/kernels.ts';
import type { Heap } from '../heap.ts';

export function logistic(heap: Heap): LogisticKernels {
  return {
    sigmoids(n, bias, x) {
      const a = heap.f64;
      x >>>= 3;
      for (let i = 0; i < n; i++) a[x + i] = 1 / (1 + Math.exp(-a[x + i] - bias));
    },
    logisticDerivatives(n, y, w, eta, v, d, majorize) {
      const a = heap.f64;
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const yi = a[(y >>> 3) + i];
        const wi = a[(w >>> 3) + i];
        const m = yi * a[(eta >>> 3) + i];
        const e = Math.exp(-Math.abs(m));
        const inverse = 1 / (1 + e);
        sum += wi * (Math.log1p(e) + (m > 0 ? 0 : -m));
        a[(v >>> 3) + i] = wi * yi * (m > 0 ? e * inverse : inverse);
        a[(d >>> 3) + i] = wi * (majorize ? 0.25 : e * inverse * inverse);
      }
      return sum;
    },
    logisticConjugate(n, y, w, v, s) {
      const a = heap.f64;
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const wi = a[(w >>> 3) + i];
        if (!(wi > 0)) continue;
        const t = (s * a[(v >>> 3) + i] * a[(y >>> 3) + i]) / wi;
        if (t < -1e-12 || t > 1 + 1e-12) return Number.POSITIVE_INFINITY;
        sum += wi * ((t > 0 ? t * Math.log(t) : 0) + (t < 1 ? (1 - t) * Math.log1p(-t) : 0));
      }
      return sum;
    },
    logisticSums(n, v, d, sums) {
      const a = heap.f64;
      let [size, curved, bent] = [0, 0, 0];
      for (let i = 0; i < n; i++) {
        const vi = a[(v >>> 3) + i];
        if (vi === 0) continue;
        const di = a[(d >>> 3) + i];
        size += Math.abs(vi);
        curved += di;
        bent += (vi * vi) / di;
      }
      a.set([size, curved, bent], sums >>> 3);
    },
  };
}
