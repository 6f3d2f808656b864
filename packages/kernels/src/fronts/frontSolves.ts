import type { FrontSolvesKernels } from '../generated/fronts/kernels.ts';
import type { Heap } from '../heap.ts';

export function frontSolves(heap: Heap): FrontSolvesKernels {
  return {
    solveFrontsLower(count, first, starts, rows, values, y, _sums, unit) {
      const { f64, i32 } = heap;
      const [f, p, at] = [first >>> 2, starts >>> 2, y >>> 3];
      let column = values >>> 3;
      for (let s = 0; s < count; s++) {
        const [j0, k, below] = [i32[f + s], i32[f + s + 1] - i32[f + s], i32[p + s + 1] - i32[p + s]];
        for (let c = 0; c < k; c++, column += k + below) {
          if (unit === 0) f64[at + j0 + c] /= f64[column + c];
          for (let r = c + 1; r < k; r++) f64[at + j0 + r] -= f64[column + r] * f64[at + j0 + c];
          for (let r = 0; r < below; r++) {
            f64[at + i32[(rows >>> 2) + i32[p + s] + r]] -= f64[column + k + r] * f64[at + j0 + c];
          }
        }
      }
    },
    solveFrontsUpper(count, first, starts, rows, end, y, _gathered, unit) {
      const { f64, i32 } = heap;
      const [f, p, at] = [first >>> 2, starts >>> 2, y >>> 3];
      let column = end >>> 3;
      for (let s = count - 1; s >= 0; s--) {
        const [j0, k, below] = [i32[f + s], i32[f + s + 1] - i32[f + s], i32[p + s + 1] - i32[p + s]];
        for (let c = k - 1; c >= 0; c--) {
          column -= k + below;
          for (let r = c + 1; r < k; r++) f64[at + j0 + c] -= f64[column + r] * f64[at + j0 + r];
          for (let r = 0; r < below; r++) {
            f64[at + j0 + c] -= f64[column + k + r] * f64[at + i32[(rows >>> 2) + i32[p + s] + r]];
          }
          if (unit === 0) f64[at + j0 + c] /= f64[column + c];
        }
      }
    },
  };
}
