import type { BitmapKernels } from '../generated/packed/kernels.ts';
import type { Heap } from '../heap.ts';

export function bitmap(heap: Heap): BitmapKernels {
  const decode = (
    [from, to, inner, values, bits, starts]: readonly number[],
    f: (row: number, j: number, v: number) => void,
  ): void => {
    const { f32, i32 } = heap;
    const words = Math.ceil(inner / 32);
    for (let row = from; row < to; row++) {
      let at = (values >>> 2) + i32[(starts >>> 2) + row];
      for (let j = 0; j < inner; j++)
        if ((i32[(bits >>> 2) + row * words + (j >> 5)] >>> (j & 31)) & 1) f(row - from, j, f32[at++]);
    }
  };
  return {
    bitmapTimes(from, to, inner, values, bits, starts, x, y) {
      const { f32 } = heap;
      const sums = new Float64Array(to - from);
      decode([from, to, inner, values, bits, starts], (row, j, v) => {
        sums[row] += v * f32[(x >>> 2) + j];
      });
      f32.set(sums, y >>> 2);
    },
    bitmapRows(from, to, inner, values, bits, starts, y) {
      const { f32 } = heap;
      f32.fill(0, y >>> 2, (y >>> 2) + (to - from) * inner);
      decode([from, to, inner, values, bits, starts], (row, j, v) => {
        f32[(y >>> 2) + row * inner + j] = v;
      });
    },
  };
}
