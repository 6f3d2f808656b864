import type { SquaredKernels } from '../generated/models/kernels.ts';
import type { Heap } from '../heap.ts';

export function squared(heap: Heap): SquaredKernels {
  return {
    squaredDerivatives(n, y, w, eta, v, d, sums) {
      const a = heap.f64;
      let [sum, sumV, size, sumD] = [0, 0, 0, 0];
      for (let i = 0; i < n; i++) {
        const r = a[(y >>> 3) + i] - a[(eta >>> 3) + i];
        const wi = a[(w >>> 3) + i];
        const wr = wi * r;
        a[(v >>> 3) + i] = wr;
        a[(d >>> 3) + i] = wi;
        sum += wr * r;
        sumV += wr;
        size += Math.abs(wr);
        sumD += wi;
      }
      a.set([sumV, size, sumD], sums >>> 3);
      return 0.5 * sum;
    },

    squaredConjugate(n, y, w, v, s) {
      const a = heap.f64;
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const u = s * a[(v >>> 3) + i];
        const wi = a[(w >>> 3) + i];
        if (wi > 0) sum += (0.5 * u * u) / wi - a[(y >>> 3) + i] * u;
      }
      return sum;
    },
  };
}
