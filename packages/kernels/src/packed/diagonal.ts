import type { DiagonalKernels } from '../generated/packed/kernels.ts';
import type { Heap } from '../heap.ts';

export function diagonal(heap: Heap): DiagonalKernels {
  return {
    blocksTimes(b, count, blocks, n, x, y) {
      const { f32 } = heap;
      for (let i = 0; i < count * b; i++) {
        const first = i - (i % b);
        let sum = 0;
        for (let j = first; j < Math.min(first + b, n); j++)
          sum += f32[(blocks >>> 2) + j * b + (i % b)] * f32[(x >>> 2) + j];
        f32[(y >>> 2) + i] = sum;
      }
    },
  };
}
