import type { PassesKernels } from '../generated/models/kernels.ts';
import type { Heap } from '../heap.ts';

export function passes(heap: Heap): PassesKernels {
  const vector = (at: number, n: number) => heap.f64.subarray(at >>> 3, (at >>> 3) + n);
  return {
    followVector(n, x, last) {
      const [now, old] = [vector(x, n), vector(last, n)];
      let sum = 0;
      for (let i = 0; i < n; i++) sum += (now[i] - old[i]) ** 2;
      old.set(now);
      return sum;
    },

    weightFacts(n, d, facts) {
      const values = vector(d, n);
      const sum = values.reduce((total, w) => total + w, 0);
      const above = values.filter((w) => w > 0).length;
      vector(facts, 3).set([sum, above, values.every((w) => w === values[0]) ? 1 : 0]);
    },

    squareRoots(n, x, y) {
      vector(y, n).set(vector(x, n).map(Math.sqrt));
    },

    signsOf(n, y, signs, classes) {
      const values = vector(y, n);
      const found = [...new Set(values)].sort((a, b) => a - b);
      if (found.length > 2 || !found.every(Number.isFinite)) return 3;
      if (n === 0) return 0;
      const [low, high] = [found[0], found[found.length - 1]];
      vector(signs, n).set(values.map((v) => (v === high ? 1 : -1)));
      vector(classes, 2).set([low, high]);
      return found.length;
    },

    cscSomeRows(p, colPointers, rowIndices, values, before, period, run, first, starts, indices, kept) {
      const words = heap.i32;
      const length = 2 ** period;
      let count = 0;
      words[starts >>> 2] = 0;
      for (let j = 0; j < p; j++) {
        for (let k = words[(colPointers >>> 2) + j]; k < words[(colPointers >>> 2) + j + 1]; k++) {
          const row = before + words[(rowIndices >>> 2) + k];
          if (row % length >= run) continue;
          if (indices) {
            words[(indices >>> 2) + count] = Math.floor(row / length) * run + (row % length) - first;
            heap.f64[(kept >>> 3) + count] = heap.f64[(values >>> 3) + k];
          }
          count++;
        }
        words[(starts >>> 2) + j + 1] = count;
      }
      return count;
    },
  };
}
