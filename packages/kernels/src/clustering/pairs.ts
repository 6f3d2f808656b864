import type { PairsKernels } from '../generated/clustering/kernels.ts';
import type { Heap } from '../heap.ts';

export function pairs(heap: Heap): PairsKernels {
  return {
    largestMagnitude(d, x) {
      let most = 0;
      for (let j = 0; j < d; j++) most = Math.max(most, Math.abs(heap.f64[(x >>> 3) + j]));
      return most;
    },
    wholeNumbers(d, x, times, out, stride) {
      const [f, w] = [heap.f64, heap.i32];
      const errors = [0, 0];
      const whole = (j: number): number => {
        const v = f[(x >>> 3) + j] * times;
        const down = Math.floor(v);
        const half = v - down;
        const near = half < 0.5 || (half === 0.5 && down % 2 === 0) ? down : down + 1;
        errors[j & 1] += (v - near) * (v - near);
        return near;
      };
      for (let t = 0; 2 * t + 1 < d; t++)
        w[(out >>> 2) + t * stride] = (whole(2 * t) & 0xffff) | (whole(2 * t + 1) << 16);
      if (d % 2 === 0) return errors[0] + errors[1];
      const sum = errors[0] + errors[1];
      errors[0] = 0;
      w[(out >>> 2) + (d >> 1) * stride] = whole(d - 1) & 0xffff;
      return sum + errors[0];
    },
    wholeSquare(pairs, words) {
      let sum = 0;
      for (let t = 0; t < pairs; t++) {
        const v = heap.i32[(words >>> 2) + t];
        sum += ((v << 16) >> 16) ** 2 + (v >> 16) ** 2;
      }
      return sum;
    },
    pairProducts(m, count, pairs, A, a, list, B, b, C, ldc) {
      const [f, w] = [heap.f32, heap.i32];
      for (let i = 0; i < count; i++) {
        const p = w[(list >>> 2) + i];
        for (let c = 0; c < m; c++) {
          let sum = 0;
          for (let t = 0; t < pairs; t++) {
            const u = w[(A >>> 2) + (c >> 3) * 8 * pairs + 8 * t + (c & 7)];
            const v = w[(B >>> 2) + p * pairs + t];
            sum += ((u << 16) >> 16) * ((v << 16) >> 16) + (u >> 16) * (v >> 16);
          }
          f[(C >>> 2) + i * ldc + c] = Math.fround(Math.fround(sum) * f[(a >>> 2) + c]) * f[(b >>> 2) + p];
        }
      }
    },
  };
}
