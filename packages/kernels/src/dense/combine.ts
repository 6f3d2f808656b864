import type { CombineKernels } from '../generated/dense/kernels.ts';
import type { Heap } from '../heap.ts';

export function combine(heap: Heap): CombineKernels {
  const combined =
    (memory: () => Float32Array | Float64Array, shift: number): CombineKernels['combineFloats'] =>
    (n, p, x, ld, w, y) => {
      const [from, { f64 }] = [memory(), heap];
      x >>>= shift;
      w >>>= 3;
      y >>>= 3;
      let probe = 0;
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < p; j++) sum += f64[w + j] * from[x + j * ld + i];
        f64[y + i] = sum;
        probe += sum * 0;
      }
      return probe;
    };
  return {
    widen(n, x, y) {
      heap.f64.set(heap.f32.subarray(x >>> 2, (x >>> 2) + n), y >>> 3);
    },
    squareFloats(n, x) {
      const { f32 } = heap;
      x >>>= 2;
      const s = new Float64Array(8);
      const whole = n & ~7;
      for (let i = 0; i < whole; i++) s[i & 7] += f32[x + i] * f32[x + i];
      let sum = s[0] + s[2] + (s[4] + s[6]) + (s[1] + s[3] + (s[5] + s[7]));
      for (let i = whole; i < n; i++) sum += f32[x + i] * f32[x + i];
      return sum;
    },
    combineFloats: combined(() => heap.f32, 2),
    combineDoubles: combined(() => heap.f64, 3),
  };
}
