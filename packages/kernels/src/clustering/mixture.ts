import type { MixtureKernels } from '../generated/clustering/kernels.ts';
import type { Heap } from '../heap.ts';

export function mixture(heap: Heap): MixtureKernels {
  return {
    logDensities(d, n, X, mean, f, peak, out) {
      const h = heap.f64;
      for (let p = 0; p < n; p++) {
        let sum = 0;
        for (let j = 0; j < d; j++) {
          sum += (h[(X >>> 3) + p * d + j] - h[(mean >>> 3) + j]) ** 2 * h[(f >>> 3) + j];
        }
        h[(out >>> 3) + p] = peak - 0.5 * sum;
      }
    },
    centreWeighted(d, n, X, mean, w, out) {
      const h = heap.f64;
      let count = 0;
      for (let p = 0; p < n; p++) {
        const share = h[(w >>> 3) + p];
        if (!(share > 0)) continue;
        const root = Math.sqrt(share);
        for (let j = 0; j < d; j++) {
          h[(out >>> 3) + count * d + j] = root * (h[(X >>> 3) + p * d + j] - h[(mean >>> 3) + j]);
        }
        count++;
      }
      return count;
    },
    addWeightedSquares(d, n, X, mean, w, s) {
      const h = heap.f64;
      for (let p = 0; p < n; p++) {
        const share = h[(w >>> 3) + p];
        for (let j = 0; j < d; j++) {
          h[(s >>> 3) + j] += (h[(X >>> 3) + p * d + j] - h[(mean >>> 3) + j]) ** 2 * share;
        }
      }
    },
    posteriors(n, k, r, ratios, sums) {
      const h = heap.f64;
      const from = r >>> 3;
      let [total, weighted] = [0, 0];
      for (let p = 0; p < n; p++) {
        let most = Number.NEGATIVE_INFINITY;
        for (let c = 0; c < k; c++) most = Math.max(most, h[from + c * n + p]);
        let [sum, other] = [0, 0];
        for (let c = 0; c < k; c++) {
          const x = h[from + c * n + p] - most;
          const e = x > -708 ? Math.exp(x) : 0;
          h[from + c * n + p] = e;
          sum += e;
          other += e * h[(ratios >>> 3) + c];
        }
        for (let c = 0; c < k; c++) h[from + c * n + p] /= sum;
        total += most + Math.log(sum);
        weighted += most + Math.log(Math.max(other, 1e-300));
      }
      h[sums >>> 3] = weighted;
      return total;
    },
  };
}
