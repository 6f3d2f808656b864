import type { FactorsKernels } from '../generated/factorisation/kernels.ts';
import type { Heap } from '../heap.ts';

export function factors(heap: Heap): FactorsKernels {
  return {
    nonnegativeDescent(count, k, G, ldg, Q, W, epochs, ratio) {
      const a = heap.f64;
      let passes = 0;
      for (let i = 0; i < count; i++) {
        const [q, w] = [Q / 8 + i * k, W / 8 + i * k];
        let least = 0;
        for (let epoch = 0; epoch < epochs; epoch++) {
          let fall = 0;
          for (let t = 0; t < k; t++) {
            const column = G / 8 + t * ldg;
            const curvature = a[column + t];
            const gradient = a[q + t];
            if (!(curvature > 0)) {
              if (gradient < 0) a[w + t] = 0;
              continue;
            }
            const delta = Math.max(a[w + t] + gradient / curvature, 0) - a[w + t];
            if (delta === 0) continue;
            a[w + t] += delta;
            fall += delta * (gradient - 0.5 * curvature * delta);
            for (let s = 0; s < k; s++) a[q + s] -= delta * a[column + s];
          }
          passes++;
          if (epoch === 0) least = ratio * fall;
          if (!(fall > least)) break;
        }
      }
      return passes;
    },

    conjugateSteps(count, k, pointers, indices, weights, F, X, r, lambda, steps, work) {
      const { f64: a, i32 } = heap;
      const [s, p, y] = [work / 8, work / 8 + k, work / 8 + 2 * k];
      let [made, visited] = [0, 0];
      for (let i = 0; i < count; i++) {
        const [from, to] = [i32[pointers / 4 + i], i32[pointers / 4 + i + 1]];
        const x = X / 8 + i * k;
        const row = (e: number) => F / 8 + i32[indices / 4 + e] * k;
        const weight = (e: number) => (weights ? a[weights / 8 + e] : 1);
        let [gamma, first] = [0, 0];
        for (let q = 0; q < Math.min(steps, k) && from < to; q++) {
          for (let t = 0; t < k; t++) a[s + t] = -lambda * a[x + t];
          for (let e = from; e < to; e++) {
            const v = weight(e) * a[r / 8 + e];
            for (let t = 0; t < k; t++) a[s + t] += v * a[row(e) + t];
          }
          let next = 0;
          for (let t = 0; t < k; t++) next += a[s + t] ** 2;
          if (q === 0) first = next;
          if (!(next > 1e-24 * first)) break;
          for (let t = 0; t < k; t++) a[p + t] = a[s + t] + (q === 0 ? 0 : (next / gamma) * a[p + t]);
          gamma = next;
          let curvature = 0;
          for (let t = 0; t < k; t++) curvature += lambda * a[p + t] ** 2;
          for (let e = from; e < to; e++) {
            let dot = 0;
            for (let t = 0; t < k; t++) dot += a[row(e) + t] * a[p + t];
            a[y + e - from] = dot;
            curvature += weight(e) * dot * dot;
          }
          if (!(curvature > 0)) break;
          const alpha = gamma / curvature;
          for (let t = 0; t < k; t++) a[x + t] += alpha * a[p + t];
          for (let e = from; e < to; e++) a[r / 8 + e] -= alpha * a[y + e - from];
          made++;
          visited += to - from;
        }
      }
      a[work / 8] = visited;
      return made;
    },

    cscLeftProduct(k, cols, colPointers, rowIndices, values, B, Y) {
      const { f64: a, i32 } = heap;
      a.fill(0, Y / 8, Y / 8 + k * cols);
      for (let j = 0; j < cols; j++) {
        for (let e = i32[colPointers / 4 + j]; e < i32[colPointers / 4 + j + 1]; e++) {
          const b = B / 8 + i32[rowIndices / 4 + e] * k;
          for (let t = 0; t < k; t++) a[Y / 8 + j * k + t] += a[values / 8 + e] * a[b + t];
        }
      }
    },

    cscLeftProductT(k, rows, cols, colPointers, rowIndices, values, B, Y) {
      const { f64: a, i32 } = heap;
      a.fill(0, Y / 8, Y / 8 + k * rows);
      for (let j = 0; j < cols; j++) {
        for (let e = i32[colPointers / 4 + j]; e < i32[colPointers / 4 + j + 1]; e++) {
          const y = Y / 8 + i32[rowIndices / 4 + e] * k;
          for (let t = 0; t < k; t++) a[y + t] += a[values / 8 + e] * a[B / 8 + j * k + t];
        }
      }
    },
  };
}
