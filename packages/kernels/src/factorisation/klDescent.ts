import type { KlDescentKernels } from '../generated/factorisation/kernels.ts';
import type { Heap } from '../heap.ts';

export function klDescent(heap: Heap): KlDescentKernels {
  return {
    klDescent(_rows, cols, k, colPointers, rowIndices, values, G, sums, F, l1, l2, passes, tol, longest, work, loss) {
      const { f64: a, i32 } = heap;
      const [x, y, h] = [work / 8, work / 8 + longest, work / 8 + 2 * longest];
      const constants = sums / 8;
      let violation = 0;
      let lost = 0;
      for (let j = 0; j < cols; j++) {
        const f = F / 8 + j * k;
        let m = 0;
        for (let e = i32[colPointers / 4 + j]; e < i32[colPointers / 4 + j + 1]; e++) {
          if (a[values / 8 + e] === 0) continue;
          a[x + m] = a[values / 8 + e];
          let sum = 0;
          for (let t = 0; t < k; t++) {
            const v = a[G / 8 + i32[rowIndices / 4 + e] * k + t];
            a[h + t * longest + m] = v;
            sum += v * a[f + t];
          }
          a[y + m++] = sum;
        }
        for (let pass = 0; pass < passes; pass++) {
          let moved = 0;
          for (let t = 0; t < k; t++) {
            const at = h + t * longest;
            const old = a[f + t];
            const constant = a[constants + t] + l1;
            const rise = constant + l2 * old;
            let first = rise;
            let second = l2;
            for (let e = 0; e < m; e++) {
              const ratio = a[at + e] / a[y + e];
              first -= a[x + e] * ratio;
              second += a[x + e] * ratio * ratio;
            }
            if (pass === 0 && (old > 0 || first < 0)) violation += Math.abs(first);
            let next = old;
            if (first <= 0) {
              if (second > 0) next = old - first / second;
            } else if (old !== 0) {
              let slope = constant;
              for (let e = 0; e < m; e++) {
                const rest = a[y + e] - old * a[at + e];
                if (a[at + e] > 0 && !(rest > 1e-12 * a[y + e])) slope = Number.NEGATIVE_INFINITY;
                else slope -= (a[x + e] * a[at + e]) / rest;
              }
              if (slope >= 0) next = 0;
              else if (slope === Number.NEGATIVE_INFINITY) next = (old * (rise - first)) / rise;
              else next = (old * slope) / (slope - first);
            }
            const delta = next - old;
            if (delta === 0 || !Number.isFinite(next)) continue;
            a[f + t] = next;
            moved = Math.max(moved, Math.abs(delta) / (next + old));
            for (let e = 0; e < m; e++) a[y + e] += delta * a[at + e];
          }
          if (moved < tol) break;
        }
        if (loss === 0) continue;
        for (let e = 0; e < m; e++) {
          let sum = 0;
          for (let t = 0; t < k; t++) sum += a[h + t * longest + e] * a[f + t];
          const v = a[x + e];
          const ratio = v / sum;
          // If x/y underflows, its logarithm times x is negligible.
          lost += (ratio > 0 ? v * Math.log(ratio) : 0) - v;
        }
        for (let t = 0; t < k; t++) lost += a[constants + t] * a[f + t];
      }
      if (loss !== 0) a[loss / 8] = lost;
      return violation;
    },
  };
}
